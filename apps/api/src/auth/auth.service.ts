import { Injectable } from '@nestjs/common';
import { AppError, newId, type Role } from '@regatta/contracts';
import type { Request } from 'express';
import { Database } from '../database/database.js';
import type { Principal } from '../http/route.js';
import { cookieOf, csrfHeader, sessionCookie, sessionMs } from './cookies.js';
import { hashOf, matches, newSecret } from './secrets.js';

const linkMs = 10 * 60_000;
const usedEveryMs = 60_000;

/** How long a key or session that was found is taken for there still. In this process one that is revoked is forgotten at once. */
const rememberedMs = 1000;
const rememberedMost = 10_000;

interface KeyRow {
  id: string;
  name: string;
  role: string;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

interface SessionRow {
  csrfHash: string;
  expiresAt: Date;
  key: KeyRow;
}

/** Who a request comes from: an API key, or the session of a browser that was opened with one. */
@Injectable()
export class AuthService {
  private readonly keys = new Memory<KeyRow>();
  private readonly sessions = new Memory<SessionRow>();

  constructor(private readonly database: Database) {}

  /** @throws AppError unauthorized; forbidden for a write by cookie without its CSRF token */
  async authenticate(request: Request): Promise<Principal> {
    const header = request.get('authorization');
    if (header !== undefined) {
      const key = /^Bearer +(\S+)$/i.exec(header)?.[1];
      if (!key) throw new AppError('unauthorized', 'The Authorization header must be "Bearer <API key>"');
      return this.byKey(key);
    }
    const secret = cookieOf(request, sessionCookie);
    if (secret === undefined)
      throw new AppError('unauthorized', 'This call needs an API key', {
        next: 'Send it as "Authorization: Bearer <API key>"',
      });
    return this.bySession(secret, request);
  }

  async byKey(key: string): Promise<Principal> {
    const row = await this.keys.of(hashOf(key), (hash) => this.database.apiKey.findUnique({ where: { hash } }));
    if (!row) throw new AppError('unauthorized', 'This API key is not known');
    return this.principal(row);
  }

  private async bySession(secret: string, request: Request): Promise<Principal> {
    const session = await this.sessions.of(hashOf(secret), (hash) =>
      this.database.session.findUnique({ where: { hash }, include: { key: true } }),
    );
    if (!session || +session.expiresAt < Date.now())
      throw new AppError('unauthorized', 'You are signed out', { next: 'Sign in again' });
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (!reads && !matches(request.get(csrfHeader) ?? '', session.csrfHash))
      throw new AppError('forbidden', `A write by cookie must repeat its CSRF token in the header ${csrfHeader}`);
    return this.principal(session.key);
  }

  private async principal(row: KeyRow): Promise<Principal> {
    const now = Date.now();
    if (row.expiresAt && +row.expiresAt < now) throw new AppError('unauthorized', 'This API key has expired');
    if (!row.lastUsedAt || now - +row.lastUsedAt > usedEveryMs) {
      row.lastUsedAt = new Date(now);
      await this.database.apiKey.updateMany({ where: { id: row.id }, data: { lastUsedAt: row.lastUsedAt } });
    }
    return { keyId: row.id, name: row.name, role: row.role as Role };
  }

  /** Opens a session for a key. @returns the cookie's secret and the CSRF token, shown once */
  async openSession(keyId: string): Promise<{ secret: string; csrf: string }> {
    const secret = newSecret();
    const csrf = newSecret();
    const now = Date.now();
    await this.database.session.deleteMany({ where: { expiresAt: { lt: new Date(now) } } });
    await this.database.session.create({
      data: { hash: hashOf(secret), csrfHash: hashOf(csrf), keyId, expiresAt: new Date(now + sessionMs) },
    });
    return { secret, csrf };
  }

  async closeSession(secret: string): Promise<void> {
    await this.database.session.deleteMany({ where: { hash: hashOf(secret) } });
    this.forget();
  }

  /** A link that signs one browser in, once, within ten minutes. @returns its token */
  async makeSignInLink(keyId: string): Promise<{ token: string; expiresAt: Date }> {
    const token = newSecret();
    const expiresAt = new Date(Date.now() + linkMs);
    await this.database.signInLink.create({ data: { hash: hashOf(token), keyId, expiresAt } });
    return { token, expiresAt };
  }

  /** @returns the key that a link stands for; undefined when it was used before, has expired or never was */
  async useSignInLink(token: string): Promise<string | undefined> {
    const hash = hashOf(token);
    const link = await this.database.signInLink.findUnique({ where: { hash } });
    // Of two that come at once, one deletes the row.
    const { count } = await this.database.signInLink.deleteMany({ where: { hash } });
    return link && count === 1 && +link.expiresAt > Date.now() ? link.keyId : undefined;
  }

  listKeys() {
    return this.database.apiKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] });
  }

  async createKey(id: string, name: string, role: Role, hash: string, expiresAt: Date | null) {
    return this.database.apiKey.upsert({
      where: { id },
      create: { id, name, role, hash, expiresAt },
      update: { hash },
    });
  }

  /** Revokes a key and the sessions opened with it. */
  async deleteKey(id: string): Promise<void> {
    const { count } = await this.database.apiKey.deleteMany({ where: { id } });
    this.forget();
    if (count === 0) throw new AppError('not-found', `There is no API key ${id}`);
  }

  /** Replaces the bootstrap key by one with this hash. */
  async replaceBootstrapKey(hash: string): Promise<void> {
    await this.database.$transaction([
      this.database.apiKey.deleteMany({ where: { bootstrap: true } }),
      this.database.apiKey.create({
        data: { id: newId(), name: 'first admin key', role: 'admin', hash, bootstrap: true },
      }),
    ]);
    this.forget();
  }

  private forget(): void {
    this.keys.clear();
    this.sessions.clear();
  }

  async isBootstrapKey(hash: string): Promise<boolean> {
    return (await this.database.apiKey.count({ where: { hash, bootstrap: true } })) > 0;
  }
}

/** Rows by hash, for a moment each. What was not found is not remembered: a key that is made works at once. */
class Memory<Row> {
  private readonly rows = new Map<string, { row: Row; until: number }>();
  /** Counts what was forgotten: a row that was on its way meanwhile is not kept. */
  private cleared = 0;

  async of(hash: string, find: (hash: string) => Promise<Row | null>): Promise<Row | null> {
    const known = this.rows.get(hash);
    if (known && known.until > Date.now()) return known.row;
    const { cleared } = this;
    const row = await find(hash);
    if (this.rows.size >= rememberedMost) this.rows.clear();
    if (row && cleared === this.cleared) this.rows.set(hash, { row, until: Date.now() + rememberedMs });
    else this.rows.delete(hash);
    return row;
  }

  clear(): void {
    this.rows.clear();
    this.cleared += 1;
  }
}

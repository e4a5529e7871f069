import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError } from '@regatta/contracts';
import { Database, Prisma } from '../database/database.js';
import { mustBeStorable } from './input.js';
import { Reply } from './reply.js';
import type { RegattaRequest, RouteSpec } from './route.js';

const keptMs = 24 * 3600_000;
/** A request that has not answered for so long died with its process. */
const abandonedMs = 60_000;
const visibleAscii = /^[\x21-\x7e]{1,200}$/;

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same key and request get the first answer again,
 * for 24 hours. The id of what is created is fixed with the key, before anything is done, so that a repetition after a
 * crash finds what the first try left.
 */
@Injectable()
export class Idempotency implements OnModuleInit {
  constructor(private readonly database: Database) {}

  /** What was under way when this program last ended will not answer any more; taking it over is harmless (see resourceId). */
  async onModuleInit(): Promise<void> {
    await this.database.idempotencyKey.updateMany({ where: { lockedAt: { not: null } }, data: { lockedAt: null } });
  }

  /**
   * Runs `handle` once for the request's key, if it has one.
   * @param content what was sent, as JSON or as something that stands for it
   * @throws AppError invalid: the key came with another request before; conflict: its first request is still running
   */
  async once(spec: RouteSpec, request: RegattaRequest, content: unknown, handle: () => Promise<Reply>): Promise<Reply> {
    const key = request.get('idempotency-key');
    if (key === undefined) return handle();
    if (!visibleAscii.test(key))
      throw new AppError('invalid', 'Idempotency-Key must be 1 to 200 visible ASCII characters');
    mustBeStorable(content, 'body');
    const id = { keyId: request.principal?.keyId as string, key };
    const earlier = await this.reserve(id, request, fingerprintOf(request, content));
    if (earlier) return earlier;
    try {
      const reply = await handle();
      const body = keepable(reply.body, spec.shownOnce);
      const answer = { status: reply.status, headers: reply.headers, body, lockedAt: null };
      await this.database.idempotencyKey.update({ where: { keyId_key: id }, data: answer });
      return reply;
    } catch (error) {
      // Refused requests made nothing: the key is free again. After other failures the reserved id stays.
      const refused = error instanceof AppError && !error.retryable;
      if (refused) await this.database.idempotencyKey.deleteMany({ where: id });
      else await this.database.idempotencyKey.updateMany({ where: id, data: { lockedAt: null } });
      throw error;
    }
  }

  private async reserve(
    id: { keyId: string; key: string },
    request: RegattaRequest,
    fingerprint: string,
  ): Promise<Reply | undefined> {
    const now = new Date();
    await this.database.idempotencyKey.deleteMany({ where: { createdAt: { lt: new Date(+now - keptMs) } } });
    const { count } = await this.database.idempotencyKey.createMany({
      data: { ...id, fingerprint, resourceId: request.resourceId as string, lockedAt: now },
      skipDuplicates: true,
    });
    if (count === 1) return undefined;
    const row = await this.database.idempotencyKey.findUnique({ where: { keyId_key: id } });
    if (!row) return this.reserve(id, request, fingerprint);
    if (row.fingerprint !== fingerprint)
      throw new AppError('invalid', 'This Idempotency-Key was used with another request', {
        next: 'Use a new key for a new request',
      });
    if (row.status !== null)
      return new Reply(row.status, row.body ?? undefined, {
        ...(row.headers as Record<string, string>),
        'idempotent-replayed': 'true',
      });
    const taken = await this.database.idempotencyKey.updateMany({
      where: { ...id, status: null, OR: [{ lockedAt: null }, { lockedAt: { lt: new Date(+now - abandonedMs) } }] },
      data: { lockedAt: now },
    });
    if (taken.count === 0)
      throw new AppError('conflict', 'The first request with this Idempotency-Key is still running', {
        retryable: true,
      });
    request.resourceId = row.resourceId;
    return undefined;
  }
}

function fingerprintOf(request: RegattaRequest, content: unknown): string {
  const parts = [request.method, request.originalUrl, content ?? null];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function keepable(body: unknown, shownOnce: string[] = []): Prisma.InputJsonValue | typeof Prisma.DbNull {
  if (body === undefined) return Prisma.DbNull;
  const blank = Object.fromEntries(shownOnce.map((field) => [field, null]));
  return { ...(body as Prisma.InputJsonObject), ...blank };
}

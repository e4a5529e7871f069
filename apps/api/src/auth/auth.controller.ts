import { Controller, Res } from '@nestjs/common';
import type { Response } from 'express';
import { created, deleted, Reply } from '../http/reply.js';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './auth.routes.js';
import { AuthService } from './auth.service.js';
import { BootstrapKey } from './bootstrap-key.js';
import { clearCookies, cookieOf, sessionCookie, setCookies } from './cookies.js';
import { hashOf, newApiKey } from './secrets.js';

const time = (date: Date | null): string | null => date?.toISOString() ?? null;

@Controller()
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly bootstrap: BootstrapKey,
  ) {}

  @Handles(routes.getMe)
  me(@Input() { principal }: InputOf<typeof routes.getMe>) {
    return { name: principal.name, role: principal.role };
  }

  @Handles(routes.signIn)
  async signIn(
    @Input() { body, request }: InputOf<typeof routes.signIn>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const principal = await this.auth.byKey(body.apiKey);
    const { secret, csrf } = await this.auth.openSession(principal.keyId);
    setCookies(response, secret, csrf, request.secure);
    return { name: principal.name, role: principal.role };
  }

  @Handles(routes.signOut)
  async signOut(@Input() { request }: InputOf<typeof routes.signOut>, @Res({ passthrough: true }) response: Response) {
    const secret = cookieOf(request, sessionCookie);
    if (secret) await this.auth.closeSession(secret);
    clearCookies(response);
    return deleted();
  }

  @Handles(routes.useSignInLink)
  async useLink(
    @Input() { request }: InputOf<typeof routes.useSignInLink>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const { token } = request.query;
    const keyId = typeof token === 'string' ? await this.auth.useSignInLink(token) : undefined;
    if (!keyId) return new Reply(303, undefined, { location: '/sign-in?reason=link', 'cache-control': 'no-store' });
    const { secret, csrf } = await this.auth.openSession(keyId);
    setCookies(response, secret, csrf, request.secure);
    return new Reply(303, undefined, { location: '/', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  }

  @Handles(routes.createSignInLink)
  async createLink(@Input() { principal, request }: InputOf<typeof routes.createSignInLink>) {
    const { token, expiresAt } = await this.auth.makeSignInLink(principal.keyId);
    const path = `/signin?token=${token}`;
    return created(path, { url: `${request.protocol}://${request.get('host')}${path}`, expiresAt: time(expiresAt) });
  }

  @Handles(routes.createApiKey)
  async createKey(@Input() { body, resourceId }: InputOf<typeof routes.createApiKey>) {
    const key = newApiKey();
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null;
    const row = await this.auth.createKey(resourceId, body.name, body.role, hashOf(key), expiresAt);
    return created(`/api/v1/api-keys/${row.id}`, { ...answer(row), key });
  }

  @Handles(routes.listApiKeys)
  async listKeys() {
    return { items: (await this.auth.listKeys()).map(answer), nextCursor: null };
  }

  @Handles(routes.deleteApiKey)
  async deleteKey(@Input() { params }: InputOf<typeof routes.deleteApiKey>) {
    await this.auth.deleteKey(params.id);
    await this.bootstrap.renew();
    return deleted();
  }
}

type Row = Awaited<ReturnType<AuthService['listKeys']>>[number];
const answer = (row: Row) => ({
  id: row.id,
  name: row.name,
  role: row.role,
  createdAt: time(row.createdAt),
  expiresAt: time(row.expiresAt),
  lastUsedAt: time(row.lastUsedAt),
});

import { parse } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';

export const sessionCookie = 'regatta-session';
export const csrfCookie = 'regatta-csrf';
export const csrfHeader = 'x-csrf-token';

export const sessionMs = 30 * 24 * 3600_000;

export const cookieOf = (request: Request, name: string): string | undefined =>
  parse(request.headers.cookie ?? '')[name];

/** The session is out of scripts' reach; the CSRF token is what scripts of this origin repeat in a header. */
export function setCookies(response: Response, secret: string, csrf: string, secure: boolean): void {
  const options: CookieOptions = { sameSite: 'strict', path: '/', maxAge: sessionMs, secure };
  response.cookie(sessionCookie, secret, { ...options, httpOnly: true });
  response.cookie(csrfCookie, csrf, options);
}

export function clearCookies(response: Response): void {
  response.clearCookie(sessionCookie, { path: '/' });
  response.clearCookie(csrfCookie, { path: '/' });
}

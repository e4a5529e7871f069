import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** Pages of others, which bring style of their own: Swagger UI and Bull Board. */
const foreign = /^\/(api\/docs|queues)(\/|$)/i;

/** What a page's own <style> elements must carry; another one for each answer. */
export const styleNonce = (response: Response): string => {
  response.locals.styleNonce ??= randomBytes(16).toString('base64');
  return response.locals.styleNonce as string;
};

/** No script and no style but our own: files, and what carries this answer's nonce. */
const ours = policy((response) => `'nonce-${styleNonce(response)}'`);
const theirs = policy(() => "'unsafe-inline'");

/** The headers of every answer. */
export const securityHeaders = (): RequestHandler => (request, response, next) =>
  (foreign.test(request.path) ? theirs : ours)(request, response, next);

function policy(inlineStyle: (response: Response) => string) {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", (_request, response) => inlineStyle(response as Response)],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain http on loopback is the default; who puts TLS before it says so there.
    strictTransportSecurity: false,
  });
}

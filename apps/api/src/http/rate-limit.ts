import { createHash } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request, Response } from 'express';
import { ipKeyGenerator, type Options, rateLimit } from 'express-rate-limit';
import { cookieOf, sessionCookie } from '../auth/cookies.js';
import type { ApiOptions } from '../options.js';
import { ControlRedis } from '../redis/control-redis.js';
import { problemOf, sendProblem } from './problem.filter.js';
import { sharedCounts } from './shared-counts.js';

const minuteMs = 60_000;
const address = (request: Request): string => ipKeyGenerator(request.ip ?? '');

/** Whose request it is: a key's or session's, else an address's. */
function callerOf(request: Request): string {
  const secret = request.get('authorization') ?? cookieOf(request, sessionCookie);
  return secret ? createHash('sha256').update(secret).digest('base64') : address(request);
}

/**
 * Answers 429 with Retry-After to who asks too often; whether the process lives may be asked at any time. Requests are counted by each process
 * for itself: a count in the control Redis would be one more write to its disk for each request. Guesses at keys are counted there, for all
 * processes together.
 */
export function limitRates(app: NestExpressApplication, { requests, signIns }: ApiOptions['rateLimit']): void {
  const options: Partial<Options> = {
    windowMs: minuteMs,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    handler: (_request: Request, response: Response) =>
      sendProblem(response, problemOf(429, 'rate-limited', 'Too many requests within a minute')),
  };
  app.use('/api', rateLimit({ ...options, limit: requests, keyGenerator: callerOf }));
  const store = sharedCounts(app.get(ControlRedis), 'sign-ins', minuteMs);
  const signIn = rateLimit({ ...options, store, limit: signIns, keyGenerator: address });
  app.use('/api/v1/sign-in', (request: Request, response: Response, next: () => void) =>
    request.path === '/' ? signIn(request, response, next) : next(),
  );
  app.use('/signin', signIn);
}

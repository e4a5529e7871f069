import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { newId } from '@regatta/contracts';
import type { Response } from 'express';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Idempotency } from './idempotency.js';
import { Reply } from './reply.js';
import { type RegattaRequest, routeOf } from './route.js';

/** Sends what a handler returns with its status and headers; a creating POST goes through its Idempotency-Key. */
@Injectable()
export class ReplyInterceptor implements NestInterceptor {
  constructor(private readonly idempotency: Idempotency) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.answer(context, next));
  }

  private async answer(context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const spec = routeOf(context);
    const request = context.switchToHttp().getRequest<RegattaRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const handle = async (): Promise<Reply> => {
      const result: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      return result instanceof Reply ? result : new Reply(Number(Object.keys(spec.answers)[0]), result);
    };
    request.resourceId = newId();
    // An upload's content is known only when it has been received: its handler asks for itself.
    const once = spec.creates && !spec.multipart;
    const reply = once ? await this.idempotency.once(spec, request, request.body, handle) : await handle();
    if (response.headersSent) return undefined;
    response.status(reply.status).set(reply.headers);
    return reply.body;
  }
}

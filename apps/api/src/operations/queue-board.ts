import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppError, bullPrefix, queueNames } from '@regatta/contracts';
import { Queue } from 'bullmq';
import type { NextFunction, Request, Response } from 'express';
import { AuthService } from '../auth/auth.service.js';
import type { ProblemFilter } from '../http/problem.filter.js';
import { sendProblem } from '../http/problem.filter.js';
import { closeQueues } from '../redis/close-queues.js';
import { ControlRedis, connectionOptions } from '../redis/control-redis.js';

const path = '/queues';
/** Its page asks another host for fonts, which our policy refuses: it does well without. */
const foreignFonts = /<link href="https:[^>]*>/g;

/**
 * Bull Board: what lies in the job queues. It only shows: jobs are wake-ups and offers, and taking one away or
 * repeating it by hand would help no run. Its connections are made when somebody first looks.
 */
@Injectable()
export class QueueBoard implements OnApplicationShutdown {
  private queues: Queue[] = [];
  private board?: ExpressAdapter;

  constructor(private readonly redis: ControlRedis) {}

  get router() {
    this.board ??= this.make();
    return this.board.getRouter();
  }

  private make(): ExpressAdapter {
    const connection = { ...connectionOptions(this.redis.address), maxRetriesPerRequest: 1, enableOfflineQueue: false };
    this.queues = Object.values(queueNames).map((name) => new Queue(name, { prefix: bullPrefix, connection }));
    for (const queue of this.queues) queue.on('error', () => undefined);
    const serverAdapter = new ExpressAdapter();
    serverAdapter.setBasePath(path);
    createBullBoard({
      queues: this.queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
      serverAdapter,
      options: { uiConfig: { boardTitle: 'Regatta queues' } },
    });
    return serverAdapter;
  }

  async onApplicationShutdown(): Promise<void> {
    await closeQueues(...this.queues);
  }
}

/** Serves the board at /queues, to admins alone; a browser that is not signed in is led to the sign-in page. */
export function serveQueueBoard(app: NestExpressApplication, filter: ProblemFilter): void {
  app.use(path, (request: Request, response: Response, next: NextFunction) => {
    mustBeAdmin(app, request).then(
      () => {
        const send = response.send.bind(response);
        response.send = (body) => send(typeof body === 'string' ? body.replace(foreignFonts, '') : body);
        app.get(QueueBoard).router(request, response, next);
      },
      (error: unknown) => {
        const problem = filter.describe(error, request);
        const isPage = request.accepts(['json', 'html']) === 'html';
        if (problem.status === 401 && isPage) response.redirect(303, '/sign-in');
        else sendProblem(response, problem);
      },
    );
  });
}

async function mustBeAdmin(app: NestExpressApplication, request: Request): Promise<void> {
  const { role } = await app.get(AuthService).authenticate(request);
  if (role !== 'admin')
    throw new AppError('forbidden', `The queues are shown to admins; this key has the role ${role}`);
}

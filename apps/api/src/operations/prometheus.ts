import type { NestExpressApplication } from '@nestjs/platform-express';
import { bullPrefix, keys, queueNames, type Run, rankMetric } from '@regatta/contracts';
import type { NextFunction, Request, Response } from 'express';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { AuthService } from '../auth/auth.service.js';
import { Database } from '../database/database.js';
import { ProblemFilter, sendProblem } from '../http/problem.filter.js';
import { ControlRedis } from '../redis/control-redis.js';
import { unfinished } from '../runs/run-view.js';
import { WorkersService } from '../workers/workers.service.js';

/** Times every request, and tells Prometheus at /metrics: by key, or to this machine itself. */
export function servePrometheus(app: NestExpressApplication, logger: Logger): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const seconds = new Histogram({
    name: 'regatta_http_request_seconds',
    help: 'How long requests took, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const end = seconds.startTimer();
    // a path that no route takes is anybody's to choose: one label for all of them
    response.once('finish', () =>
      end({ method: request.method, route: String(request.route?.path ?? 'other'), status: response.statusCode }),
    );
    next();
  });
  const system = systemGauges(registry);
  const filter = new ProblemFilter(logger);
  app.use('/metrics', (request: Request, response: Response, next: NextFunction) => {
    if (request.path !== '/') return next();
    answer(app, request)
      .then(() => system(app))
      .then(() => registry.metrics())
      .then((text) => response.set('cache-control', 'no-store').type(registry.contentType).send(text))
      .catch((error: unknown) => sendProblem(response, filter.describe(error, request)));
  });
}

/** Who is on this machine may read; a proxy on this machine speaks for others, who need a key. */
async function answer(app: NestExpressApplication, request: Request): Promise<void> {
  const address = request.socket.remoteAddress ?? '';
  const local =
    /^(127\.|::1$|::ffff:127\.)/.test(address) && !request.get('x-forwarded-for') && !request.get('forwarded');
  if (!local) await app.get(AuthService).authenticate(request);
}

/** What is looked up at each reading. */
function systemGauges(registry: Registry): (app: NestExpressApplication) => Promise<void> {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `regatta_${name}`, help, labelNames, registers: [registry] });
  const jobs = gauge('queue_jobs', 'Jobs of a queue', ['queue', 'state']);
  const entries = gauge('stream_entries', 'Entries of the workers that are not stored yet');
  const age = gauge('worker_heartbeat_age_seconds', 'Time since the last heartbeat', ['worker', 'status']);
  const perStep = gauge('run_step_seconds', 'Time of a step, smoothed', ['run']);
  const goodput = gauge('run_goodput_ratio', 'Share of the time that went into steps that count', ['run']);
  const step = gauge('run_step', 'Steps done', ['run']);
  const exchanged = gauge('run_exchanged_bytes', 'Bytes that the ranks of a run sent and received in a step', ['run']);
  return async (app) => {
    const redis = app.get(ControlRedis);
    const names = Object.values(queueNames);
    const [counts, waiting, workers, runs] = await Promise.all([
      Promise.all(
        names.map(async (queue) => {
          const key = `${bullPrefix}:${queue}`;
          return { queue, waiting: await redis.llen(`${key}:wait`), active: await redis.llen(`${key}:active`) };
        }),
      ),
      redis.xlen(keys.stream),
      app.get(WorkersService).list(),
      app.get(Database).run.findMany({
        where: { status: unfinished },
        select: { id: true, step: true, secondsPerStep: true, goodput: true, metrics: true, workers: true },
        take: 1000,
      }),
    ]);
    for (const one of [jobs, age, perStep, goodput, step, exchanged]) one.reset();
    entries.set(waiting);
    for (const { queue, ...states } of counts)
      for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
    for (const worker of workers) age.set({ worker: worker.id, status: worker.status }, worker.heartbeatAge);
    for (const run of runs) {
      step.set({ run: run.id }, run.step);
      exchanged.set({ run: run.id }, exchangedBytes(run));
      if (run.secondsPerStep !== null) perStep.set({ run: run.id }, run.secondsPerStep);
      if (run.goodput !== null) goodput.set({ run: run.id }, run.goodput);
    }
  };
}

/** Of the ranks that it has now, in the newest step that each told of. */
function exchangedBytes({ workers, metrics }: { workers: unknown; metrics: unknown }): number {
  const ranks = (workers as Run['workers']).map(({ rank }) => rank);
  return ranks.reduce((sum, rank) => sum + ((metrics as Run['metrics'])[rankMetric(rank, 'exchangedBytes')] ?? 0), 0);
}

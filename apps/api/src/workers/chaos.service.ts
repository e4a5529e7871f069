import { AppError, type ChaosAnswer, type Fault, faults, keys } from '@regatta/contracts';
import type { ControlRedis } from '../redis/control-redis.js';
import type { WorkersService } from './workers.service.js';

/** Faults on purpose: passes them on to the worker that they are for. Nothing of them is kept. */
export class ChaosService {
  constructor(
    private readonly redis: ControlRedis,
    private readonly workers: WorkersService,
    private readonly enabled: boolean,
  ) {}

  /** @throws AppError forbidden where CHAOS is not 1, not-found, conflict for a worker that is lost, does not listen or holds no rank */
  async cause(workerId: string, fault: Fault): Promise<ChaosAnswer> {
    if (!this.enabled)
      throw new AppError('forbidden', 'Faults on purpose are switched off here', {
        next: 'Start the API and the workers with CHAOS=1, where nobody trains in earnest',
      });
    const worker = (await this.workers.list()).find(({ id }) => id === workerId);
    if (!worker)
      throw new AppError('not-found', `There is no worker ${JSON.stringify(workerId.slice(0, 100))}`, {
        next: 'GET /api/v1/workers lists them',
      });
    if (worker.status === 'lost')
      throw new AppError('conflict', `The worker ${worker.id} is lost already`, { next: 'Choose one that is alive' });
    if (faults[fault.fault].needsRank && worker.run === null && fault.atStep === undefined)
      throw new AppError('conflict', `${fault.fault} happens to a trainer, and the worker ${worker.id} has none now`, {
        next: 'Choose a worker that holds a rank, or say atStep to wait for its next run',
      });
    if ((await this.redis.publish(keys.chaos(worker.id), JSON.stringify(fault))) === 0)
      throw new AppError('conflict', `The worker ${worker.id} takes no faults on purpose`, {
        next: 'Start it with CHAOS=1',
      });
    return { worker: worker.id, fault: fault.fault, run: worker.run, rank: worker.rank };
  }
}

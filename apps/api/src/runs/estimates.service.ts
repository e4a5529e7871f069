import { Injectable } from '@nestjs/common';
import type { dryRun, RunConfig } from '@regatta/contracts';
import { bertConfigOf } from '@regatta/models/shapes';
import type { z } from 'zod';
import { Database } from '../database/database.js';
import { bytesPerStep, costOf, type Known, memoryBytes } from './estimates.js';
import { RunInputsService } from './run-inputs.js';

const include = { dataset: true, base: { select: { config: true } } } as const;

/** What a run would cost, before it is queued. */
@Injectable()
export class EstimatesService {
  constructor(
    private readonly database: Database,
    private readonly inputs: RunInputsService,
  ) {}

  /** @throws AppError invalid when what it names is not there or does not fit */
  async dryRun(requested: RunConfig): Promise<z.output<typeof dryRun>> {
    const { config, dataset, base } = await this.inputs.resolve(requested);
    const cost = costOf(config, { base: base?.sizes, ...knownOf(dataset) });
    const secondsPerStep = await this.secondsPerStep(config.task, cost.flops);
    const steps = config.training.maxSteps;
    return {
      valid: true,
      estimates: {
        parameters: cost.parameters,
        memoryBytes: memoryBytes(config, cost),
        bytesPerStep: bytesPerStep(config, cost),
        secondsPerStep,
        seconds: secondsPerStep === null || steps === undefined ? null : secondsPerStep * steps,
      },
    };
  }

  /** From the speed at which the newest measured run of the task computed, on whatever workers it had; null before there is one. */
  private async secondsPerStep(task: string, flops: number): Promise<number | null> {
    const measured = await this.database.run.findFirst({
      where: { task, secondsPerStep: { not: null } },
      orderBy: { createdAt: 'desc' },
      include,
    });
    if (measured?.secondsPerStep == null) return null;
    const base = bertConfigOf(measured.base?.config) ?? undefined;
    const earlier = measured.config as unknown as RunConfig;
    // the sizes of a base that was deleted are not known any more
    if (earlier.task === 'bert-finetune' && earlier.model.base !== undefined && !base) return null;
    return (measured.secondsPerStep * flops) / costOf(earlier, { base, ...knownOf(measured.dataset) }).flops;
  }
}

function knownOf(dataset: { kind: string; summary: unknown } | null): Known {
  const { labels } = (dataset?.summary ?? {}) as { labels?: unknown[] | null };
  return { labels: labels?.length, regression: dataset?.kind === 'regression' };
}

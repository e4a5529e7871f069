import { Injectable } from '@nestjs/common';
import type { dryRun, RunConfig } from '@regatta/contracts';
import type { z } from 'zod';
import { Database } from '../database/database.js';
import { DatasetsService } from '../datasets/datasets.service.js';
import { bytesPerStep, flopsPerStep, memoryBytes, parameters } from './estimates.js';

/** What a run would cost, before it is queued. */
@Injectable()
export class EstimatesService {
  constructor(
    private readonly database: Database,
    private readonly datasets: DatasetsService,
  ) {}

  /** @throws AppError invalid when there is no such dataset */
  async dryRun(config: RunConfig): Promise<z.output<typeof dryRun>> {
    await this.datasets.resolve(config.dataset);
    const secondsPerStep = await this.secondsPerStep(config);
    const steps = config.training.maxSteps;
    return {
      valid: true,
      estimates: {
        parameters: parameters(config),
        memoryBytes: memoryBytes(config),
        bytesPerStep: bytesPerStep(config),
        secondsPerStep,
        seconds: secondsPerStep === null || steps === undefined ? null : secondsPerStep * steps,
      },
    };
  }

  /** From the speed at which the newest measured run computed, on whatever workers it had; null before there is one. */
  private async secondsPerStep(config: RunConfig): Promise<number | null> {
    const measured = await this.database.run.findFirst({
      where: { secondsPerStep: { not: null } },
      orderBy: { createdAt: 'desc' },
      select: { secondsPerStep: true, config: true },
    });
    if (measured?.secondsPerStep == null) return null;
    const earlier = measured.config as unknown as RunConfig;
    return (measured.secondsPerStep * flopsPerStep(config)) / flopsPerStep(earlier);
  }
}

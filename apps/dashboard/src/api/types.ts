import type { apiKey, dataset, dryRun, model, worker } from '@regatta/contracts';
import type { z } from 'zod';

export type ApiKey = z.infer<typeof apiKey>;
export type Dataset = z.infer<typeof dataset>;
export type DryRun = z.infer<typeof dryRun>;
export type Model = z.infer<typeof model>;
export type Worker = z.infer<typeof worker>;

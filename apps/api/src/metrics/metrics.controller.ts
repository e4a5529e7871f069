import { Controller } from '@nestjs/common';
import { Handles, Input, type InputOf } from '../http/route.js';
import { getMetrics } from './metrics.routes.js';
import { MetricsService } from './metrics.service.js';

@Controller()
export class MetricsController {
  constructor(private readonly metrics: MetricsService) {}

  @Handles(getMetrics)
  read(@Input() { params, query }: InputOf<typeof getMetrics>) {
    return this.metrics.read(params.id, query);
  }
}

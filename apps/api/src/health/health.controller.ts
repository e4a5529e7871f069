import { Controller } from '@nestjs/common';
import { AppError } from '@regatta/contracts';
import { Database } from '../database/database.js';
import { Handles } from '../http/route.js';
import { ControlRedis } from '../redis/control-redis.js';
import { live, ready } from './health.routes.js';

@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly redis: ControlRedis,
  ) {}

  @Handles(live)
  live() {
    return { status: 'ok' };
  }

  @Handles(ready)
  async ready() {
    const away = (what: string) => (cause: unknown) => {
      throw new AppError('unavailable', `${what} does not answer`, { retryable: true, cause });
    };
    await Promise.all([
      this.database.$queryRaw`SELECT 1`.catch(away('The database')),
      this.redis.ping().catch(away('The control Redis')),
    ]);
    return { status: 'ok' };
  }
}

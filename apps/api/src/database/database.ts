import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/prisma/client.js';

/**
 * The one way to the database. The pool stays small because the embedded database is one session behind a multiplexer
 * (no named statements, no LISTEN, no session locks; adapter-pg uses none of them).
 */
@Injectable()
export class Database extends PrismaClient implements OnApplicationShutdown {
  constructor(url: string) {
    super({
      adapter: new PrismaPg({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000 }),
      transactionOptions: { maxWait: 10_000, timeout: 30_000 },
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.$disconnect();
  }
}

export { Prisma } from '../generated/prisma/client.js';

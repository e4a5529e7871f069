import { Controller } from '@nestjs/common';
import { Handles, Input, type InputOf } from '../http/route.js';
import { listLogs } from './logs.routes.js';
import { LogsService } from './logs.service.js';

@Controller()
export class LogsController {
  constructor(private readonly logs: LogsService) {}

  @Handles(listLogs)
  list(@Input() { params, query }: InputOf<typeof listLogs>) {
    return this.logs.list(params.id, query);
  }
}

import { Controller, Res } from '@nestjs/common';
import { AppError } from '@regatta/contracts';
import type { Response } from 'express';
import { Handles, Input, type InputOf } from '../http/route.js';
import { EventSink } from './event-sink.js';
import { streamRun } from './stream.routes.js';
import { StreamService } from './stream.service.js';

@Controller()
export class StreamController {
  constructor(private readonly stream: StreamService) {}

  @Handles(streamRun)
  async follow(
    @Input() { params, query, request }: InputOf<typeof streamRun>,
    @Res({ passthrough: true }) response: Response,
  ) {
    const from = request.get('last-event-id') || query.lastEventId || '0';
    if (!/^(\d{1,18}|newest)$/.test(from)) throw new AppError('invalid', 'Last-Event-ID must be an id of this stream');
    await this.stream.mustExist(params.id);
    const after = from === 'newest' ? await this.stream.newest(params.id) : BigInt(from);
    await this.stream.follow(params.id, after, new EventSink(response));
  }
}

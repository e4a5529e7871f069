import { Controller } from '@nestjs/common';
import { Handles, Input, type InputOf } from '../http/route.js';
import * as routes from './predict.routes.js';
import { PredictService } from './predict.service.js';

@Controller()
export class PredictController {
  constructor(private readonly service: PredictService) {}

  @Handles(routes.predict)
  predict(@Input() { params, query, request }: InputOf<typeof routes.predict>) {
    return this.service.predict(params.id, query.checkpoint, request);
  }

  @Handles(routes.embed)
  embed(@Input() { params, query, body }: InputOf<typeof routes.embed>) {
    return this.service.embed(params.id, query.checkpoint, body);
  }

  @Handles(routes.evaluate)
  evaluate(@Input() { params, query, body }: InputOf<typeof routes.evaluate>) {
    return this.service.evaluate(params.id, query.checkpoint, body);
  }
}

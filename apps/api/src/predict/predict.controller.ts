import { Controller } from '@nestjs/common';
import { Handles, Input, type InputOf } from '../http/route.js';
import { predict } from './predict.routes.js';
import { PredictService } from './predict.service.js';

@Controller()
export class PredictController {
  constructor(private readonly service: PredictService) {}

  @Handles(predict)
  predict(@Input() { params, query, body }: InputOf<typeof predict>) {
    return this.service.predict(params.id, query.checkpoint, body);
  }
}

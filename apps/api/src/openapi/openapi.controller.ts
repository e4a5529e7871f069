import { Controller } from '@nestjs/common';
import { Handles } from '../http/route.js';
import { allRoutes } from '../routes.js';
import { openapiDocument } from './document.js';
import { getDocument } from './openapi.routes.js';
import { version } from './version.js';

@Controller()
export class OpenapiController {
  private readonly document = openapiDocument(allRoutes, version);

  @Handles(getDocument)
  get() {
    return this.document;
  }
}

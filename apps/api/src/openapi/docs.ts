import type { INestApplication } from '@nestjs/common';
import { type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { allRoutes } from '../routes.js';
import { openapiDocument } from './document.js';
import { version } from './version.js';

/** Swagger UI at /api/docs, all its files from here. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('api/docs', app, openapiDocument(allRoutes, version) as unknown as OpenAPIObject, {
    raw: false,
    customSiteTitle: 'Regatta API',
  });
}

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allRoutes } from '../routes.js';
import { openapiDocument } from './document.js';
import { version } from './version.js';

/** Writes the committed document that libs/client is generated from; needs no database. */
const file = fileURLToPath(new URL('../../../../libs/client/openapi.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(openapiDocument(allRoutes, version), null, 2)}\n`);

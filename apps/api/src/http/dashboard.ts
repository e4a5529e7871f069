import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { styleNonce } from './security-headers.js';

/** Paths that belong to programs: no page of the dashboard ever stands in for them. */
const reserved = /^\/(api|health|queues|metrics|signin)(\/|$)/;

/** Serves the dashboard: hashed files are kept for good, the page itself is asked for again each time. */
export function serveDashboard(app: NestExpressApplication, folder: string): void {
  app.useStaticAssets(folder, {
    index: false,
    setHeaders: (response: Response, file: string) => {
      const hashed = path.relative(folder, file).startsWith(`assets${path.sep}`);
      response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  const page = path.join(folder, 'index.html');
  app.use((request: Request, response: Response, next: NextFunction) => {
    const isPage =
      request.method === 'GET' && !reserved.test(request.path) && request.accepts(['html', 'json']) === 'html';
    if (!isPage || path.extname(request.path) !== '') return next();
    readFile(page, 'utf8').then(
      // the component library puts it on the <style> elements that it makes
      (html) =>
        response
          .set('cache-control', 'no-cache')
          .type('html')
          .send(html.replace('STYLE_NONCE', styleNonce(response))),
      () => next(),
    );
  });
}

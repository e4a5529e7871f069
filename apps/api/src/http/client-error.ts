import type { Socket } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { problemOf } from './problem.filter.js';

/** What Node's HTTP parser refuses before there is a request (nodejs.org/api/http.html, event clientError). */
const refusals: Record<string, [status: number, code: string, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'too-large', 'The address and the headers are longer than 16 KiB together'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'malformed', 'The request did not arrive in time'],
};
const malformed: (typeof refusals)[string] = [400, 'malformed', 'This is not a valid HTTP request'];

/** Answers such requests as every other, with application/problem+json, where Node would send an empty body. */
export function answerClientErrors(app: NestExpressApplication): void {
  app.getHttpServer().on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const [status, code, detail] = refusals[error.code ?? ''] ?? malformed;
    const problem = problemOf(status, code, detail);
    const body = JSON.stringify(problem);
    socket.end(
      [
        `HTTP/1.1 ${status} ${problem.title}`,
        'Content-Type: application/problem+json',
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  });
}

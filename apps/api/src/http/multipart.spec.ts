import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AppError } from '@regatta/contracts';
import type { Request } from 'express';
import { type ReceivedParts, withFiles } from './multipart.js';

let folder: string;
let server: Server;
let outcome: Promise<unknown>;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-multipart-'));
  let settle: (result: unknown) => void;
  outcome = new Promise((resolve) => {
    settle = resolve;
  });
  const expected = {
    parts: 'name and file',
    wanted: (name: string) => name !== 'README.md',
    largest: 1000,
    fileParts: { file: 3 },
  };
  server = createServer((incoming, response) => {
    const request = Object.assign(incoming, {
      is: (type: string) => incoming.headers['content-type']?.startsWith(type),
    });
    const read = async ({ fields, files }: ReceivedParts) => ({
      fields,
      files: await Promise.all(
        files.map(async (file) => [file.filename, await readFile(file.path, 'utf8'), file.sha256]),
      ),
    });
    withFiles(request as unknown as Request, folder, expected, read)
      .catch(({ code, errors }: AppError) => ({ code, errors }))
      .then((result) => {
        settle(result);
        response.end();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  // Whatever happened, nothing is left.
  expect(await readdir(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

async function send(parts: [string, string, string?][]): Promise<unknown> {
  const form = new FormData();
  for (const [name, value, filename] of parts)
    if (filename === undefined) form.append(name, value);
    else form.append(name, new Blob([value]), filename);
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method: 'POST', body: form }).catch(
    () => undefined,
  );
  return outcome;
}

describe('withFiles', () => {
  it('receives fields and files in any order, without folders, and passes over what is not wanted', async () => {
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const files = [['config.json', 'abc', sha256]];
    const sent: [string, string, string?][] = [
      ['file', 'abc', 'folder/config.json'],
      ['name', 'x'],
      ['file', 'y'.repeat(5000), 'README.md'],
    ];
    expect(await send(sent)).toEqual({ fields: { name: 'x' }, files });
  });

  it('refuses files that are too large together', async () => {
    expect(
      await send([
        ['file', 'x'.repeat(501), 'a'],
        ['file', 'x'.repeat(500), 'b'],
      ]),
    ).toMatchObject({ code: 'too-large' });
  });

  it('takes files of the greatest size', async () => {
    expect(await send([['file', 'x'.repeat(1000), 'a']])).toMatchObject({
      files: [['a', 'x'.repeat(1000), expect.anything()]],
    });
  });

  it.each<[string, [string, string, string?][], string]>([
    [
      'a field twice',
      [
        ['name', 'a'],
        ['name', 'b'],
      ],
      'name',
    ],
    [
      'a file twice',
      [
        ['file', 'a', 'c'],
        ['file', 'b', 'c'],
      ],
      'c',
    ],
    ['too many files', ['a', 'b', 'c', 'd'].map((name): [string, string, string] => ['file', name, name]), 'file'],
    ['a part of another name', [['folder', 'a', 'c']], 'folder'],
  ])('refuses %s', async (_what, parts, place) => {
    expect(await send(parts)).toMatchObject({ code: 'invalid', errors: [{ path: place }] });
  });

  it('takes a body that breaks off for malformed', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc';
    socket.write(
      `POST / HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${head.length}\r\n\r\n${head}`,
    );
    expect(await outcome).toMatchObject({ code: 'malformed' });
    socket.destroy();
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anchorsOf, brokenLinks, replaceLinks } from './docs-links.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'regatta-links-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('links of the documentation', () => {
  it('names headings as GitHub does', () => {
    const text = '# One `step`, twice\n\n```sh\n# no heading\n```\n## A: [b](c.md)\n## Same\n## Same\n';
    expect(anchorsOf(text)).toEqual(['one-step-twice', 'a-b', 'same', 'same-1']);
  });

  it('finds files and headings that are not there, and leaves code alone', () => {
    writeFileSync(
      path.join(folder, 'a.md'),
      '[`here`](#top) [b](b.md#first) [x](b.md#second) ![p](p.png)\n```\n[q](q.md)\n```\n# Top\n',
    );
    writeFileSync(path.join(folder, 'b.md'), '# First\n[out](https://example.com/none)\n');
    expect(brokenLinks(folder, ['a.md', 'b.md'])).toEqual([
      'a.md: b.md#second: b.md has no such heading',
      'a.md: p.png: there is no p.png',
    ]);
  });

  it('replaces links outside of fences', () => {
    const text = '[`a`](b)\n```\n[c](d)\n```\n![e](f)';
    const upper = replaceLinks(text, ({ image, text, target }: { image: boolean; text: string; target: string }) =>
      image ? target : text,
    );
    expect(upper).toBe('`a`\n```\n[c](d)\n```\nf');
  });
});

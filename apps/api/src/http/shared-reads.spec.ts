import { expect, it } from '@jest/globals';
import { SharedReads } from './shared-reads.js';

/** Reads that end when they are told to. */
function slow() {
  const reads: { end: (answer: string) => void; fail: (error: Error) => void }[] = [];
  const from = () => new Promise<string>((end, fail) => reads.push({ end, fail }));
  return { reads, from };
}

it('gives all that come during a read the one that begins after it', async () => {
  const shared = new SharedReads<string>();
  const { reads, from } = slow();
  const first = shared.read('a', from);
  const others = [shared.read('a', from), shared.read('a', from)];
  expect(reads.length).toBe(1);
  reads[0].end('before the write');
  expect(await first).toBe('before the write');
  expect(reads.length).toBe(2);
  const late = shared.read('a', from);
  reads[1].end('after the write');
  expect(await Promise.all(others)).toEqual(['after the write', 'after the write']);
  expect(reads.length).toBe(3);
  reads[2].end('later');
  expect(await late).toBe('later');
});

it('keeps questions apart, and nothing of those that were answered', async () => {
  const shared = new SharedReads<string>();
  const { reads, from } = slow();
  const answers = [shared.read('a', from), shared.read('b', from)];
  for (const [i, { end }] of reads.entries()) end(String(i));
  expect(await Promise.all(answers)).toEqual(['0', '1']);
  const again = shared.read('a', from);
  expect(reads.length).toBe(3);
  reads[2].end('anew');
  expect(await again).toBe('anew');
});

it('lets a read fail for those that wait for it alone', async () => {
  const shared = new SharedReads<string>();
  const { reads, from } = slow();
  const first = shared.read('a', from);
  const second = shared.read('a', from);
  reads[0].fail(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await Promise.resolve();
  expect(reads.length).toBe(2);
  reads[1].end('back');
  expect(await second).toBe('back');
});

import { expect, it } from '@jest/globals';
import { versionsOf } from './versions.js';

it('takes a fingerprint apart', () => {
  const fingerprint = 'compiled onnxruntime-node-1.30.0 x64-35157eda threads-2 code-c74610a28032';
  expect(versionsOf({ fingerprint })).toEqual([
    ['Engine', 'compiled onnxruntime-node-1.30.0'],
    ['Processor', 'x64-35157eda'],
    ['Threads a worker', '2'],
    ['Code version', 'c74610a28032'],
  ]);
});

it('has nothing to say before a run had workers', () => expect(versionsOf({ fingerprint: null })).toEqual([]));

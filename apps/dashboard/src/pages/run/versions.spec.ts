import { describe, expect, it } from '@jest/globals';
import { versionsOf } from './versions.js';

describe('versionsOf', () => {
  const fingerprint = 'compiled onnxruntime-node-1.30.0 x64-35157eda threads-2 code-c74610a28032';
  const workers = [
    { id: 'other', fingerprint: 'eager' },
    { id: 'own', fingerprint },
  ];
  const told = [
    ['Engine', 'compiled onnxruntime-node-1.30.0'],
    ['Processor', 'x64-35157eda'],
    ['Threads a worker', '2'],
    ['Code version', 'c74610a28032'],
  ];

  it('reads what its own workers say', () => {
    const run = { workers: [{ rank: 0, workerId: 'own', host: 'a' }] };
    expect(versionsOf(run, workers, [])).toEqual(told);
  });

  it('without workers reads the last change in the ledger, if there is one', () => {
    const now = ['compiled onnxruntime-node-1.30.0 x64-35157eda threads-2', 'c74610a28032'];
    const events = [{ type: 'fingerprint-changed', data: { before: ['eager', '1'], now } }];
    expect(versionsOf({ workers: [] }, workers, events)).toEqual(told);
    expect(versionsOf({ workers: [] }, workers, [])).toEqual([]);
  });
});

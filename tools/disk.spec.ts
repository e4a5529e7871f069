import { describe, expect, it } from '@jest/globals';
import { assertSpace } from './disk.mjs';
import { PlainError, sentence } from './plain-error.mjs';

describe('a full disk', () => {
  it('is refused at the start with what is free and what to do', () => {
    expect(() => assertSpace('/data', 5 * 1024 * 1024)).toThrow(
      /^The disk is full: 5 MB are free in \/data, Regatta needs 128 MB; free some space, or set DATA_DIR/,
    );
    expect(() => assertSpace('/data', 1024 ** 3)).not.toThrow();
  });

  it('becomes a sentence where a write meets it', () => {
    const error = Object.assign(new Error('write'), { code: 'ENOSPC', path: '/data/lock' });
    expect(sentence(error)).toMatch(/^The disk is full \(\/data\/lock\)/);
  });
});

describe('sentence', () => {
  it('leaves programming mistakes their stack', () => {
    expect(sentence(new TypeError('x is undefined'))).toBeUndefined();
    expect(sentence(new PlainError('No.'))).toBe('No.');
  });
});

import { describe, expect, it } from '@jest/globals';
import { readable } from './tokens.js';

describe('readable', () => {
  it('shows the bytes of byte-level BPE as text', () => {
    expect(readable(['ĠAttributs', 'ĠdÃ©', 'j', 'Ãł', '</s>'])).toEqual(['·Attributs', '·dé', 'j', 'à', '</s>']);
  });

  it('leaves the tokens of other tokenizers alone', () => {
    expect(readable(['dé', '##jà', '</s>'])).toEqual(['dé', '##jà', '</s>']);
  });
});

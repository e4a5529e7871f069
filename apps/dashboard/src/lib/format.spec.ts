import { describe, expect, it } from '@jest/globals';
import { ago, bytes, compact, count, decimal, duration, percent, words } from './format.js';

describe('format', () => {
  it('says durations in at most two units', () => {
    expect([0.0421, 4.26, 52, 112, 120, 3600, 3725, 90_061, 172_800].map(duration)).toEqual([
      '42 ms',
      '4.3 s',
      '52 s',
      '1 min 52 s',
      '2 min',
      '1 h',
      '1 h 2 min',
      '1 d 1 h',
      '2 d',
    ]);
  });

  it('says counts, sizes and shares', () => {
    expect(count(17_900)).toBe('17,900');
    expect(compact(4_385_000)).toBe('4.4 M');
    expect([0, 900, 1536, 4_404_019, 200 * 1024 ** 3].map(bytes)).toEqual([
      '0 B',
      '900 B',
      '1.5 KiB',
      '4.2 MiB',
      '200 GiB',
    ]);
    expect(percent(0.3125)).toBe('31.3 %');
    expect([4.17312, 0.0005, 0.00002, 1234.5].map((value) => decimal(value))).toEqual([
      '4.173',
      '0.0005',
      '2.0e-5',
      '1,235',
    ]);
  });

  it('shows a dash where there is no number', () => {
    expect([count, decimal, percent, bytes, compact, duration].map((say) => say(null))).toEqual(Array(6).fill('–'));
  });

  it('says how long ago', () => {
    const now = new Date('2026-01-02T12:00:00Z');
    const before = (seconds: number) => ago(new Date(now.getTime() - seconds * 1000), now);
    expect([2, 42, 200, 7300].map(before)).toEqual(['just now', '42 s ago', '3 min ago', '2 h ago']);
  });

  it('turns field names into words', () => {
    expect(words('numHiddenLayers')).toBe('Num hidden layers');
  });
});

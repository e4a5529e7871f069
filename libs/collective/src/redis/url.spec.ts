import { describe, expect, it } from '@jest/globals';
import { parseRedisUrl } from './url.js';

describe('parseRedisUrl', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379, database: 0, name: 'localhost:6379' }],
    ['redis://10.0.0.1:7000/3', { host: '10.0.0.1', port: 7000, database: 3 }],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
    ['redis://:se%20cret@r:1', { host: 'r', username: undefined, password: 'se cret', name: 'r:1' }],
    ['redis://me:secret@r:1', { username: 'me', password: 'secret' }],
    ['/run/a b.sock', { path: '/run/a b.sock', database: 0, name: '/run/a b.sock' }],
    ['unix:///run/r.sock?db=2', { path: '/run/r.sock', database: 2 }],
  ])('reads %s', (text, expected) => {
    expect(parseRedisUrl(text)).toMatchObject(expected);
  });

  it.each(['rediss://r', 'http://r', 'r:6379', '', 'redis://r/x'])('refuses "%s" with what to do', (text) => {
    expect(() => parseRedisUrl(text)).toThrow(/gradient server/);
  });
});

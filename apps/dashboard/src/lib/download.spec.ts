import { expect, it } from '@jest/globals';
import { csv, fileName } from './download.js';

it('quotes what would be read as another cell', () => {
  expect(
    csv([
      ['a', 'b, c', 'say "no"'],
      [1, null, 'two\nlines'],
    ]),
  ).toBe('a,"b, c","say ""no"""\r\n1,,"two\nlines"\r\n');
});

it('makes a name for a file of any name', () => {
  expect([fileName('Brown: mini / 2'), fileName('été'), fileName('//')]).toEqual(['Brown-mini-2', 'été', '-']);
});

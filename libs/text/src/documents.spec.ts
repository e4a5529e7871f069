import { describe, expect, it } from '@jest/globals';
import { AppError } from '@regatta/contracts';
import fc from 'fast-check';
import { brownDocument, isBrownText, parseTextDocuments, readTextDocuments, writeTextDocuments } from './index.js';

describe('readTextDocuments', () => {
  it("reads BERT's format, whatever the line ends and the blank lines", () => {
    const text = '\ufeffOne  sentence.\r\nAnother\tone.\r\n \r\n\r\nSecond document.\rIts end.\n\n';
    expect(readTextDocuments(text)).toEqual({
      documents: [
        ['One sentence.', 'Another one.'],
        ['Second document.', 'Its end.'],
      ],
      warnings: [],
    });
  });

  it('splits a paragraph into sentences, not after abbreviations', () => {
    const paragraph =
      'Mr. Smith met Dr. J. R. Brown of the U.S. Army on Tuesday, which was unusual! Had they agreed on the terms before? ' +
      'Nobody knew. What is certain is that the two men talked for three hours and a half, that neither of them smiled, and that ' +
      'both left by the back door of the house, one after the other, without saying good-bye to anyone.';
    const { documents } = readTextDocuments(paragraph);
    expect(documents).toHaveLength(1);
    expect(documents[0].map((sentence) => sentence.slice(0, 9))).toEqual([
      'Mr. Smith',
      'Had they ',
      'Nobody kn',
      'What is c',
    ]);
    expect(documents[0].join(' ')).toBe(paragraph);
  });

  it('finds the sentences of a paragraph of any length', () => {
    const sentences = Array.from({ length: 3000 }, (_, i) => `Sentence ${i} has its own number.`);
    expect(readTextDocuments(sentences.join(' ')).documents.flat()).toEqual(sentences);
  });

  it('cuts what has no sentence end, and says in which line', () => {
    const { documents, warnings } = readTextDocuments(`fine.\n${'word '.repeat(1000)}\n${'😀'.repeat(1500)}`);
    expect(documents[0].every((sentence) => sentence.length <= 2000)).toBe(true);
    expect(documents[0].slice(1).join('').replaceAll(' ', '')).toBe('word'.repeat(1000) + '😀'.repeat(1500));
    expect(documents[0].every((sentence) => sentence.isWellFormed())).toBe(true);
    expect(warnings.map(({ line }) => line)).toEqual([2, 3]);
  });

  it('cuts a long text without blank lines into documents', () => {
    const lines = Array.from({ length: 230 }, (_, i) => `Line ${i}.`);
    const { documents, warnings } = readTextDocuments(lines.join('\n'));
    expect(documents).toHaveLength(4);
    expect(documents.flat()).toEqual(lines);
    expect(warnings[0].message).toMatch(/no blank lines/);
  });

  it('keeps the number of warnings within bounds', () => {
    const { warnings } = readTextDocuments('damaged \ufffd\n'.repeat(500));
    expect(warnings).toHaveLength(100);
    expect(warnings[99].line).toBe(100);
  });

  it('refuses a text of blank lines', () => {
    expect(() => readTextDocuments(' \n\r\n\t')).toThrow(AppError);
  });
});

describe('the normalised form', () => {
  it('is read back as it was written', () => {
    const sentence = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 500 })
      .map((s) => s.replace(/\s+/gu, ' ').trim());
    const document = fc.array(
      sentence.filter((s) => s !== ''),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 5 }), (documents) => {
        expect(parseTextDocuments(writeTextDocuments(documents))).toEqual(documents);
      }),
      { seed: 2 },
    );
  });

  it('leaves out empty documents and puts line feeds to spaces', () => {
    expect(writeTextDocuments([['a\nb', 'c'], [], ['d']])).toBe('a b\nc\n\nd\n');
  });
});

describe('the Brown corpus', () => {
  it('loses its tags and its spacing', () => {
    const tagged = [
      '',
      "\tThe/at jury/nn said/vbd ,/, ``/`` no/at evidence/nn ''/'' (/( or/cc and/or/cc 1/2/cd )/) was/bedz found/vbn ;/. ;/.",
      '',
      "It's/pps+bez Atlanta's/np$ fault/nn ?/. ?/.",
    ].join('\n');
    expect(brownDocument(tagged)).toEqual([
      'The jury said, "no evidence" (or and/or 1/2) was found;',
      "It's Atlanta's fault?",
    ]);
  });

  it('has texts named c, genre, number', () => {
    expect(['ca01', 'cr09', 'CONTENTS', 'cats.txt', 'package.json', 'README'].filter(isBrownText)).toEqual([
      'ca01',
      'cr09',
    ]);
  });
});

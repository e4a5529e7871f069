import { describe, expect, it } from '@jest/globals';
import type { Example } from '../examples.js';
import type { Found } from '../found.js';
import { brownGenrePassages, passagesOf } from './brown-genre.js';
import { heldOutDocuments } from './held-out.js';
import { messagePairs } from './messages.js';
import { brownGenres, brownTags, taggedSentences } from './tagged-brown.js';
import { toyGrammar, toyGrammarFloor } from './toy-grammar.js';
import { toyPairs, toyTasks } from './toys.js';

const examplesOf = (found: Iterable<Found>): Example[] =>
  Array.from(found, (one) => {
    if ('problem' in one) throw new Error(one.problem);
    return one.example;
  });

describe('the tagged corpus', () => {
  it('gives base tags, whole tokens and single marks', () => {
    const tagged =
      "\tThe/at Fulton/np-tl fin/fw-nn-tl-hl 1/2/cd --/-- ``/`` no/at ''/'' aren't/ber* ?/. ?/.\n\n\tNext/ap ;/. ;/.\n";
    expect(taggedSentences(tagged)).toEqual([
      {
        tokens: ['The', 'Fulton', 'fin', '1/2', '--', '"', 'no', '"', "aren't", '?'],
        tags: ['at', 'np', 'nn', 'cd', '--', '``', 'at', "''", 'ber*', '.'],
      },
      { tokens: ['Next', ';'], tags: ['ap', '.'] },
    ]);
  });

  it('holds out whole documents of every genre', () => {
    const genres = brownGenres('ca01 news\nca02 news\n\nbad line here\n');
    expect(genres).toEqual(
      new Map([
        ['ca01', 'news'],
        ['ca02', 'news'],
      ]),
    );
    const texts = Array.from({ length: 26 }, (_, i) => ({
      name: `c${i}`,
      genre: i < 20 ? 'news' : 'humor',
      tagged: `word${i}/nn ./.`,
    }));
    expect([...heldOutDocuments(texts)]).toEqual(['c5', 'c15', 'c25']);
    const held = examplesOf(brownTags(texts)).filter(({ split }) => split === 'validation');
    expect(held.map((example) => ('tokens' in example ? example.tokens[0] : ''))).toEqual([
      'word5',
      'word15',
      'word25',
    ]);
  });
});

describe('passages', () => {
  const sentence = (words: number, mark: string) => Array.from({ length: words }, () => mark).join(' ');

  it('join whole sentences up to about 80 words, and keep a rest that is long enough', () => {
    const document = [sentence(50, 'a'), sentence(31, 'b'), sentence(90, 'c'), sentence(39, 'd')];
    expect(passagesOf(document)).toEqual([`${document[0]} ${document[1]}`, document[2]]);
    expect(passagesOf([...document, 'e'])).toHaveLength(3);
    expect(passagesOf(document, 30)).toEqual(document);
  });

  it('carry the genre, or whether it is imaginative, and stay on the side of their document', () => {
    const texts = Array.from({ length: 12 }, (_, i) => ({
      name: `t${i}`,
      genre: i < 6 ? 'romance' : 'news',
      document: [sentence(80, `${i}`), sentence(80, `${i}`)],
    }));
    const examples = examplesOf(brownGenrePassages(texts, 'imaginative'));
    expect(examples).toHaveLength(24);
    expect(examples[0]).toMatchObject({ label: 'imaginative', split: 'train' });
    expect(examples[23]).toMatchObject({ label: 'informative', split: 'validation' });
    expect(examples.filter(({ split }) => split === 'validation')).toHaveLength(4);
    expect(examplesOf(brownGenrePassages(texts, 'genre'))[23]).toMatchObject({ label: 'news' });
  });
});

describe('messages', () => {
  it('stand beside their translations; what was not translated is left out', () => {
    const english = [
      { key: 'a_1', message: "Cannot find name '{0}'." },
      { key: 'b_2', message: 'Untranslated' },
      { key: 'c_3', message: 'Same' },
    ];
    const french = { a_1: " Le nom '{0}' est introuvable.\n", c_3: 'Same' };
    expect(examplesOf(messagePairs(english, french))).toEqual([
      { split: null, source: "Cannot find name '{0}'.", target: "Le nom '{0}' est introuvable." },
    ]);
  });
});

describe('toys', () => {
  it.each(toyTasks)('%s what they are given, each sequence once, always the same', (task) => {
    const pairs = examplesOf(toyPairs(task)).map((example) => ('source' in example ? example : never()));
    expect(new Set(pairs.map(({ source }) => source)).size).toBe(2000);
    const [lengths, words] = [pairs.map(({ source }) => source.split(' ').length), pairs[7].source.split(' ')];
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([3, 10]);
    const solved = { copy: [...words], reverse: [...words].reverse(), sort: [...words].sort() }[task];
    expect(pairs[7].target).toBe(solved.join(' '));
    expect(examplesOf(toyPairs(task))).toEqual(pairs);
  });

  it('have a grammar whose floor is what its text shows', () => {
    const sentences = toyGrammar().flat();
    expect(new Set(sentences).size).toBeGreaterThan(3900);
    // The entropy of each place, as counted, comes near to the floor from below (Miller–Madow: (values − 1) / 2n).
    const places = sentences.map((sentence) => sentence.split(' '));
    let nats = 0;
    for (let place = 0; place < 8; place++) {
      const counts = new Map<string, number>();
      for (const words of places) counts.set(words[place], (counts.get(words[place]) ?? 0) + 1);
      for (const count of counts.values()) nats -= (count / places.length) * Math.log(count / places.length);
      nats += (counts.size - 1) / (2 * places.length);
    }
    expect(nats / 8).toBeCloseTo(toyGrammarFloor, 2);
    expect(Math.exp(toyGrammarFloor)).toBeCloseTo(4.362, 3);
  });
});

function never(): never {
  throw new Error('no translation');
}

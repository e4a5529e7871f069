import { RandomStream } from '@regatta/random';
import type { TextDocument } from '../../documents.js';

const adjectives = ['big', 'small', 'old', 'new', 'red', 'blue', 'wild', 'calm'];
const nouns = ['cat', 'dog', 'horse', 'bird', 'fish', 'king', 'queen', 'child'];
nouns.push('farmer', 'sailor', 'river', 'forest', 'stone', 'ship', 'house', 'tower');
const verbs = ['sees', 'likes', 'finds', 'leaves', 'hears', 'knows', 'wants', 'fears'];

/** A sentence: each place is drawn from its words, all alike and apart from the others. */
const places: readonly (readonly string[])[] = [['the'], adjectives, nouns, verbs, ['the'], adjectives, nouns, ['.']];
const documents = 400;
const sentencesADocument = 10;

/**
 * Text of a grammar of which the best possible loss is known: a word tells nothing about the others, so that whoever knows the
 * place of a gap, and nothing more can be known, is left with the choice among the words of that place.
 */
export function toyGrammar(): TextDocument[] {
  const random = new RandomStream({ seed: 1, site: 'toy.grammar' });
  let number = 0;
  const sentence = () => places.map((words) => words[random.integer(number++, words.length)]).join(' ');
  return Array.from({ length: documents }, () => Array.from({ length: sentencesADocument }, sentence));
}

/** Nats a word of the best possible model, where every word is as likely to be asked for: the mean entropy of the places. */
export const toyGrammarFloor = places.reduce((sum, words) => sum + Math.log(words.length), 0) / places.length;

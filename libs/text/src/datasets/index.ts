export { brownGenrePassages, type GenreText } from './built-in/brown-genre.js';
export { messagePairs } from './built-in/messages.js';
export { type BrownText, brownGenres, brownTags } from './built-in/tagged-brown.js';
export { toyGrammar, toyGrammarFloor } from './built-in/toy-grammar.js';
export { type ToyTask, toyPairs, toyTasks } from './built-in/toys.js';
export { type DatasetContent, ExampleCollector, type ExampleStore, type PartField } from './collector.js';
export {
  type Example,
  type ExampleKind,
  type ExampleOfKind,
  groupKey,
  inputKey,
  isExampleKind,
  readExamples,
  writeExample,
} from './examples.js';
export type { Found } from './found.js';
export { type DatasetPart, readDataset } from './read-dataset.js';
export { type ExampleSplit, type ExampleSplitOptions, splitExamples } from './split-examples.js';
export { Warnings } from './warnings.js';

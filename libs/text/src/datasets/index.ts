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
export {
  type DatasetContent,
  type DatasetPart,
  type ExampleStore,
  type PartField,
  readDataset,
} from './read-dataset.js';
export { type ExampleSplit, type ExampleSplitOptions, splitExamples } from './split-examples.js';

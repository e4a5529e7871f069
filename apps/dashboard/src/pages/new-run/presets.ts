/** Starting points: what differs from the schema's defaults. */
export interface Preset {
  id: string;
  title: string;
  what: string;
  values: Record<string, unknown>;
}

export const presets: Preset[] = [
  {
    id: 'debug',
    title: 'See it work',
    what: 'The smallest model, a hundred steps: under a minute. It learns little, but you see everything happen.',
    values: {
      'model.preset': 'bert-debug',
      'tokenizer.vocabSize': 1000,
      'training.maxSteps': 100,
      'training.maxLength': 32,
      'training.globalBatchSize': 32,
      'training.evaluateEvery': 25,
      'training.checkpointEvery': 25,
      'optimizer.learningRate': 0.002,
      'optimizer.warmupSteps': 10,
    },
  },
  {
    id: 'tiny',
    title: 'Learn in five minutes',
    what: 'bert-tiny as the demo trains it: on two cores it fills gaps sensibly after about 2,000 steps.',
    values: {
      'model.preset': 'bert-tiny',
      'model.hiddenDropoutProb': 0,
      'model.attentionProbsDropoutProb': 0,
      'model.initializerRange': 0.05,
      'tokenizer.vocabSize': 4000,
      'training.maxSteps': 2200,
      'training.maxLength': 64,
      'training.globalBatchSize': 96,
      'training.evaluateEvery': 200,
      'training.checkpointEvery': 200,
      'optimizer.learningRate': 0.0025,
      'optimizer.beta2': 0.98,
      'distributed.logicalShards': 4,
    },
  },
  {
    id: 'mini',
    title: 'A better model',
    what: 'bert-mini, twice as wide and deep: an hour or more on two cores, sooner on more workers.',
    values: {
      'model.preset': 'bert-mini',
      'model.hiddenDropoutProb': 0,
      'model.attentionProbsDropoutProb': 0,
      'tokenizer.vocabSize': 8000,
      'training.maxSteps': 10_000,
      'training.maxLength': 64,
      'training.globalBatchSize': 96,
      'training.evaluateEvery': 500,
      'training.checkpointEvery': 500,
      'optimizer.learningRate': 0.001,
      'optimizer.warmupSteps': 500,
    },
  },
];

/** Starting points: what differs from the schema's defaults. */
export interface Preset {
  id: string;
  title: string;
  what: string;
  values: Record<string, unknown>;
}

const pretraining: Preset[] = [
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

const finetuning: Preset[] = [
  {
    id: 'scratch',
    title: 'From scratch',
    what: 'A bert-tiny that knows nothing yet: what a pretrained base is to be compared with.',
    values: {
      'model.preset': 'bert-tiny',
      'model.initializerRange': 0.05,
      'training.maxSteps': 600,
      'training.maxLength': 64,
      'training.evaluateEvery': 100,
      'optimizer.learningRate': 0.001,
      'distributed.logicalShards': 4,
    },
  },
  {
    id: 'tuned',
    title: 'From a base',
    what: 'Choose a model that was trained here or imported: all its layers learn on. Better, sooner.',
    values: {
      'training.maxSteps': 600,
      'training.maxLength': 64,
      'training.evaluateEvery': 100,
      'optimizer.learningRate': 0.001,
      'distributed.logicalShards': 4,
    },
  },
  {
    id: 'debug',
    title: 'See it work',
    what: 'The smallest model, a hundred steps: under a minute.',
    values: {
      'model.preset': 'bert-debug',
      'tokenizer.vocabSize': 1000,
      'training.maxSteps': 100,
      'training.maxLength': 32,
      'training.evaluateEvery': 25,
      'training.checkpointEvery': 25,
      'optimizer.learningRate': 0.003,
      'optimizer.warmupSteps': 10,
    },
  },
];

const translation: Preset[] = [
  {
    id: 'transformer',
    title: 'Transformer',
    what: 'Three layers each side: about ten minutes on two cores to beat copying the nearest training line.',
    values: {
      'model.architecture': 'transformer',
      'training.maxSteps': 4000,
      'training.evaluateEvery': 500,
      'training.checkpointEvery': 500,
      'distributed.logicalShards': 4,
    },
  },
  {
    id: 'attention',
    title: 'GRU with attention',
    what: 'Recurrent encoder and decoder; for each word the decoder looks back at the source (Bahdanau).',
    values: {
      'model.architecture': 'seq2seq-attention',
      'training.maxSteps': 1500,
      'training.evaluateEvery': 250,
      'training.checkpointEvery': 250,
      'distributed.logicalShards': 4,
    },
  },
  {
    id: 'debug',
    title: 'See it work',
    what: 'The smallest Transformer, a hundred steps: under a minute.',
    values: {
      'model.preset': 'debug',
      'training.maxSteps': 100,
      'training.evaluateEvery': 25,
      'training.checkpointEvery': 25,
      'optimizer.learningRate': 0.003,
      'optimizer.warmupSteps': 10,
    },
  },
];

const lab: Preset[] = [
  {
    id: 'nadaraya-watson',
    title: 'Kernel regression',
    what: 'Nadaraya and Watson, 1964: attention before it had the name. Learns how near is near.',
    values: { 'lab.experiment': 'nadaraya-watson' },
  },
  {
    id: 'positions',
    title: 'Positions',
    what: 'How sinusoids tell a model where a word stands, and how far from another.',
    values: { 'lab.experiment': 'positions' },
  },
  {
    id: 'layer-comparison',
    title: 'What layers cost',
    what: 'Convolution, recurrence and self-attention: time against length, and how far a signal has to go.',
    values: { 'lab.experiment': 'layer-comparison' },
  },
];

const byTask: Record<string, Preset[]> = {
  'bert-pretrain': pretraining,
  'bert-finetune': finetuning,
  translate: translation,
  'attention-lab': lab,
};
export const presetsOf = (task: string): Preset[] => byTask[task] ?? [];

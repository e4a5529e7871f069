// A short run of every task, and small data of the kinds that nothing built in has.
const things = ['boat', 'harbour', 'voyage', 'captain', 'storm', 'meal', 'cabin'];
const places = ['London', 'Lisbon', 'Oslo', 'Bergen', 'Genoa'];
const people = ['Anna', 'Peter', 'Maria', 'Erik'];
const scores = { superb: 5, great: 4.5, good: 4, fine: 3.5, poor: 1.2, dull: 1.5, bad: 1, awful: 0.5 };
const of = (list, n) => list[n % list.length];

/** Review `n`, with its score. */
function review(n) {
  const [word, score] = of(Object.entries(scores), n);
  const text = `the ${of(things, n * 5)} near the ${of(things, n * 3 + 1)} was ${word} on day ${n}`;
  return { text, score: score + 0.1 * (n % 3) };
}
const reviews = Array.from({ length: 400 }, (_, n) => review(n));

/** Where and by whom a picture was bought, in SQuAD's form. */
const paragraphs = Array.from({ length: 120 }, (_, n) => {
  const [who, where] = [of(people, n), of(places, n)];
  const context = `${who} bought a picture of a ${of(things, n)} in ${where} in ${1900 + n}. The weather was calm.`;
  const ask = (id, question, text) => ({ id, question, answers: [{ text, answer_start: context.indexOf(text) }] });
  return {
    context,
    qas: [ask(`where${n}`, 'Where was the picture bought?', where), ask(`who${n}`, 'Who bought the picture?', who)],
  };
});

export const taskDatasets = [
  {
    name: 'review-scores',
    kind: 'regression',
    file: 'scores.tsv',
    content: ['text\tscore', ...reviews.map(({ text, score }) => `${text}\t${score.toFixed(2)}`)].join('\n'),
  },
  {
    name: 'reviews',
    kind: 'classification',
    file: 'reviews.tsv',
    content: [
      'label\ttext',
      ...reviews.map(({ text, score }) => `${score > 3 ? 'praise' : 'complaint'}\t${text}`),
    ].join('\n'),
  },
  {
    name: 'pictures',
    kind: 'question-answering',
    file: 'pictures.json',
    content: JSON.stringify({ version: '1.1', data: [{ title: 'pictures', paragraphs }] }),
  },
];

const training = { maxSteps: 120, maxLength: 48, globalBatchSize: 16, evaluateEvery: 20, checkpointEvery: 40 };
const optimizer = { learningRate: 3e-3, warmupSteps: 10 };
const finetuned = (name, dataset) => ({
  name,
  task: 'bert-finetune',
  dataset,
  model: { preset: 'bert-debug' },
  tokenizer: { vocabSize: 1000 },
  training,
  optimizer,
});
const experiment = (name) => ({ name, task: 'attention-lab', lab: { experiment: name } });

export const taskRuns = [
  finetuned('classification', 'reviews'),
  finetuned('genres', 'brown-genre'),
  finetuned('regression', 'review-scores'),
  finetuned('tagging', 'brown-pos'),
  finetuned('question-answering', 'pictures'),
  {
    name: 'translation',
    task: 'translate',
    dataset: 'messages-fr',
    model: { preset: 'debug', architecture: 'transformer' },
    training: { maxSteps: 120, evaluateEvery: 40, checkpointEvery: 40 },
    optimizer,
  },
  experiment('nadaraya-watson'),
  experiment('positions'),
  experiment('layer-comparison'),
];

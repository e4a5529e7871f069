import { until } from '../faults/system.mjs';

const asked = 200;
/** About a dozen tokens, one of them masked. */
const inputs = ['the gull watched the [MASK] . the boat left the harbour at dawn .'];

const training = (maxSteps) => ({
  task: 'bert-pretrain',
  dataset: 'bench',
  model: { preset: 'bert-mini' },
  training: { maxSteps, evaluateEvery: maxSteps, checkpointEvery: maxSteps },
  distributed: { minWorkers: 2, maxWorkers: 2, logicalShards: 2 },
});

/**
 * Asks a bert-mini for masked words, one question at a time, after a first one that loads the model.
 * @returns the median milliseconds of an answer while nothing trains, and while a bert-mini trains on both workers
 */
export async function fillMask({ stack, submit, post, get, finished }) {
  const first = await submit({ name: 'mini', ...training(2) });
  const run = await finished(first.id);
  if (run.status !== 'completed') throw new Error(`the run that makes a bert-mini ${run.status}`);
  const ask = async () => {
    const response = await fetch(`${stack.url}/api/v1/models/${run.model}/predict`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.apiKey()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ inputs }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
  };
  const median = async () => {
    await ask();
    const times = [];
    for (let i = 0; i < asked; i += 1) {
      const begun = performance.now();
      await ask();
      times.push(performance.now() - begun);
    }
    return times.sort((a, b) => a - b)[asked / 2];
  };
  const alone = await median();
  const other = await submit({ name: 'beside', ...training(100_000) });
  await until(async () => (await get(other.id)).progress.step >= 2, 120);
  const beside = await median();
  const { status } = await get(other.id);
  if (status !== 'running') throw new Error(`the run beside the questions was ${status} at their end`);
  await post(other.id, 'cancel');
  await finished(other.id);
  return { alone, beside };
}

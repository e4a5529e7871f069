/** Uploads a small text, warms a worker with one run, and times the next. @returns seconds from POST to its first stored step */
export async function firstStep({ stack, submit, get, finished, idleWorkers }) {
  const form = new FormData();
  form.append('name', 'bench');
  const line = 'the boat left the harbour at dawn .\nthe gull watched the sea .\n\n';
  form.append('file', new File([line.repeat(200)], 'bench.txt'));
  const headers = { authorization: `Bearer ${stack.apiKey()}` };
  const made = await fetch(`${stack.url}/api/v1/datasets`, { method: 'POST', headers, body: form });
  if (made.status !== 201) throw new Error(`the upload was answered with ${made.status}`);
  const body = {
    task: 'bert-pretrain',
    dataset: 'bench',
    model: { preset: 'bert-debug' },
    training: { maxSteps: 20, evaluateEvery: 20, checkpointEvery: 20 },
    distributed: { minWorkers: 1, maxWorkers: 1 },
  };
  await idleWorkers(1);
  const warm = await submit({ name: 'warm', ...body });
  const end = await finished(warm.id);
  if (end.status !== 'completed') throw new Error(`the run that warms the worker ${end.status}`);
  await idleWorkers(1);
  const begun = performance.now();
  const { id } = await submit({ name: 'timed', ...body });
  for (let step = 0; step < 1; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    step = (await get(id)).progress.step;
    if (performance.now() - begun > 120_000) throw new Error('no step within two minutes');
  }
  const seconds = (performance.now() - begun) / 1000;
  await finished(id);
  return seconds;
}

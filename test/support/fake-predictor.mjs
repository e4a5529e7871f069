// Answers next-sentence predictions with a fixed number; dies or refuses when the text says so.
import os from 'node:os';

process.on('disconnect', () => process.exit(0));
process.on('message', ({ type, id, job }) => {
  if (type !== 'infer') return;
  const self = { pid: process.pid, nice: os.getPriority() };
  if (job.action !== 'predict') return process.send({ type: 'result', id, result: self });
  const [{ text }] = job.body.pairs;
  if (text === 'who') return process.send({ type: 'result', id, result: self });
  if (text === 'die') process.exit(3);
  if (text === 'refuse')
    process.send({
      type: 'error',
      id,
      code: 'invalid',
      message: 'no',
      retryable: false,
      errors: [{ path: 'pairs.0', message: 'no' }],
    });
  else process.send({ type: 'result', id, result: { results: [{ isNext: 0.5 }] } });
});

import { createEngine, type EngineKind } from './engine.js';
import { ParameterSpace } from './memory/space.js';
import { tf } from './tf.js';
import type { ModelFunction } from './types.js';

const model: ModelFunction = ({ w }, { x }) => {
  const loss = tf.sum(tf.mul(w, x));
  return { loss, sums: { loss } };
};

/** Why an engine cannot be used on this machine, found by training the smallest model on it; null: it can. */
export async function engineProblem(kind: EngineKind): Promise<string | null> {
  const w = { name: 'w', shape: [4], decay: false, init: 'ones' as const };
  const space = new ParameterSpace([w], { scratchBytes: 4096, partials: 0, scalars: 0 });
  space.initialize(1, 1);
  try {
    const inputs = [{ name: 'x', shape: [4], dtype: 'float32' as const }];
    const program = await createEngine(kind).compile({ key: 'probe', model, inputs, space, dropout: false });
    program.inputs.x.set([1, 2, 3, 4]);
    const { loss } = await program.run({ seed: 1, step: 1, shard: 0, micro: 0 });
    await program.dispose();
    const right = loss === 10 && String(space.view('g', 'w')) === '1,2,3,4';
    return right ? null : `a sum of 1, 2, 3 and 4 came out as ${loss}`;
  } catch (error) {
    return (error as Error).message;
  }
}

import { SimpleGrid, Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Heatmap } from '../../charts/heatmap.js';
import { percent } from '../../lib/format.js';
import { Idea, Knob } from './idea.js';
import { masked, scores } from './masks.js';

const length = 10;
const raw = scores(length);
const places = Array.from({ length }, (_, i) => String(i + 1));
/** Scores as shares from the lowest to the highest. */
const [low, high] = [Math.min(...raw.flat()), Math.max(...raw.flat())];
const shares = raw.map((row) => row.map((score) => (score - low) / (high - low)));

/** What a query may look at: padding and the future hidden before the softmax. */
export function Masks() {
  const [valid, setValid] = useState(7);
  const [causal, setCausal] = useState(false);
  const weights = useMemo(() => masked(raw, valid, causal), [valid, causal]);
  return (
    <Idea
      title="Masks: what may be looked at"
      formula="softmax(QKᵀ/√d + M), M = 0 where a key may be seen, −∞ where not"
      controls={
        <>
          <Knob
            label="Length of the sentence"
            value={valid}
            onChange={setValid}
            min={1}
            max={length}
            say={(value) => `${value} of ${length}`}
          />
          <Switch
            label="Causal: no looking ahead"
            checked={causal}
            onChange={(event) => setCausal(event.currentTarget.checked)}
          />
        </>
      }
      pictures={
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Heatmap
            label="Scores"
            rows={places}
            columns={places}
            values={shares}
            say={(row, column) => `query ${row + 1}, key ${column + 1}: score ${raw[row][column].toFixed(2)}`}
            rowsLabel="scores of the queries"
            columnsLabel="keys"
          />
          <Heatmap
            label="Weights"
            rows={places}
            columns={places}
            values={weights}
            say={(row, column) => `query ${row + 1} on key ${column + 1}: ${percent(weights[row][column])}`}
            rowsLabel="weights of the queries, each of sum 1"
            columnsLabel="keys"
          />
        </SimpleGrid>
      }
    >
      Sentences of a batch are filled up to one length; the filling must get no weight, so its scores become −∞ before
      the softmax, and the weights of the rest grow. A model that writes word by word may not look at words it has yet
      to write: the causal mask hides all later keys, so the first query has only itself to look at.
    </Idea>
  );
}

import { SimpleGrid } from '@mantine/core';
import { useMemo, useState } from 'react';
import { KernelChart, KernelWeights } from '../../charts/lab-pictures.js';
import { Quantity } from '../../components/quantity.js';
import { fixed } from '../../lib/format.js';
import { palette } from '../../lib/palette.js';
import { Idea, Knob } from './idea.js';
import { distance, kernelFit, points as pointsOf, truth as truthOf } from './kernel.js';

const truth = truthOf(50);

/** Attention as kernel regression, with a width to turn. */
export function Kernel() {
  const [width, setWidth] = useState(0.5);
  const [noise, setNoise] = useState(0.5);
  const [examples, setExamples] = useState(50);
  const points = useMemo(() => pointsOf(examples, noise), [examples, noise]);
  const { fit, weights } = useMemo(() => kernelFit(points, truth.x, 1 / width), [points, width]);
  return (
    <Idea
      title="Attention is a weighted mean"
      formula="f(q) = Σᵢ softmax(−½ ((q − kᵢ) w)²) vᵢ"
      controls={
        <>
          <Knob
            label="Width of the kernel, 1/w"
            value={width}
            onChange={setWidth}
            min={0.02}
            max={3}
            step={0.02}
            say={(value) => fixed(value, 2)}
          />
          <Knob
            label="Noise"
            value={noise}
            onChange={setNoise}
            min={0}
            max={2}
            step={0.1}
            say={(value) => fixed(value, 1)}
          />
          <Knob label="Training points" value={examples} onChange={setExamples} min={5} max={100} />
          <Quantity
            label="Distance from the true function"
            help="Root of the mean squared difference between the fit and the true function"
          >
            {fixed(distance(fit, truth.y), 3)}
          </Quantity>
        </>
      }
      pictures={
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <KernelChart
            points={points}
            truth={truth}
            fits={[{ label: 'fit', color: palette.vermilion, x: truth.x, y: fit }]}
          />
          <KernelWeights title="Attention weights" weights={weights} />
        </SimpleGrid>
      }
      run={{ preset: 'nadaraya-watson', label: 'Let a run learn the width' }}
    >
      A query q looks at every training point and takes the mean of their values, where the near ones weigh more
      (Nadaraya and Watson, 1964). A narrow kernel follows each noisy point, a wide one forgets where it is asked:
      somewhere between, the fit is closest to the true function.
    </Idea>
  );
}

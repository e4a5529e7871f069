import { useMemo, useState } from 'react';
import { EncodingColumns, EncodingPictures } from '../../charts/lab-pictures.js';
import { Quantity } from '../../components/quantity.js';
import { decimal } from '../../lib/format.js';
import { encoding, offsetMap, residual } from './encoding.js';
import { Idea, Knob } from './idea.js';

/** Sinusoids for positions, and the rotation between places. */
export function Encodings() {
  const [length, setLength] = useState(60);
  const [width, setWidth] = useState(32);
  const [offset, setOffset] = useState(5);
  const matrix = useMemo(() => encoding(length, width), [length, width]);
  const map = useMemo(() => offsetMap(offset, width), [offset, width]);
  return (
    <Idea
      title="Where a word stands"
      formula="p(i, 2j) = sin(i / 10000^(2j/D)), p(i, 2j+1) = cos(i / 10000^(2j/D)), p(i + δ) = R(δ) p(i)"
      controls={
        <>
          <Knob label="Places" value={length} onChange={setLength} min={16} max={128} step={4} />
          <Knob label="Dimensions, D" value={width} onChange={setWidth} min={4} max={64} step={2} />
          <Knob label="Offset, δ" value={offset} onChange={setOffset} min={1} max={15} />
          <Quantity
            label="Largest error of the map"
            help="The largest distance between R(δ) p(i) and p(i + δ) over all places: rounding alone"
          >
            {decimal(residual(matrix, map, offset), 2)}
          </Quantity>
        </>
      }
      pictures={
        <>
          <EncodingColumns matrix={matrix} />
          <EncodingPictures matrix={matrix} offset={offset} map={map} />
        </>
      }
      run={{ preset: 'positions', label: 'The same as a run' }}
    >
      Attention itself does not know the order of its words, so each place gets a pattern of sines and cosines, from
      fast to slow. Moving on by δ is one rotation R(δ), the same at every place, so a model can learn to look at “the
      word three to the left”.
    </Idea>
  );
}

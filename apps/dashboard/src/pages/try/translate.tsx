import { Stack, Switch, Text, Textarea } from '@mantine/core';
import type { AttentionMaps } from '@regatta/contracts';
import { useState } from 'react';
import { Heatmap } from '../../charts/heatmap.js';
import { percent } from '../../lib/format.js';
import { readable } from '../../lib/tokens.js';
import { Answer } from './parts.js';
import { type Asked, useAnswer } from './use-answer.js';

interface Translated {
  results: { text: string; score: number; tokens: string[] }[];
  attention?: AttentionMaps;
}

/** A sentence, its translation, and which words the model looked at for each word it wrote. */
export function Translate(model: Asked) {
  const [text, setText] = useState("Cannot find name '{0}'.");
  const [returnAttention, setReturnAttention] = useState(false);
  const askable = text.trim() !== '';
  const query = useAnswer<Translated>(model, askable ? { inputs: [text], beamSize: 4, returnAttention } : null);
  return (
    <Stack gap="sm">
      <Textarea
        label="A sentence to translate"
        autosize
        minRows={2}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Switch
        label="Show what it looks at"
        checked={returnAttention}
        onChange={(event) => setReturnAttention(event.currentTarget.checked)}
      />
      <Answer query={query} hint={askable ? null : 'Write a sentence.'} height={50}>
        {({ results: [first], attention }) => (
          <>
            <Text fw={600} dir="auto" style={{ overflowWrap: 'anywhere' }}>
              {first.text}
            </Text>
            {returnAttention && attention && <Alignment attention={attention} />}
          </>
        )}
      </Answer>
    </Stack>
  );
}

/** The last layer's attention from target to source, the mean of its heads. */
function Alignment({ attention: { cross, ...read } }: { attention: AttentionMaps }) {
  if (!cross || !read.targetTokens) {
    return (
      <Text size="sm" c="dimmed">
        This model has no attention from target to source.
      </Text>
    );
  }
  // Together: a short translation may have no blank to tell its kind of tokens by.
  const words = readable([...read.tokens, ...read.targetTokens]);
  const tokens = words.slice(0, read.tokens.length);
  const targetTokens = words.slice(read.tokens.length);
  const heads = cross[cross.length - 1];
  const mean = heads[0].map((row, target) =>
    row.map((_, source) => heads.reduce((sum, head) => sum + head[target][source], 0) / heads.length),
  );
  return (
    <Heatmap
      label="What it looks at"
      rows={targetTokens}
      columns={tokens}
      values={mean}
      say={(row, column) => `“${targetTokens[row]}” looks at “${tokens[column]}”: ${percent(mean[row][column])}`}
      rowsLabel="what it writes"
      columnsLabel="what it reads"
    />
  );
}

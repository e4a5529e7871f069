import { useDebouncedValue } from '@mantine/hooks';
import { answer } from '@regatta/client';
import type { EmbedResult, ModelKind, PredictBodyOf } from '@regatta/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { client } from '../../api/client.js';

/** Which model is asked; `checkpoint`: a step that is not its last. */
export interface Asked {
  modelId: string;
  checkpoint?: number;
  /** Its attention is asked for too, and shown below the answer. */
  attention?: boolean;
}

type BodyInput = Partial<PredictBodyOf<ModelKind>>;
type Call<Body> = {
  params: { path: { id: string }; query: { checkpoint?: number } };
  body: Body;
  signal: AbortSignal;
};

/** The model's answer to a body, asked anew a moment after the last key; null: there is nothing to ask yet. */
export function useAnswer<Result>({ attention, ...model }: Asked, body: BodyInput | null) {
  return useAsked('predict', model, body && (attention ? { ...body, returnAttention: true } : body), async (call) => {
    return (await answer(client.POST('/api/v1/models/{id}/predict', call as never))) as Result;
  });
}

/** The contextual vectors of texts, asked for in the same way. */
export const useEmbedding = (model: Asked, inputs: string[] | null) =>
  useAsked(
    'embed',
    model,
    inputs && { inputs },
    (call): Promise<EmbedResult> => answer(client.POST('/api/v1/models/{id}/embed', call)),
  );

function useAsked<Body, Result>(
  what: string,
  { modelId, checkpoint }: Asked,
  body: Body | null,
  ask: (call: Call<Body>) => Promise<Result>,
) {
  const [asked] = useDebouncedValue(body === null ? null : JSON.stringify(body), 100);
  return useQuery({
    queryKey: [what, modelId, checkpoint, asked],
    queryFn: ({ signal }) =>
      ask({ params: { path: { id: modelId }, query: { checkpoint } }, body: JSON.parse(asked as string), signal }),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

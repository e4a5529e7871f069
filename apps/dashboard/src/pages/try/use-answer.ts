import { useDebouncedValue } from '@mantine/hooks';
import { answer } from '@regatta/client';
import type { ModelKind, PredictBodyOf } from '@regatta/contracts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { client } from '../../api/client.js';

/** Which model is asked; `checkpoint`: a step that is not its last. */
export interface Asked {
  modelId: string;
  checkpoint?: number;
}

type BodyInput = Partial<PredictBodyOf<ModelKind>>;

/** The model's answer to a body, asked anew a moment after the last key; null: there is nothing to ask yet. */
export function useAnswer<Result>({ modelId, checkpoint }: Asked, body: BodyInput | null) {
  const [asked] = useDebouncedValue(body === null ? null : JSON.stringify(body), 150);
  return useQuery({
    queryKey: ['predict', modelId, checkpoint, asked],
    queryFn: async ({ signal }) => {
      const params = { path: { id: modelId }, query: { checkpoint } };
      const call = client.POST('/api/v1/models/{id}/predict', { params, body: JSON.parse(asked as string), signal });
      return (await answer(call)) as Result;
    },
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

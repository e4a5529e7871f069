import { embedBody, type InferenceJob, type InferenceResult } from '@regatta/contracts';
import type { ArtifactStore } from '@regatta/storage';
import type { LoadedModel } from './model.js';

/** Does what a job asks of its model. */
export async function answer(store: ArtifactStore, model: LoadedModel, job: InferenceJob): Promise<InferenceResult> {
  switch (job.action) {
    case 'predict':
      return model.predict(job.body);
    case 'embed':
      return model.embed(embedBody.parse(job.body).inputs);
    case 'evaluate':
      return model.evaluate({
        kind: job.dataset.kind,
        bytes: await store.getBlob(job.dataset.sha256),
        split: job.split,
      });
    case 'onnx': {
      const files = Object.entries(await model.exportOnnx());
      return {
        files: await Promise.all(
          files.map(async ([name, bytes]) => ({
            name,
            blob: (await store.putBlob(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))).sha256,
          })),
        ),
      };
    }
  }
}

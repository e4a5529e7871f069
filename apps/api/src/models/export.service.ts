import { Inject, Injectable } from '@nestjs/common';
import type { ArtifactStore } from '@regatta/storage';
import { ZipFile } from 'yazl';
import { InferenceService } from '../predict/inference.service.js';
import { STORE } from '../tokens.js';
import { ModelsService, type Weights } from './models.service.js';

/** Models as files that others read. */
@Injectable()
export class ExportService {
  constructor(
    private readonly models: ModelsService,
    private readonly inference: InferenceService,
    @Inject(STORE) private readonly store: ArtifactStore,
  ) {}

  /**
   * A zip of a model's files. Stored, not deflated: weights hardly get smaller.
   * @throws AppError conflict when its weights are gone; invalid where there is no such form of it; unavailable when no
   * worker could make it
   */
  async zip(id: string, format: 'huggingface' | 'onnx'): Promise<{ name: string; stream: NodeJS.ReadableStream }> {
    const row = await this.models.must(id);
    const name = row.name.replace(/[^\w.-]+/g, '-');
    const zip = new ZipFile();
    const options = { compress: false, mtime: new Date(0) };
    if (format === 'huggingface') {
      for (const [file, bytes] of await this.models.files(row))
        zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), file, options);
    } else {
      const weights = await this.models.weights(row);
      const { files } = await this.inference.onnx(weights);
      for (const [file, bytes] of await this.beside(weights)) zip.addBuffer(bytes, file, options);
      for (const { name: file, blob } of files) zip.addReadStream(this.store.openBlob(blob), file, options);
    }
    zip.end();
    return { name, stream: zip.outputStream };
  }

  /** What the weights mean nothing without: configuration and tokenizers. */
  private async beside({ owner, step }: Weights): Promise<[string, Buffer][]> {
    const { files } = await this.store.readCheckpoint(owner, step);
    return Object.entries(files).filter(([name]) => /\.(json|txt)$/.test(name) && name !== 'state.json');
  }
}

import { openAsBlob } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '@regatta/client';

/** What a row may do with the system: train, upload, evaluate. Runs are kept by name, so that a later row can start from an earlier one's model. */
export class Laboratory {
  runs = new Map();

  constructor(client, stack) {
    this.client = client;
    this.stack = stack;
  }

  /** Queues a run and waits for its end. @returns the completed run; @throws where it did not complete */
  async train(body) {
    const known = this.runs.get(body.name) ?? (await this.earlier(body.name));
    if (known) return known;
    const headers = { 'idempotency-key': crypto.randomUUID() };
    let run = await answer(this.client.POST('/api/v1/runs', { body, headers }));
    let told = -1;
    while (!['completed', 'failed', 'cancelled'].includes(run.status)) {
      await sleep(1000);
      run = await answer(this.client.GET('/api/v1/runs/{id}', { params: { path: { id: run.id } } }));
      const { step, maxSteps } = run.progress;
      if (step >= told + (maxSteps ?? 1000) / 5) {
        told = step;
        console.log(`  ${body.name}: step ${step} of ${maxSteps}, loss ${run.metrics['train.loss']?.toFixed(3)}`);
      }
    }
    if (run.status !== 'completed') throw new Error(`${body.name} ${run.status}: ${run.error?.message}`);
    this.runs.set(body.name, run);
    return run;
  }

  /** A data directory that was given keeps its runs: one that completed there is not trained again. */
  async earlier(name) {
    const query = { text: name, status: 'completed', limit: 200 };
    const { items } = await answer(this.client.GET('/api/v1/runs', { params: { query } }));
    return items.find((run) => run.name === name);
  }

  /** Uploads a file as a dataset. @returns the dataset */
  async upload(name, kind, fileName, text) {
    const form = new FormData();
    form.set('name', name);
    form.set('kind', kind);
    form.set('file', new Blob([text]), fileName);
    const response = await fetch(`${this.stack.url}/api/v1/datasets`, {
      method: 'POST',
      body: form,
      headers: { authorization: `Bearer ${this.stack.apiKey()}`, 'idempotency-key': crypto.randomUUID() },
    });
    const dataset = await response.json();
    if (!response.ok) throw new Error(`${name}: ${dataset.detail}`);
    return dataset;
  }

  /** Brings a BERT from the files of a Hugging Face folder; a data directory that was given may have it already. @returns the model */
  async importModel(name, folder, files) {
    const { items } = await answer(this.client.GET('/api/v1/models', { params: { query: { limit: 200 } } }));
    const known = items.find((model) => model.name === name);
    if (known) return known;
    const form = new FormData();
    form.set('name', name);
    for (const file of files) form.append('file', await openAsBlob(path.join(folder, file)), file);
    return answer(this.client.POST('/api/v1/models/import', { body: form, bodySerializer: () => form }));
  }

  /** A metric's value at one step of a run. */
  async metricAt(run, name, step) {
    const params = { path: { id: run.id }, query: { names: name, from: step, to: step } };
    const { series } = await answer(this.client.GET('/api/v1/runs/{id}/metrics', { params }));
    return series[0].points[0].value;
  }

  /** What a run's last evaluation left of a kind. */
  async samples(run, kind) {
    const params = { path: { id: run.id }, query: { kind, limit: 1 } };
    return (await answer(this.client.GET('/api/v1/runs/{id}/samples', { params }))).items[0].data;
  }

  /** Metrics of a run's model on a dataset. */
  async evaluate(run, dataset, split = 'all') {
    const request = { params: { path: { id: run.model } }, body: { dataset, split } };
    return (await answer(this.client.POST('/api/v1/models/{id}/evaluate', request))).metrics;
  }
}

import { listQuery, model, modelPatch, page } from '@regatta/contracts';
import { z } from 'zod';
import { route } from '../http/route.js';

const tag = 'models';
const path = '/api/v1/models';

export const listModels = route({
  method: 'get',
  path,
  tag,
  summary: 'Models, newest first',
  role: 'viewer',
  query: listQuery,
  answers: { 200: { description: 'A page of models', schema: page(model) } },
});

export const getModel = route({
  method: 'get',
  path: `${path}/:id`,
  tag,
  summary: 'A model and where it came from',
  role: 'viewer',
  answers: { 200: { description: 'The model', schema: model } },
});

export const patchModel = route({
  method: 'patch',
  path: `${path}/:id`,
  tag,
  summary: 'Change name or description',
  role: 'member',
  body: modelPatch,
  answers: { 200: { description: 'The changed model', schema: model } },
});

export const deleteModel = route({
  method: 'delete',
  path: `${path}/:id`,
  tag,
  summary: 'Delete a model; the checkpoints of its run stay',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
});

export const exportModel = route({
  method: 'get',
  path: `${path}/:id/export`,
  tag,
  summary: 'Download a model as a folder that transformers reads',
  role: 'viewer',
  query: z.strictObject({ format: z.enum(['huggingface']).default('huggingface') }),
  answers: {
    200: {
      description: 'A zip of config.json, model.safetensors, vocab.txt, tokenizer.json and tokenizer_config.json',
      schema: z.string().meta({ format: 'binary' }),
      contentType: 'application/zip',
    },
  },
  fails: [409],
});

import { listQuery, model, modelImport, modelPatch, page } from '@regatta/contracts';
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
  summary: 'Change name, description or stage',
  role: 'member',
  body: modelPatch,
  answers: { 200: { description: 'The changed model', schema: model } },
});

export const deleteModel = route({
  method: 'delete',
  path: `${path}/:id`,
  tag,
  summary: 'Delete a model; the checkpoints of its run stay, an imported one goes with its weights',
  role: 'member',
  answers: { 204: { description: 'Deleted' } },
  fails: [409],
});

export const importModel = route({
  method: 'post',
  path: `${path}/import`,
  tag,
  summary: 'Bring a BERT from a Hugging Face folder: to fine-tune, to predict with, to export',
  role: 'member',
  multipart: modelImport,
  answers: { 201: { description: 'The model', schema: model } },
  creates: true,
  fails: [507],
});

export const exportModel = route({
  method: 'get',
  path: `${path}/:id/export`,
  tag,
  summary: 'Download a model: a BERT as a folder that transformers reads, any model as ONNX',
  role: 'viewer',
  query: z.strictObject({ format: z.enum(['huggingface', 'onnx']).default('huggingface') }),
  answers: {
    200: {
      description:
        'A zip: config.json, model.safetensors, vocab.txt, tokenizer.json and tokenizer_config.json; or the ONNX files, with the configuration and tokenizers',
      schema: z.string().meta({ format: 'binary' }),
      contentType: 'application/zip',
    },
  },
  fails: [409],
});

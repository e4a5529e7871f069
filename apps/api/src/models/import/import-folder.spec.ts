import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStore } from '@regatta/storage';
import { folderOf, type TinyBert, tinyPretraining, tinyVocab } from '../../../../../test/support/hugging-face.js';
import { importFolder } from './import-folder.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'regatta-import-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function imported(files: Record<string, Buffer>) {
  const places = Object.keys(files).map((name) => [name, path.join(folder, name)]);
  for (const [name, place] of places) await writeFile(place, files[name]);
  return importFolder({ files: Object.fromEntries(places), artifactsUrl: `${folder}/artifacts`, owner: 'owner' });
}

describe('importFolder', () => {
  const config = (over: object) => {
    const bert = tinyPretraining();
    return folderOf({ ...bert, config: { ...bert.config, ...over } });
  };
  const tensors = (change: (tensors: TinyBert['tensors']) => void) => {
    const bert = tinyPretraining();
    change(bert.tensors);
    return folderOf(bert);
  };
  const without = (name: string) => {
    const { [name]: _, ...files } = folderOf(tinyPretraining());
    return files;
  };
  const withFile = (name: string, text: string | Buffer) => ({
    ...folderOf(tinyPretraining()),
    [name]: Buffer.from(text),
  });
  const query = 'bert.encoder.layer.1.attention.self.query.weight';

  it.each<[string, Record<string, Buffer>, string, RegExp]>([
    ['no weights', without('model.safetensors'), 'model.safetensors', /is missing/],
    ['no configuration', without('config.json'), 'config.json', /is missing/],
    ['no vocabulary', without('vocab.txt'), 'vocab.txt', /is missing, and tokenizer.json too/],
    ['a configuration that is no JSON', withFile('config.json', '{"a'), 'config.json', /is not JSON/],
    ['a configuration that is a list', withFile('config.json', '[]'), 'config.json', /is not an object/],
    ['a configuration that is not UTF-8', withFile('config.json', Buffer.from([0xff])), 'config.json', /is not UTF-8/],
    ['NUL in its configuration', config({ _name_or_path: 'a\0' }), 'config.json._name_or_path', /NUL/],
    ['another family', config({ model_type: 'gpt2' }), 'config.json.model_type', /must be bert, not "gpt2"/],
    ['another class', config({ architectures: ['BertLMHeadModel'] }), 'config.json.architectures', /BertLMHeadModel/],
    ['another activation', config({ hidden_act: 'gelu_new' }), 'config.json.hidden_act', /must be gelu/],
    [
      'relative positions',
      config({ position_embedding_type: 'relative_key' }),
      'config.json.position_embedding_type',
      /absolute/,
    ],
    ['a decoder', config({ is_decoder: true }), 'config.json.is_decoder', /must be false/],
    ['no size', config({ hidden_size: undefined }), 'config.json.hidden_size', /expected number/],
    [
      'a size by heads that do not divide it',
      config({ num_attention_heads: 4 }),
      'config.json.hidden_size',
      /multiple of/,
    ],
    [
      'fewer layers than config.json says',
      config({ num_hidden_layers: 3 }),
      'model.safetensors',
      /lacks bert.encoder.layer.2.*and 13 more/,
    ],
    [
      'more layers than config.json says',
      config({ num_hidden_layers: 1 }),
      'model.safetensors',
      /layer.1.*no part of a BERT/,
    ],
    [
      'a tensor missing',
      tensors((all) => all.delete(query)),
      'model.safetensors',
      /lacks bert.encoder.layer.1.attention.self.query.weight$/,
    ],
    [
      'another shape',
      tensors((all) => all.set(query, { shape: [9, 4], data: new Float32Array(36) })),
      'model.safetensors',
      /query.weight is \[9, 4\]; by config.json it must be \[6, 6\]/,
    ],
    [
      'a tensor of something else',
      tensors((all) => all.set('lm_head.weight', { shape: [1], data: Float32Array.of(1) })),
      'model.safetensors',
      /lm_head.weight/,
    ],
    [
      'a weight that is not finite',
      tensors((all) => all.set(query, { shape: [6, 6], data: new Float32Array(36).fill(Number.NaN, 5) })),
      'model.safetensors',
      /holds NaN at place 5/,
    ],
    [
      'an output layer of its own',
      tensors((all) => all.set('cls.predictions.decoder.weight', { shape: [13, 6], data: new Float32Array(78) })),
      'model.safetensors',
      /must be tied/,
    ],
    [
      'weights cut short',
      withFile('model.safetensors', folderOf(tinyPretraining())['model.safetensors'].subarray(0, -4)),
      'model.safetensors',
      /cannot be bytes/,
    ],
    [
      'weights that are a pickle',
      withFile('model.safetensors', Buffer.from('\x80\x02}q\x00X\x05\x00\x00\x00')),
      'model.safetensors',
      /header/,
    ],
    ['no weights in it', withFile('model.safetensors', ''), 'model.safetensors', /only 0 bytes/],
    [
      'too large a vocabulary',
      withFile('vocab.txt', `${[...tinyVocab, 'x', 'y'].join('\n')}\n`),
      'vocab.txt',
      /14 tokens, more than.*13/,
    ],
    ['no [MASK]', withFile('vocab.txt', '[PAD]\n[UNK]\n[CLS]\n[SEP]\n'), 'vocab.txt', /\[MASK\]/],
    [
      'a token twice',
      withFile('vocab.txt', `${[...tinyVocab, 'cat'].join('\n')}\n`),
      'vocab.txt',
      /"cat" more than once/,
    ],
    [
      'another kind of tokenizer',
      withFile('tokenizer.json', '{"model":{"type":"BPE","vocab":{}}}'),
      'tokenizer.json.model.type',
      /WordPiece/,
    ],
    [
      'accents kept in lower case',
      withFile('tokenizer_config.json', '{"do_lower_case":true,"strip_accents":false}'),
      'tokenizer_config.json',
      /accents/,
    ],
  ])('refuses a folder with %s, naming the file', async (_what, files, path, message) => {
    await expect(imported(files)).rejects.toMatchObject({
      code: 'invalid-file',
      errors: [{ path }],
      message: expect.stringMatching(message),
    });
    expect(await openStore(`${folder}/artifacts`).listCheckpoints('owner')).toEqual([]);
  });
});

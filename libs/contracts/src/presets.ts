/** Sizes of the presets (Turc et al., "Well-Read Students Learn Better", 2019, table 1; debug is ours: a whole run in seconds). */
export const bertPresets = {
  'bert-debug': { hiddenSize: 32, numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 128 },
  'bert-tiny': { hiddenSize: 128, numHiddenLayers: 2, numAttentionHeads: 2, intermediateSize: 512 },
  'bert-mini': { hiddenSize: 256, numHiddenLayers: 4, numAttentionHeads: 4, intermediateSize: 1024 },
  'bert-small': { hiddenSize: 512, numHiddenLayers: 4, numAttentionHeads: 8, intermediateSize: 2048 },
  'bert-medium': { hiddenSize: 512, numHiddenLayers: 8, numAttentionHeads: 8, intermediateSize: 2048 },
  'bert-base': { hiddenSize: 768, numHiddenLayers: 12, numAttentionHeads: 12, intermediateSize: 3072 },
} as const;

export type BertPreset = keyof typeof bertPresets;
export const bertPresetNames = Object.keys(bertPresets) as [BertPreset, ...BertPreset[]];

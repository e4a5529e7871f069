export { type Seq2SeqConfig, seq2seqParameters } from './config.js';
export { seq2seqModel } from './model.js';

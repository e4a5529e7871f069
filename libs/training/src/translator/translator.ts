import { AppError, type AttentionMaps } from '@regatta/contracts';
import { type Engine, ParameterSpace } from '@regatta/engine';
import type { Hypothesis } from '@regatta/models';
import { decodeSafetensors } from '@regatta/storage';
import { loadTokenizer, type TextTokenizer } from '@regatta/text';
import { attentionMaps, selfAttention } from './attention-maps.js';
import { parseTranslationConfig, type TranslationModelConfig, translationModel } from './model.js';
import { encodeSentences, pairLengths, type SentencePairs } from './pairs.js';
import { TranslationPrograms } from './programs.js';
import { type ScoreShapes, scorePairs, translationSums } from './score.js';
import { decodingScratch, trainingScratch } from './scratch.js';
import { decodingShapes, type SearchSettings, searchTranslations, sourceLengths } from './search.js';

export interface Tokenizers {
  source: TextTokenizer;
  target: TextTokenizer;
}

export interface TranslateOptions extends SearchSettings {
  /** Adds the attention of the encoder to itself and of the decoder to the source, where the model has them. */
  returnAttention?: boolean;
}

export interface Translation {
  text: string;
  /** Log-probability in nats over Wu et al.'s length penalty. */
  score: number;
  /** Tokens of the translation, without the end token. */
  tokens: string[];
  attention?: AttentionMaps;
}

/** Names of the tokenizers among a checkpoint's files. */
export const tokenizerFiles = { source: 'source_tokenizer.json', target: 'target_tokenizer.json' } as const;
const scoringRows = 16;

/** A translation model with its weights and tokenizers. Calls run one after another: all programs share one memory. */
export class Translator {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly programs: TranslationPrograms,
    readonly config: TranslationModelConfig,
    readonly tokenizers: Tokenizers,
  ) {}

  /**
   * A model from the files of a checkpoint: config.json, model.safetensors and the two tokenizers.
   * @throws AppError `invalid` where a file is missing or describes something else
   */
  static load(engine: Engine, files: Record<string, Uint8Array>): Translator {
    const text = (name: string) => {
      if (files[name]) return Buffer.from(files[name]).toString('utf8');
      throw new AppError('invalid', `The translation model has no file ${name}.`, {
        next: 'Use a model that was trained by the task translate.',
      });
    };
    const config = parseTranslationConfig(JSON.parse(text('config.json')));
    const tokenizers = {
      source: loadTokenizer(text(tokenizerFiles.source)),
      target: loadTokenizer(text(tokenizerFiles.target)),
    };
    const model = translationModel(config);
    const scoring = sourceLengths(config.maxLength).map((length) => ({
      batch: scoringRows,
      sourceLength: length,
      targetLength: length,
    }));
    const space = new ParameterSpace(model.parameters, {
      scratchBytes: Math.max(
        ...decodingShapes(config.maxLength).map((shape) => decodingScratch(model, config, shape)),
        ...scoring.map((shape) => trainingScratch(model, config, shape)),
      ),
      partials: 0,
      scalars: translationSums.length,
    });
    space.importWeights(decodeSafetensors(files['model.safetensors'] ?? new Uint8Array()));
    return new Translator(new TranslationPrograms(engine, space, model), config, tokenizers);
  }

  get parameters(): number {
    return this.programs.space.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /**
   * The best translation of each text, in order.
   * @throws AppError `invalid` where a text has more tokens than the model takes
   */
  async translate(texts: readonly string[], options: TranslateOptions): Promise<Translation[]> {
    const sources = texts.map((text) => this.tokenizers.source.encode(text));
    const most = this.config.maxLength - 1;
    const errors = sources.flatMap(({ length }, i) =>
      length > most ? [{ path: `inputs.${i}`, message: `has ${length} tokens, the model takes ${most}` }] : [],
    );
    if (errors.length > 0) {
      throw new AppError('invalid', `A text is longer than the model takes: ${errors[0].path} ${errors[0].message}.`, {
        next: 'Translate it sentence by sentence.',
        errors,
      });
    }
    const found = await this.search(sources, options);
    const translations: Translation[] = [];
    for (const [i, hypothesis] of found.entries()) {
      const attention = options.returnAttention && { attention: await this.attention(sources[i], hypothesis) };
      translations.push({ ...this.told(hypothesis), ...attention });
    }
    return translations;
  }

  /** The best translations of sentences as token ids, without special tokens. @throws RangeError for one that is too long */
  search(sources: readonly Int32Array[], settings: SearchSettings): Promise<Hypothesis[]> {
    const { maxLength } = this.config;
    return this.inTurn(() => searchTranslations(this.programs, maxLength, sources, settings, this.tokenizers.target));
  }

  /** Sums over pairs under teacher forcing; see scorePairs. */
  score(pairs: SentencePairs, shapes?: ScoreShapes) {
    const own = { batch: scoringRows, buckets: sourceLengths(this.config.maxLength) };
    return this.inTurn(() => scorePairs(this.programs, pairs, shapes ?? own, this.tokenizers.target));
  }

  /** Pairs of texts as token ids. */
  encode(pairs: readonly { source: string; target: string }[]): SentencePairs {
    return {
      source: encodeSentences(
        pairs.map(({ source }) => source),
        this.tokenizers.source,
      ),
      target: encodeSentences(
        pairs.map(({ target }) => target),
        this.tokenizers.target,
      ),
    };
  }

  /** Which pairs the model takes: neither side longer than it, end tokens included. */
  fits(pairs: SentencePairs): boolean[] {
    return Array.from(pairLengths(pairs), (length) => length <= this.config.maxLength);
  }

  async dispose(): Promise<void> {
    await this.inTurn(() => this.programs.dispose());
  }

  private told({ tokens, score }: Hypothesis): Translation {
    const { target } = this.tokenizers;
    return { text: target.decode(tokens), score, tokens: Array.from(tokens, (id) => target.vocab[id]) };
  }

  private async attention(source: Int32Array, hypothesis: Hypothesis): Promise<AttentionMaps> {
    const { programs, config, tokenizers } = this;
    const self = await this.inTurn(() => selfAttention(programs, config, source, tokenizers.source));
    return attentionMaps(config, tokenizers, source, hypothesis, self);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }
}

import { splitSpaces, trimEndSpaces, trimSpaces } from './python-text.js';

/** sacreBLEU's tokenizations that need no model. */
export type BleuTokenization = '13a' | 'zh' | 'char' | 'none';

/** Languages written without blanks, which sacreBLEU has no tokenizer for or one with a large dictionary. */
const unspaced = new Set(['ja', 'th', 'lo', 'km', 'my']);

/** The tokenization for a target language ("zh-CN"): zh for Chinese as sacreBLEU, characters where words are not separated, else 13a. */
export function bleuTokenizationOf(language: string | null | undefined): BleuTokenization {
  const primary = (language ?? '').toLowerCase().split(/[-_]/)[0];
  if (primary === 'zh') return 'zh';
  return unspaced.has(primary) ? 'char' : '13a';
}

/**
 * Characters that sacreBLEU's zh tokenizer sets apart. Its two ranges beyond the basic plane are compared as strings of two characters
 * there: they take in U+2001–U+2A6D (“ ” among them) and no ideograph of the planes that they mean; scores agree only so.
 */
const chinese =
  /[\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\u2001-\u2a6d\u2f81-\u2fa1\uff00-\uffef\u2e80-\u2eff\u3000-\u303f\u31c0-\u31ef\u2f00-\u2fdf\u2ff0-\u2fff\u3100-\u312f\u31a0-\u31bf\ufe10-\ufe1f\ufe30-\ufe4f\u3200-\u33ff]/gu;

/** The part of mteval-v13a for Western languages: punctuation apart, but for . and , between digits. */
const western = (line: string): string =>
  line
    .replace(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/gu, '$1 $2 ');

const mteval = (line: string): string =>
  ` ${line
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')} `;

/** The tokens of a line, as sacreBLEU counts them. */
export function bleuTokens(line: string, tokenization: BleuTokenization): string[] {
  const text = trimEndSpaces(line);
  if (tokenization === '13a') return splitSpaces(western(mteval(text)));
  if (tokenization === 'zh') return splitSpaces(western(splitChinese(text)));
  return tokenization === 'char' ? splitSpaces(Array.from(text).join(' ')) : splitSpaces(text);
}

const splitChinese = (text: string): string => trimSpaces(text).replace(chinese, ' $& ');

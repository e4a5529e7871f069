/** What the reference tools' language calls white space; JavaScript's \s has other control characters and U+FEFF. */
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const spaces = new RegExp(`[${space}]+`, 'u');
const startSpaces = new RegExp(`^[${space}]+`, 'u');
const endSpaces = new RegExp(`[${space}]+$`, 'u');

/** Python's `str.split()`: the stretches between white space. */
export const splitSpaces = (text: string): string[] => text.split(spaces).filter((part) => part !== '');

/** Python's `str.rstrip()`. */
export const trimEndSpaces = (text: string): string => text.replace(endSpaces, '');

/** Python's `str.strip()`. */
export const trimSpaces = (text: string): string => trimEndSpaces(text).replace(startSpaces, '');

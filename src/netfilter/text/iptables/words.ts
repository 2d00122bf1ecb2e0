/**
 * Words of a rule line, split and quoted as iptables does it: double quotes hold a word together, a
 * backslash inside them takes the next character as it is.
 */

/** A line could not be split: a quote is not closed. */
export class UnclosedQuote extends Error {
  override readonly name = "UnclosedQuote";
}

/**
 * Splits one line into words.
 *
 * Errors: `UnclosedQuote`.
 * Follows: iptables 1.8.9 iptables/xshared.c `add_param_to_argv`.
 */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length; ) {
    const c = line.charCodeAt(at);
    if (isBlank(c)) {
      at++;
      continue;
    }
    // Words are slices of the line wherever nothing must be taken out of them.
    let end = at;
    while (end < line.length && !isBlank(line.charCodeAt(end)) && line.charCodeAt(end) !== QUOTE) {
      end++;
    }
    if (line.charCodeAt(end) !== QUOTE) {
      words.push(line.slice(at, end));
      at = end;
    } else {
      at = readQuoted(line, at, words);
    }
  }
  return words;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

/** Reads one word that has quotes in it; returns where it ends. */
function readQuoted(line: string, start: number, words: string[]): number {
  let word = "";
  let at = start;
  while (at < line.length && !isBlank(line.charCodeAt(at))) {
    const isQuoted = line.charCodeAt(at) === QUOTE;
    if (isQuoted) at++;
    const from = at;
    if (isQuoted) {
      while (at < line.length && line.charCodeAt(at) !== QUOTE) {
        at += line.charCodeAt(at) === BACKSLASH ? 2 : 1;
      }
      if (at >= line.length) throw new UnclosedQuote("a quote is not closed");
      const inner = line.slice(from, at++);
      word += inner.includes("\\") ? inner.replace(/\\([\s\S])/g, "$1") : inner;
    } else {
      while (at < line.length && !isBlank(line.charCodeAt(at)) && line.charCodeAt(at) !== QUOTE) {
        at++;
      }
      word += line.slice(from, at);
    }
  }
  words.push(word);
  return at;
}

const PLAIN = /^[A-Za-z0-9_-]+$/;

/**
 * Quotes a word as iptables-save does: everything but letters, digits, `_` and `-` asks for quotes.
 *
 * Follows: iptables 1.8.9 libxtables/xtables.c `xtables_save_string`.
 */
export function quoteForSave(word: string): string {
  return PLAIN.test(word) ? word : `"${word.replace(/["\\']/g, "\\$&")}"`;
}

/** Quotes a word of something unknown: only where it would fall apart. */
export function quoteIfNeeded(word: string): string {
  return word !== "" && !/[\s"\\]/.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`;
}

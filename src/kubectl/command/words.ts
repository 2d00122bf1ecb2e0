/** A command line to words, as a shell splits it: quotes and backslashes, nothing more. */

/** Splits a command line. A quote that is never closed ends with the line. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  const part = /\s+|'([^']*)'?|"((?:\\.|[^"\\])*)"?|\\(.)|([^\s'"\\]+)|\\$/gs;
  let word: string | undefined;
  for (const match of line.matchAll(part)) {
    if (/^\s+$/.test(match[0])) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const doubled = match[2]?.replace(/\\(["\\$`])/g, "$1");
    word = (word ?? "") + (match[1] ?? doubled ?? match[3] ?? match[4] ?? "");
  }
  if (word !== undefined) words.push(word);
  return words;
}

/**
 * Scalars of a YAML text: stepped over, not read.
 *
 * Follows: go.yaml.in/yaml v2.4 scannerc.go `yaml_parser_scan_block_scalar`, `…_flow_scalar`,
 * `…_plain_scalar`.
 */
import type { YamlCursor } from "./yaml-cursor.js";

/** Steps over `|` or `>` and what is indented below. */
export function scanBlock(c: YamlCursor, outer: number): void {
  c.step();
  const increment = scanHeader(c);
  const least = Math.max(outer, 0);
  let indent = increment === 0 ? 0 : least + increment;
  indent = scanBreaks(c, indent, outer);
  while (c.column === indent && c.char() !== "") {
    c.stepToBreak();
    if (c.isBreak()) c.stepLine();
    indent = scanBreaks(c, indent, outer);
  }
}

/** `|`, `>-`, `|2+`: the indentation that is given; 0 for none. */
function scanHeader(c: YamlCursor): number {
  const [all = "", digit] = /^(?:[+-]?(\d)|(\d)?[+-]|)/.exec(c.text.slice(c.at, c.at + 2)) ?? [];
  const given = digit ?? /\d/.exec(all)?.[0];
  if (given === "0") throw c.refuse("found an indentation indicator equal to 0");
  c.step(all.length);
  if (/[+-]/.test(c.char()) && !/[+-]/.test(all)) c.step();
  while (c.isBlank()) c.step();
  if (c.char() === "#") c.stepToBreak();
  if (c.char() !== "" && !c.isBreak()) {
    throw c.refuse("did not find expected comment or line break");
  }
  if (c.isBreak()) c.stepLine();
  return Number(given ?? 0);
}

/** Empty lines before a line of a block; returns the indentation, found where none was given. */
function scanBreaks(c: YamlCursor, indent: number, outer: number): number {
  let deepest = 0;
  for (;;) {
    const isInside = () => indent === 0 || c.column < indent;
    while (isInside() && c.char() === " ") c.step();
    deepest = Math.max(deepest, c.column);
    if (isInside() && c.char() === "\t") {
      throw c.refuse("found a tab character where an indentation space is expected");
    }
    if (!c.isBreak()) break;
    c.stepLine();
  }
  return indent === 0 ? Math.max(deepest, outer + 1, 1) : indent;
}

/** Steps over a quoted text. */
export function scanQuoted(c: YamlCursor, quote: string): void {
  c.step();
  for (;;) {
    if (c.column === 0 && c.isDocumentMark()) {
      throw c.refuse("found unexpected document indicator");
    }
    const now = c.char();
    if (now === "") throw c.refuse("found unexpected end of stream");
    if (now === quote && (quote === '"' || c.char(1) !== "'")) break;
    if (c.isBreak()) c.stepLine();
    else if (now === "\\" && quote === '"') scanEscape(c);
    else c.step(now === quote ? 2 : 1);
  }
  c.step();
}

function scanEscape(c: YamlCursor): void {
  if (c.isBreak(1)) {
    c.step();
    c.stepLine();
    return;
  }
  const letter = c.char(1);
  const length = { x: 2, u: 4, U: 8 }[letter] ?? 0;
  if (length === 0 && !"0abt\tnvfre \"'\\N_LP".includes(letter)) {
    throw c.refuse("found unknown escape character");
  }
  c.step(2);
  const digits = c.text.slice(c.at, c.at + length);
  if (length > 0 && !new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits)) {
    throw c.refuse("did not find expected hexdecimal number");
  }
  const code = Number.parseInt(digits || "0", 16);
  if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) {
    throw c.refuse("found invalid Unicode character escape code");
  }
  c.step(length);
}

/** What ends a plain text between brackets. */
const FLOW_ENDS = ",?[]{}";

/** Steps over a text without quotes; returns whether it ended with its line. */
export function scanPlain(c: YamlCursor, outer: number, inFlow: boolean): boolean {
  const indent = outer + 1;
  let isNewLine = false;
  for (;;) {
    if (c.column === 0 && c.isDocumentMark()) break;
    if (c.char() === "#") break;
    while (!c.isBlankOrEnd()) {
      if (c.char() === ":" && c.isBlankOrEnd(1)) break;
      if (inFlow && FLOW_ENDS.includes(c.char())) break;
      isNewLine = false;
      c.step();
    }
    if (!c.isBlank() && !c.isBreak()) break;
    while (c.isBlank() || c.isBreak()) {
      if (c.isBreak()) {
        c.stepLine();
        isNewLine = true;
        continue;
      }
      if (isNewLine && c.column < indent && c.char() === "\t") {
        throw c.refuse("found a tab character that violates indentation");
      }
      c.step();
    }
    if (!inFlow && c.column < indent) break;
  }
  return isNewLine;
}

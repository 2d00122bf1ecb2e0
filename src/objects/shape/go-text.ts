/**
 * Text as Go prints it, because the API server's messages do.
 *
 * Follows: Go 1.25 strconv/quote.go `Quote`, encoding/json (with its escapes for HTML).
 */

/** Prints a value as Go's encoding/json does. */
export function printGoJson(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.replace(/[<>&\u2028\u2029]/g, (char) => unicodeEscape(char.charCodeAt(0)));
}

/** Prints a number as Go's `%v` prints one with a fraction: exponents have two digits. */
export function printGoNumber(value: number): string {
  const small = value !== 0 && Math.abs(value) < 1e-4;
  const text = small ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

function unicodeEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Whether a character is shown as it is: Go's `unicode.IsPrint`. */
export function isPrintable(char: string): boolean {
  return PRINTABLE.test(char);
}

/** Quotes text as Go's `%q` does. */
export function quote(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const short = SHORT_ESCAPES.get(char);
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (short !== undefined) out += short;
    else if (isPrintable(char)) out += char;
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x10000) out += unicodeEscape(code);
    else out += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return `${out}"`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\t", "\\t"],
  ["\r", "\\r"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\v", "\\v"],
  ["\u0007", "\\a"],
]);

const SPACE = "[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const SPACE_AROUND = new RegExp(`^${SPACE}|${SPACE}$`, "g");

/** Cuts white space off both ends, as Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  return text.replace(SPACE_AROUND, "");
}

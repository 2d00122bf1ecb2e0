/**
 * What a plain (unquoted) YAML scalar means. Kubernetes reads YAML 1.1 as go-yaml v2 does, so `yes`
 * is true, `0777` is octal, and a date is a text; this is where manifests most often surprise.
 *
 * Follows: sigs.k8s.io/yaml goyaml.v2 resolve.go.
 */

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map(
    (w) => [w, true] as const,
  ),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (w) => [w, false] as const,
  ),
  ...["", "~", "null", "Null", "NULL"].map((w) => [w, null] as const),
]);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const SPECIAL = /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/;

/** The value of a plain scalar. */
export function resolvePlain(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0);
  const isNumeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (isNumeric) return resolveNumber(text);
  const word = WORDS.get(text);
  return word === undefined ? text : word;
}

function resolveNumber(text: string): string | number {
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  const integer = resolveInteger(plain);
  if (integer !== undefined) return integer;
  if (FLOAT.test(plain)) return Number(plain);
  if (SPECIAL.test(text)) return text.includes("n") || text.includes("N") ? Number.NaN : Infinity;
  return text;
}

const INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;

function resolveInteger(text: string): number | undefined {
  if (!INTEGER.test(text)) return undefined;
  const negative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "");
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return negative && value !== 0 ? -value : value;
}

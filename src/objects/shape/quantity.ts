/**
 * Amounts of resources: `500m`, `2Gi`. Read exactly, added, printed in the shortest form of their
 * kind, which is also how they are stored.
 *
 * Follows: apimachinery v0.35 pkg/api/resource/quantity.go `ParseQuantity`, `CanonicalizeBytes`.
 */

/** An amount in billionths, and the kind of suffix it is printed with. */
export interface Quantity {
  readonly nano: bigint;
  readonly form: "decimal" | "binary" | "exponent";
}

const NANO = 1_000_000_000n;

/** Powers of ten by suffix. */
const DECIMAL: readonly (readonly [string, number])[] = [
  ["E", 18],
  ["P", 15],
  ["T", 12],
  ["G", 9],
  ["M", 6],
  ["k", 3],
  ["", 0],
  ["m", -3],
  ["u", -6],
  ["n", -9],
];

const BINARY = ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"];

/** Longest amount that is read: more digits say nothing. */
const MAX_LENGTH = 60;

/** Largest power of ten that is read. */
const MAX_EXPONENT = 40;

/** Reads an amount; undefined for any other text. What is finer than a billionth is rounded up. */
export function parseQuantity(text: string): Quantity | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", part = "", exponent, suffix = ""] = match;
  if (text === "") return undefined;
  const power = exponent === undefined ? (powerOf(suffix) ?? 0) : Number(exponent);
  if (Math.abs(power) > MAX_EXPONENT) return undefined;
  const unit = suffix.endsWith("i")
    ? 1n << BigInt(10 * (BINARY.length - BINARY.indexOf(suffix)))
    : 1n;
  const digits = BigInt(`0${whole}${part}`) * NANO * unit;
  const shift = power - part.length;
  const nano = shift >= 0 ? digits * 10n ** BigInt(shift) : roundUp(digits, 10n ** BigInt(-shift));
  const form = exponent !== undefined ? "exponent" : suffix.endsWith("i") ? "binary" : "decimal";
  return { nano: sign === "-" ? -nano : nano, form };
}

function powerOf(suffix: string): number | undefined {
  return DECIMAL.find(([name]) => name === suffix)?.[1];
}

function roundUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

/** Adds amounts; the first that is not zero gives the form. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, form: a.nano === 0n ? b.form : a.form };
}

/** The larger of two amounts. */
export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return b.nano > a.nano ? b : a;
}

/** No amount at all. */
export const ZERO: Quantity = { nano: 0n, form: "decimal" };

/** Prints an amount in its shortest form. */
export function printQuantity({ form, nano }: Quantity): string {
  if (nano === 0n) return "0";
  const size = nano < 0n ? -nano : nano;
  const sign = nano < 0n ? "-" : "";
  const bytes = size / NANO;
  if (form === "binary" && size % NANO === 0n && bytes >= 1024n) {
    for (const [i, suffix] of BINARY.entries()) {
      const unit = 1n << BigInt(10 * (BINARY.length - i));
      if (bytes % unit === 0n) return `${sign}${bytes / unit}${suffix}`;
    }
  }
  for (const [suffix, power] of DECIMAL) {
    const unit = 10n ** BigInt(power + 9);
    if (size % unit !== 0n) continue;
    const shown = form === "exponent" && power !== 0 ? `e${power}` : suffix;
    return `${sign}${size / unit}${shown}`;
  }
  return `${sign}${size}n`;
}

const FORMAT_WRONG =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_WRONG = "unable to parse quantity's suffix";

const TEXT = /^([+-]?)0*(\d*)(\.\d*)?([eEinumkKMGTP]*[-+]?\d*)$/;
const SUFFIX = /^([numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d+)$/;

/** How an amount is stored, or what the server says of a text that is none. */
export interface StoredQuantity {
  readonly text: string;
  readonly message?: string;
}

/**
 * Brings the text of an amount to the form in which it is stored: `0.5` becomes `500m`.
 *
 * Follows: apimachinery v0.35 pkg/api/resource/quantity.go `ParseQuantity`, which keeps a text that is in
 * its shortest form already, even with zeros or a plus before it.
 */
export function storedQuantity(text: string): StoredQuantity {
  const [, , whole = "", part = "", suffix = ""] = text === "" ? [] : (TEXT.exec(text) ?? []);
  if (text === "" || !TEXT.test(text)) return { text, message: FORMAT_WRONG };
  if (!SUFFIX.test(suffix)) return { text, message: SUFFIX_WRONG };
  if (isShortest(whole, part.slice(1), suffix)) return { text };
  const quantity = parseQuantity(text);
  return { text: quantity === undefined ? text : printQuantity(quantity) };
}

function isShortest(whole: string, part: string, suffix: string): boolean {
  const digits = (whole === "" ? "0" : whole) + part;
  if (digits.length > 15) return false;
  if (suffix.endsWith("i")) return part === "" && Number(digits) % 8 !== 0;
  const power = /^[eE]./.test(suffix) ? Number(suffix.slice(1)) : (powerOf(suffix) ?? 0);
  return (power - part.length) % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
}

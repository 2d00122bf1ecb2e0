/**
 * What an API server or a controller draws at random, derived from what it is for: uids, ends of
 * generated names, template hashes. Same cluster, same names, on any machine.
 */
import { hash32 } from "../../cni/index.js";

/** The characters of generated names: no vowels, nothing that looks like another. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
/** Length of the end of a generated name. */
const SUFFIX_LENGTH = 5;

/**
 * Five characters for the end of a generated name.
 *
 * Follows: Kubernetes v1.35.4 apimachinery pkg/util/rand/rand.go `String` (its alphabet; the choice
 * is a hash of `text` instead of chance).
 */
export function nameSuffix(text: string): string {
  let [high, low] = [hash32(text, 11), hash32(text, 12)];
  let suffix = "";
  for (let i = 0; i < SUFFIX_LENGTH; i++) {
    const part = i < 3 ? low : high;
    suffix += ALPHABET[part % ALPHABET.length];
    if (i < 3) low = Math.floor(low / ALPHABET.length);
    else high = Math.floor(high / ALPHABET.length);
  }
  return suffix;
}

/**
 * The first generated name that is not taken.
 *
 * Shape: `salt` tells one occasion from another, so that a pod that replaces another has a new name.
 */
export function generateName(
  prefix: string,
  salt: string,
  isTaken: (name: string) => boolean,
): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${prefix}${nameSuffix(`${prefix}/${salt}/${attempt}`)}`;
    if (!isTaken(name)) return name;
  }
}

/**
 * The label that ties pods to a version of their template.
 *
 * Follows: Kubernetes v1.35.4 pkg/controller/controller_utils.go `ComputeHash` in form: a 32-bit hash
 * in the alphabet of safe names. The number itself is of our own text of the template.
 */
export function templateHash(template: unknown): string {
  const digits = String(hash32(canonicalText(withoutEmpty(template)), 13));
  return [...digits].map((d) => ALPHABET[d.charCodeAt(0) % ALPHABET.length]).join("");
}

/** What is empty means the same as what is left out. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value === "" ? undefined : value;
  const entries = Object.entries(value).map(([key, v]) => [key, withoutEmpty(v)] as const);
  const kept = entries.filter(([, v]) => v !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** A version 4 UUID. */
export function deriveUid(text: string): string {
  const hex = [1, 2, 3, 4].map((salt) =>
    hash32(text, 20 + salt)
      .toString(16)
      .padStart(8, "0"),
  );
  const all = hex.join("");
  const variant = ((Number.parseInt(all[16] as string, 16) & 3) | 8).toString(16);
  const [a, b, c] = [all.slice(0, 8), all.slice(8, 12), all.slice(13, 16)];
  return `${a}-${b}-4${c}-${variant}${all.slice(17, 20)}-${all.slice(20, 32)}`;
}

/** JSON with sorted keys: equal values have equal texts. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, v) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : v,
  );
}

/** Compares names by code unit, for sorting. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

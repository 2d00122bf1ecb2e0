/**
 * Names that the server makes up: of an object that has a `generateName` and no name.
 *
 * Follows: apiserver v0.35 pkg/storage/names/generate.go `GenerateName`, apimachinery v0.35
 * pkg/util/rand/rand.go `String`. The end is drawn from a stream that is seeded by the beginning, so the
 * same objects get the same names.
 */
import { openRandom } from "../base/index.js";

/** The characters of generated names: no vowels, nothing that looks like another. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const END_LENGTH = 5;
/** Longest beginning that is used. */
const MAX_BEGINNING = 63 - END_LENGTH;

/**
 * Gives the JSON of an object the name that its `generateName` asks for.
 *
 * Shape: the input is not changed; what has a name, or asks for none, comes back itself.
 */
export function withGeneratedName(json: unknown, isTaken: (name: string) => boolean): unknown {
  if (!isObject(json) || !isObject(json.metadata)) return json;
  const { generateName, name, namespace = "" } = json.metadata;
  if (typeof json.kind !== "string" || typeof namespace !== "string") return json;
  if (typeof generateName !== "string" || generateName === "") return json;
  if (name !== undefined && name !== null && name !== "") return json;
  const beginning = generateName.slice(0, MAX_BEGINNING);
  const random = openRandom(beginning, "generated names");
  for (;;) {
    const end = Array.from(
      { length: END_LENGTH },
      () => ALPHABET[random.nextBelow(ALPHABET.length)],
    );
    const made = `${beginning}${end.join("")}`;
    if (!isTaken(made)) return { ...json, metadata: { ...json.metadata, name: made } };
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

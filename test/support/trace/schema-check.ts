/** A checker for the words of JSON schema that our schemas use; anything else is refused. */
import type { Json } from "../../../src/trace/index.js";

type Schema = { readonly [key: string]: Json };

/** The first place where a value does not satisfy the schema, or undefined. */
export function findFault(
  value: Json,
  schema: Schema,
  root: Schema = schema,
  at = "$",
): string | undefined {
  for (const [word, said] of Object.entries(schema)) {
    const check = WORDS[word];
    if (check === undefined) return `${at}: the checker does not know ${word}`;
    const fault = check(said, { value, schema, root, at });
    if (fault !== undefined) return fault;
  }
  return undefined;
}

interface Place {
  readonly value: Json;
  readonly schema: Schema;
  readonly root: Schema;
  readonly at: string;
}

type Check = (said: Json, place: Place) => string | undefined;

const ignore: Check = () => undefined;
const when = (holds: boolean, place: Place, what: string) =>
  holds ? undefined : `${place.at}: ${JSON.stringify(place.value)} ${what}`;

const TYPES: Record<string, (value: Json) => boolean> = {
  string: (v) => typeof v === "string",
  boolean: (v) => typeof v === "boolean",
  integer: (v) => Number.isInteger(v),
  array: (v) => Array.isArray(v),
  object: (v) => typeof v === "object" && v !== null && !Array.isArray(v),
};

const WORDS: Record<string, Check> = {
  $schema: ignore,
  $defs: ignore,
  title: ignore,
  description: ignore,
  contentEncoding: ignore,
  type: (said, p) => when(TYPES[said as string]?.(p.value) === true, p, `is no ${said}`),
  const: (said, p) => when(p.value === said, p, `is not ${said}`),
  enum: (said, p) => when((said as Json[]).includes(p.value), p, `is not one of ${said}`),
  minimum: (said, p) => when((p.value as number) >= (said as number), p, `is below ${said}`),
  pattern: (said, p) =>
    when(new RegExp(said as string).test(p.value as string), p, "has another form"),
  $ref: (said, p) => {
    const name = (said as string).replace("#/$defs/", "");
    const target = (p.root.$defs as Schema)[name] as Schema | undefined;
    return target === undefined
      ? `no definition ${name}`
      : findFault(p.value, target, p.root, p.at);
  },
  items: (said, p) =>
    (p.value as Json[])
      .map((item, i) => findFault(item, said as Schema, p.root, `${p.at}[${i}]`))
      .find((fault) => fault !== undefined),
  required: (said, p) =>
    (said as string[])
      .map((name) => (name in (p.value as object) ? undefined : `${p.at}: lacks ${name}`))
      .find((fault) => fault !== undefined),
  properties: (said, p) =>
    Object.entries(p.value as Schema)
      .map(([name, field]) => {
        const schema = (said as Schema)[name] as Schema | undefined;
        return schema && findFault(field, schema, p.root, `${p.at}.${name}`);
      })
      .find((fault) => fault !== undefined),
  additionalProperties: (said, p) => {
    const known = Object.keys((p.schema.properties ?? {}) as object);
    const extra = Object.keys(p.value as object).find((name) => !known.includes(name));
    return said === false && extra !== undefined ? `${p.at}: has ${extra}` : undefined;
  },
  oneOf: (said, p) => {
    const faults = (said as Schema[]).map((schema) => findFault(p.value, schema, p.root, p.at));
    const count = faults.filter((fault) => fault === undefined).length;
    return when(count === 1, p, `satisfies ${count} alternatives: ${faults.join("; ")}`);
  },
};

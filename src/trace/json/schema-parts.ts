/** The few words of JSON schema that the trace's schema is made of. */
import type { FateKind } from "../step.js";
import type { Json } from "./trace-json.js";

/** One schema. */
export type Schema = { readonly [key: string]: Json };

/** Any text. */
export const text: Schema = { type: "string" };

/** A whole number that is not negative. */
export const whole: Schema = { type: "integer", minimum: 0 };

/** Yes or no. */
export const yesNo: Schema = { type: "boolean" };

/** One of these words. */
export function textOf(...words: readonly string[]): Schema {
  return { enum: words };
}

/** A definition of the same document. */
export function ref(name: string): Schema {
  return { $ref: `#/$defs/${name}` };
}

/** An object with exactly these fields, the optional ones perhaps absent. */
export function object(needed: Schema, optional: Schema = {}): Schema {
  return {
    type: "object",
    properties: { ...needed, ...optional },
    required: Object.keys(needed),
    additionalProperties: false,
  };
}

/** All fates; the compiler proves the list complete. */
export const FATE_KINDS: readonly FateKind[] = Object.keys({
  delivered: 0,
  consumed: 0,
  dropped: 0,
  rejected: 0,
  "no-route": 0,
  unreachable: 0,
  prohibited: 0,
  blackholed: 0,
  "no-neighbor": 0,
  martian: 0,
  "rp-filter": 0,
  "not-forwarding": 0,
  "ttl-exceeded": 0,
  "too-big": 0,
  "no-listener": 0,
  "link-down": 0,
  "not-for-us": 0,
  "bridge-drop": 0,
  "tunnel-drop": 0,
  "conntrack-refused": 0,
  "nat-refused": 0,
  "no-source": 0,
  "hop-limit": 0,
  unknown: 0,
} satisfies Record<FateKind, 0>) as FateKind[];

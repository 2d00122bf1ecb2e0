/** Traces as plain JSON. Its shape is told by `trace-schema.ts`. */
import { Addr, Mac } from "../../addr/index.js";
import type { Trace } from "../step.js";

/** A JSON value. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * Turns a trace into plain JSON: addresses become their text, bytes base64; absent fields stay
 * absent. Fields keep the order they have in the trace.
 *
 * Laws: the result satisfies `TRACE_SCHEMA` (test/unit/trace/trace-json.test.ts).
 */
export function traceToJson(trace: Trace): Json {
  return toJson(trace);
}

function toJson(value: unknown): Json {
  if (value instanceof Addr || value instanceof Mac) return value.toString();
  if (value instanceof Uint8Array) return toBase64(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value as Json;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, toJson(field)]));
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648 §4. Written out because this floor has no Node built-ins and browsers no `Buffer`. */
function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    const count = Math.min(3, bytes.length - i) + 1;
    for (let digit = 0; digit < 4; digit++) {
      text += digit < count ? DIGITS.charAt((word >> (18 - 6 * digit)) & 63) : "=";
    }
  }
  return text;
}

/** The order in which a reader of the text meets the places of a JSON value. */
import type { PathSteps } from "./path.js";

/** Orders two places of one JSON value as its text has them; what holds a place comes before it. */
export function byInputOrder(input: unknown, a: PathSteps, b: PathSteps): number {
  let at: unknown = input;
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [left, right] = [a[i] as string | number, b[i] as string | number];
    if (left === right) {
      at = (at as Record<string | number, unknown> | undefined)?.[left];
      continue;
    }
    if (typeof left === "number" && typeof right === "number") return left - right;
    const keys = Object.keys(at as object);
    return keys.indexOf(String(left)) - keys.indexOf(String(right));
  }
  return a.length - b.length;
}

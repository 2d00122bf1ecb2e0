/** The option `--level`. */
import { InputError } from "../base/index.js";

/** Refuses a level of detail that there is not. */
export function checkLevel(level: string): void {
  if (["summary", "hops", "everything"].includes(level)) return;
  const expected = "summary, hops or everything";
  const message = "is not a level";
  throw new InputError({ code: "bad-level", path: "--level", value: level, message, expected });
}

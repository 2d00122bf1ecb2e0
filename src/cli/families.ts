/** The option `--families`. */
import type { Family } from "../addr/index.js";
import { InputError } from "../base/index.js";

/** Reads `--families`: ip4, ip6, or both, primary first. */
export function parseFamilies(text: string): readonly Family[] {
  const words = text.split(",");
  const known = words.every((word) => word === "ip4" || word === "ip6");
  if (known && new Set(words).size === words.length) return words as Family[];
  const expected = "ip4, ip6, ip4,ip6 or ip6,ip4";
  const message = "are not address families";
  throw new InputError({
    code: "bad-families",
    path: "--families",
    value: text,
    message,
    expected,
  });
}

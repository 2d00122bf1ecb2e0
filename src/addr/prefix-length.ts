/** The number behind the slash. */
import { addrBits, type Family } from "./addr.js";

/** Reads a prefix length without sign or leading zero, or gives undefined. */
export function readLength(text: string, family: Family): number | undefined {
  if (!/^(0|[1-9][0-9]{0,2})$/.test(text)) return undefined;
  const bits = Number(text);
  return bits <= addrBits(family) ? bits : undefined;
}

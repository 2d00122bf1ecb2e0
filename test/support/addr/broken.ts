/** Broken variants: each must make the law of its twin fail. */
import {
  type Addr,
  Prefix,
  type PrefixEntry,
  PrefixMapSlow,
  tryParseAddr,
} from "../../../src/addr/index.js";

/** Takes leading zeros for decimal, as old `inet_aton` readers do not agree about. */
export function parseAddrLenient(text: string): Addr | undefined {
  return tryParseAddr(text.replace(/\b0+(?=\d+\.)/g, ""));
}

/** Finds the shortest prefix, not the longest. */
export class PrefixMapShortest<T> extends PrefixMapSlow<T> {
  override lookup(addr: Addr): PrefixEntry<T> | undefined {
    return this.lookupAll(addr).at(-1);
  }
}

/** Forgets that a prefix has an upper half: compares the last word only. */
export function containsLastWord(prefix: Prefix, addr: Addr): boolean {
  const last = new Prefix(addr, prefix.bits).addr;
  return prefix.addr.s3 === last.s3 && prefix.family === addr.family;
}

/**
 * The slow, plain way to read an address: split and count. It is the twin that the fast parser in
 * `addr-parse.ts` is compared with, and it says in words why text is refused.
 */
import { Addr } from "./addr.js";

/** Why text is not an address. */
export interface Refusal {
  readonly reason: string;
}

/**
 * Reads an address by splitting.
 *
 * Returns: the address, or the reason it is none.
 * Follows: RFC 4291 §2.2; RFC 6943 §3.1.1 for the strict IPv4 form.
 */
export function parseAddrSlow(text: string): Addr | Refusal {
  if (text === "") return { reason: "is empty" };
  if (text.includes("%")) return { reason: "has a zone, which is not modelled" };
  if (text.includes("/")) return { reason: "has a prefix length" };
  if (text.includes(":")) return parseIp6(text);
  const word = parseIp4(text);
  return typeof word === "number" ? new Addr("ip4", 0, 0, 0, word) : word;
}

function parseIp4(text: string): number | Refusal {
  const parts = text.split(".");
  if (parts.length !== 4) return { reason: "does not have four numbers with dots between" };
  let word = 0;
  for (const part of parts) {
    if (!/^[0-9]+$/.test(part)) return { reason: `has ${JSON.stringify(part)} for a number` };
    if (part.length > 1 && part.startsWith("0")) {
      return { reason: `has a leading zero in ${JSON.stringify(part)}` };
    }
    if (Number(part) > 255) return { reason: `has a number above 255: ${part}` };
    word = word * 256 + Number(part);
  }
  return word;
}

function parseIp6(text: string): Addr | Refusal {
  const halves = text.split("::");
  if (halves.length > 2) return { reason: "has `::` more than once" };
  const [left, right] = halves.map((half, i) => readGroups(half, i === halves.length - 1));
  if (left === undefined || "reason" in left) return left ?? { reason: "is empty" };
  if (right !== undefined && "reason" in right) return right;
  const after = right ?? [];
  const missing = 8 - left.length - after.length;
  if (right === undefined && missing !== 0) {
    return { reason: `has ${left.length} groups, not 8` };
  }
  if (right !== undefined && missing < 1) {
    return { reason: "has `::` that stands for no group" };
  }
  const groups = [...left, ...new Array<number>(missing).fill(0), ...after];
  const word = (at: number) => (groups[at] ?? 0) * 0x10000 + (groups[at + 1] ?? 0);
  return new Addr("ip6", word(0), word(2), word(4), word(6));
}

function readGroups(text: string, dottedAllowed: boolean): number[] | Refusal {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (part.includes(".")) {
      if (!dottedAllowed || i !== parts.length - 1) {
        return { reason: "has a dotted part that is not the last" };
      }
      const word = parseIp4(part);
      if (typeof word !== "number") return word;
      groups.push(Math.floor(word / 0x10000), word % 0x10000);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return {
        reason: part === "" ? "has an empty group" : `has ${JSON.stringify(part)} for a group`,
      };
    }
  }
  return groups;
}

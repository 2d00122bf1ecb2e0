/**
 * Marks by their topmost bits. nft writes such a test as it writes a network's: `meta mark
 * 0x00010000/16` is `meta mark & 0xffff0000 == 0x00010000`, which is the tree it is read to. Masks of
 * other bits are written out. In a set such an element is the range that it covers.
 *
 * Follows: nftables 1.0.6 src/netlink_delinearize.c `relational_binop_postprocess`.
 */
import type { NftExpr, NftMatch, NftValue } from "../../nft.js";

const WRITTEN = /^(0x[0-9a-fA-F]{8})\/([0-9]{1,2})$/;
const BITS = 32;

/** A mark and how many of its bits count, from the topmost on: 0 to 31. */
export interface MarkPrefix {
  readonly mark: number;
  readonly bits: number;
}

/** Reads `0x00010000/16`; undefined for all other words. */
export function readMarkPrefix(word: string): MarkPrefix | undefined {
  const [, mark, bits] = WRITTEN.exec(word) ?? [];
  if (mark === undefined || Number(bits) >= BITS) return undefined;
  return { mark: Number(mark), bits: Number(bits) };
}

/** True for the marks of packets and of connections. */
export function isMark(expr: NftExpr): boolean {
  return (expr.kind === "meta" || expr.kind === "ct") && expr.key === "mark";
}

/** The test of a mark's topmost bits. */
export function matchPrefix(left: NftExpr, op: "==" | "!=", prefix: MarkPrefix): NftMatch {
  const mask: NftExpr = { kind: "value", value: numberOf(maskOf(prefix.bits)) };
  const masked: NftExpr = { kind: "binary", op: "&", left, right: mask };
  return { kind: "match", left: masked, op, right: numberOf(prefix.mark) };
}

/** A test of a mark's topmost bits as nft prints it; undefined for all other tests. */
export function printPrefixMatch(match: NftMatch): string | undefined {
  const { left, op, right } = match;
  if (left.kind !== "binary" || left.op !== "&" || right.kind !== "number") return undefined;
  if (!isMark(left.left) || (op !== "==" && op !== "!=" && op !== undefined)) return undefined;
  const mask = left.right.kind === "value" ? left.right.value : undefined;
  const bits = mask?.kind === "number" ? bitsOf(mask.number) : undefined;
  if (bits === undefined) return undefined;
  const { kind } = left.left;
  return `${kind} mark ${op === "!=" ? "!= " : ""}${textOf(right.number)}/${bits}`;
}

/** The marks from the first to the last that share their topmost bits. */
export function rangeOfPrefix({ mark, bits }: MarkPrefix): NftValue {
  const first = (mark & maskOf(bits)) >>> 0;
  const last = (first | ~maskOf(bits)) >>> 0;
  return { kind: "range", first: numberOf(first), last: numberOf(last) };
}

/** A range of a set's marks as nft prints it where it has a prefix; undefined where it has none. */
export function printPrefixRange(value: NftValue): string | undefined {
  if (value.kind !== "range") return undefined;
  const { first, last } = value;
  if (first.kind !== "number" || last.kind !== "number") return undefined;
  const bits = bitsOf(~(first.number ^ last.number) >>> 0);
  if (bits === undefined || (first.number & ~maskOf(bits)) !== 0) return undefined;
  return ~maskOf(bits) >>> 0 === last.number - first.number
    ? `${textOf(first.number)}/${bits}`
    : undefined;
}

/** How many topmost bits a mask has; undefined for all 32, and for masks of other bits. */
function bitsOf(mask: number): number | undefined {
  const bits = Math.clz32(~mask);
  return bits < BITS && maskOf(bits) === mask ? bits : undefined;
}

function maskOf(bits: number): number {
  return bits === 0 ? 0 : (-1 << (BITS - bits)) >>> 0;
}

function numberOf(number: number): NftValue {
  return { kind: "number", number, text: textOf(number) };
}

function textOf(number: number): string {
  return `0x${number.toString(16).padStart(8, "0")}`;
}

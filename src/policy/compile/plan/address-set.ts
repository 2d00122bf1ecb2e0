/**
 * Sets of addresses that rules speak of, before they are written for a kernel. Names come from what a
 * set stands for, so that a pod that comes or goes changes elements only.
 */
import type { Addr, Family, Prefix } from "../../../addr/index.js";
import { protocolName } from "../../../wire/index.js";
import { shortHash } from "../short-hash.js";

/** One element: an address, or a port of a pod. */
export interface SetElement {
  readonly addr: Addr;
  readonly port?: { readonly protocol: number; readonly number: number };
  /** As ipset writes it, `10.244.0.3` or `10.244.0.3,tcp:80`: equal for equal elements only. */
  readonly text: string;
}

/** One set of one family. */
export interface AddressSet {
  readonly name: string;
  readonly family: Family;
  readonly content:
    | { readonly kind: "addrs" | "ports"; readonly elements: readonly SetElement[] }
    /** Every address with itself; `hairpins`: and with its port. */
    | { readonly kind: "pairs" | "hairpins"; readonly elements: readonly SetElement[] }
    | {
        readonly kind: "nets";
        readonly nets: readonly Prefix[];
        readonly holes: readonly Prefix[];
      };
}

/** The sets of both families that stand for one thing. */
export type FamilySets = Readonly<Record<Family, AddressSet>>;

/** Both families, in the order in which they are written. */
export const FAMILIES: readonly Family[] = ["ip4", "ip6"];

/** Makes an element. */
export function makeElement(addr: Addr, port?: SetElement["port"]): SetElement {
  if (port === undefined) return { addr, text: String(addr) };
  return { addr, port, text: `${addr},${protocolName(port.protocol)}:${port.number}` };
}

/** By address, protocol and port. */
export function compareElements(a: SetElement, b: SetElement): number {
  return (
    a.addr.compare(b.addr) ||
    (a.port?.protocol ?? 0) - (b.port?.protocol ?? 0) ||
    (a.port?.number ?? 0) - (b.port?.number ?? 0)
  );
}

/** Whether two lists have the same elements in the same order. */
export function areAlike(a: readonly SetElement[], b: readonly SetElement[]): boolean {
  return a.length === b.length && a.every((element, i) => element.text === b[i]?.text);
}

/**
 * The name of a set, made of the key that says what it stands for. The key's first letter comes first,
 * and tells an operator what kind of set it is (see `SetSpec`).
 */
export function setName(key: string, family: Family): string {
  return `kw-${key[0]}${family === "ip4" ? "4" : "6"}-${shortHash(key)}`;
}

/** A set of elements of one family. */
export function makeSet(
  of: { readonly key: string; readonly family: Family },
  kind: "addrs" | "ports" | "pairs" | "hairpins",
  elements: readonly SetElement[],
): AddressSet {
  const { key, family } = of;
  return { name: setName(key, family), family, content: { kind, elements } };
}

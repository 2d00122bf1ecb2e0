/** Sets of addresses as ipsets. */
import { Prefix } from "../../../addr/index.js";
import type { IpsetConfig, IpsetEntry } from "../../../netfilter/index.js";
import type { AddressSet, SetElement } from "../plan/address-set.js";

/** How large a set may grow (ipset's own default is 65,536). */
const OPTIONS = ["hashsize 1024", "maxelem 1048576"];

/** Writes sets; one that was written before is not written again. */
export class IpsetWriter {
  readonly #sets = new WeakMap<AddressSet, IpsetConfig>();
  readonly #entries = new WeakMap<SetElement, IpsetEntry>();

  /** Writes a set. */
  write(set: AddressSet): IpsetConfig {
    const known = this.#sets.get(set);
    if (known !== undefined) return known;
    const made = this.#make(set);
    this.#sets.set(set, made);
    return made;
  }

  #make({ name, family, content }: AddressSet): IpsetConfig {
    const make = (type: string, entries: readonly IpsetEntry[]) => {
      return { name, type, family, options: OPTIONS, entries };
    };
    switch (content.kind) {
      case "addrs":
        return make(
          "hash:ip",
          content.elements.map((e) => this.#entry(e)),
        );
      case "ports":
        return make(
          "hash:ip,port",
          content.elements.map((e) => this.#entry(e)),
        );
      case "hairpins":
        return make(
          "hash:ip,port,ip",
          content.elements.map(({ addr, text }) => ({ text: `${text},${addr}` })),
        );
      case "pairs":
        return make(
          "hash:net,net",
          content.elements.map(({ text }) => ({ text: `${text},${text}` })),
        );
      case "nets": {
        const texts = (nets: readonly Prefix[]) => [
          ...new Set(nets.flatMap(splitWhole).map(String)),
        ];
        const holes = texts(content.holes).sort(compareText);
        return make("hash:net", [
          ...texts(content.nets).map((text) => ({ text })),
          ...holes.map((text) => ({ text, nomatch: true })),
        ]);
      }
    }
  }

  #entry(element: SetElement): IpsetEntry {
    const known = this.#entries.get(element);
    if (known !== undefined) return known;
    const made = { text: element.text };
    this.#entries.set(element, made);
    return made;
  }
}

/** ipset has no place for a prefix of no bits; its two halves say the same. */
function splitWhole(prefix: Prefix): Prefix[] {
  if (prefix.bits > 0) return [prefix];
  return [new Prefix(prefix.first(), 1), new Prefix(prefix.last(), 1)];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

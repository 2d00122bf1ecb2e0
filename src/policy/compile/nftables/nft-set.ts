/** Sets of addresses as sets of nftables, and the maps from addresses to chains. */
import type { Family } from "../../../addr/index.js";
import type { NftElement, NftSet, NftValue } from "../../../netfilter/index.js";
import { protocolName } from "../../../wire/index.js";
import type { AddressSet, SetElement } from "../plan/address-set.js";
import type { LocalProfile } from "../plan/policy-index.js";
import { addrType, word } from "./expressions.js";
import { chainName } from "./profile-chains.js";

/** Writes sets; one that was written before is not written again. */
export class NftSetWriter {
  readonly #sets = new WeakMap<AddressSet, NftSet>();
  readonly #elements = new WeakMap<SetElement, NftElement>();

  /** Writes a set; undefined for one that rules of nftables do without. */
  write(set: AddressSet): NftSet | undefined {
    if (set.content.kind === "nets") return undefined;
    const known = this.#sets.get(set);
    if (known !== undefined) return known;
    const made = this.#make(set);
    this.#sets.set(set, made);
    return made;
  }

  #make({ name, family, content }: AddressSet): NftSet {
    const type = addrType(family);
    const list = content.kind === "nets" ? [] : content.elements;
    const make = (names: readonly string[], elements: readonly NftElement[]): NftSet => {
      return { name, key: { kind: "type", names }, elements };
    };
    switch (content.kind) {
      case "pairs":
        return make(
          [type, type],
          list.map((e) => ({ key: { kind: "concat", parts: [addrOf(e), addrOf(e)] } })),
        );
      case "ports":
        return make(
          [type, "inet_proto", "inet_service"],
          list.map((e) => this.#element(e)),
        );
      default:
        return make(
          [type],
          list.map((e) => this.#element(e)),
        );
    }
  }

  #element(element: SetElement): NftElement {
    const known = this.#elements.get(element);
    if (known !== undefined) return known;
    const { port } = element;
    const key: NftValue =
      port === undefined
        ? addrOf(element)
        : {
            kind: "concat",
            parts: [
              addrOf(element),
              word(protocolName(port.protocol)),
              { kind: "number", number: port.number },
            ],
          };
    const made = { key };
    this.#elements.set(element, made);
    return made;
  }
}

/** The map from the addresses of a family to the chains of their profiles. */
export function dispatchMap(
  name: string,
  family: Family,
  profiles: readonly LocalProfile[],
): NftSet {
  const elements = profiles.flatMap(({ profile, elements: list }) => {
    const data = { kind: "verdict", verdict: { kind: "jump", chain: chainName(profile) } } as const;
    const own = list.filter((element) => element.addr.family === family);
    return own.map((element): NftElement => ({ key: addrOf(element), data }));
  });
  return {
    name,
    key: { kind: "type", names: [addrType(family)] },
    data: { kind: "type", names: ["verdict"] },
    elements,
  };
}

function addrOf({ addr }: SetElement): NftValue {
  return { kind: "addr", addr };
}

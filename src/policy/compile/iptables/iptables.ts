/**
 * Policies as iptables rules and ipsets, in chains of their own beside kube-proxy's:
 *
 *   FORWARD ─▶ KW-FORWARD ─┬─ replies, neighbour discovery, a pod to itself: return
 *   INPUT ──▶ KW-INPUT     ├─▶ KW-EGRESS ─▶ one chain per profile of sources
 *                          └─▶ KW-INGRESS ─▶ one chain per profile of destinations
 *
 * FORWARD is behind destination NAT and before source NAT, so that rules see pods. INPUT sees what
 * pods send to their own node. What a node sends to its own pods meets no rule. Beside IPVS, packets
 * for virtual servers pass INPUT and are asked about in OUTPUT, unless they are the node's own.
 */
import { type Family, singlePrefix } from "../../../addr/index.js";
import { assert } from "../../../base/index.js";
import type { IpsetConfig, IptablesChain, IptablesRule } from "../../../netfilter/index.js";
import type { Direction } from "../../model/policy.js";
import type { EnforceOptions, EnforcePlace } from "../enforce.js";
import { type AddressSet, makeSet, type SetElement, setName } from "../plan/address-set.js";
import type { PolicyPlan } from "../plan/policy-index.js";
import type { Profile } from "../plan/profile.js";
import { type Dispatch, DispatchWriter } from "./dispatch.js";
import { IpsetWriter } from "./ipset.js";
import { profileChains } from "./profile-chains.js";
import { discoveryRules, inSet, jump, replyRules, rule } from "./rule-parts.js";

/** What is installed into one family's filter table, and the sets it needs. */
export interface IptablesPolicy {
  readonly chains: readonly IptablesChain[];
  /** Rules for the beginning of built-in chains. */
  readonly hooks: readonly {
    readonly chain: "FORWARD" | "INPUT" | "OUTPUT";
    readonly rule: IptablesRule;
  }[];
  /** By name. */
  readonly sets: readonly IpsetConfig[];
}

/**
 * Writes a plan for iptables.
 *
 * Laws: a packet passes FORWARD just when the judge allows its flow (test/property/policy and the
 * conformance suite `netpol`).
 * Cost: a packet meets at most eight rules for each digit that tells its pod's profile from others,
 * then the rules of its own two profiles; addresses are found in hash sets.
 */
export function compileIptables(
  plan: PolicyPlan,
  family: Family,
  options: EnforceOptions = {},
): IptablesPolicy {
  return new IptablesCompiler(family, options).compile(plan);
}

const ROOTS: Readonly<Record<Direction, string>> = { egress: "KW-EGRESS", ingress: "KW-INGRESS" };

const HOOKS: IptablesPolicy["hooks"] = [
  { chain: "FORWARD", rule: jump("KW-FORWARD") },
  { chain: "INPUT", rule: jump("KW-INPUT") },
];

const HOOKS_BESIDE_IPVS: IptablesPolicy["hooks"] = [
  ...HOOKS,
  { chain: "OUTPUT", rule: jump("KW-OUTPUT") },
];

/** The key of the set of a node's virtual servers. */
const VIRTUAL = "virtual";

/** The key of the set of what is a pod's own. */
const SELF = "self";

/**
 * Writes plans for iptables, one after the other.
 *
 * Laws: gives what `compileIptables` gives; parts that plans share are written once and are the same
 * objects.
 */
export class IptablesCompiler {
  readonly #family: Family;
  readonly #options: EnforceOptions;
  readonly #isBesideIpvs: boolean;
  readonly #dispatch: Readonly<Record<Direction, DispatchWriter>>;
  readonly #ipsets = new IpsetWriter();
  readonly #chains = new WeakMap<Profile, readonly IptablesChain[]>();
  readonly #frames = new WeakMap<PolicyPlan["keys"], Frame>();

  constructor(family: Family, options: EnforceOptions = {}, place: EnforcePlace = {}) {
    this.#family = family;
    this.#options = options;
    this.#isBesideIpvs = place.isBesideIpvs ?? false;
    this.#dispatch = {
      egress: new DispatchWriter(ROOTS.egress, "egress", family),
      ingress: new DispatchWriter(ROOTS.ingress, "ingress", family),
    };
  }

  /**
   * Writes a plan; `virtual` are the virtual servers of a node with IPVS.
   *
   * Shape: plans that differ in their sets alone share their chains. The list of sets is put together
   * when it is first read: one pod can be news to every node, and most of them carry no packet before
   * the next one.
   */
  compile(plan: PolicyPlan, virtual: readonly SetElement[] = []): IptablesPolicy {
    let frame = this.#frames.get(plan.keys);
    if (frame === undefined) {
      frame = this.#makeFrame(plan);
      this.#frames.set(plan.keys, frame);
    }
    const { chains, sets: own } = frame;
    const [family, ipsets] = [this.#family, this.#ipsets];
    const sources = { ...plan, virtual };
    let sets: readonly IpsetConfig[] | undefined;
    return {
      chains,
      hooks: this.#isBesideIpvs ? HOOKS_BESIDE_IPVS : HOOKS,
      get sets() {
        sets ??= own.map((set) => ipsets.write(set.made ?? setOf(sources, set.key, family)));
        return sets;
      },
    };
  }

  #makeFrame({ egress: sources, ingress: destinations, local, keys, ...plan }: PolicyPlan): Frame {
    const family = this.#family;
    const egress = this.#dispatch.egress.write(sources);
    const ingress = this.#dispatch.ingress.write(destinations);
    const pairs = makeSet({ key: SELF, family }, "pairs", ownOf(local, family));
    const { hairpin = "endpoints" } = this.#options;
    const own = [...egress.sets, ...ingress.sets];
    if (hairpin === "pairs") own.push(pairs);
    const others = [
      ...(hairpin === "endpoints" ? [SELF] : []),
      ...(this.#isBesideIpvs ? [VIRTUAL] : []),
      ...keys,
    ];
    const sets = [
      ...own.map((made) => ({ name: made.name, key: "", made })),
      ...others.map((key) => {
        return { name: plan.sets.get(key)?.[family].name ?? setName(key, family), key };
      }),
    ];
    return {
      chains: [
        { name: "KW-FORWARD", rules: this.#forward(egress, ingress, pairs) },
        { name: "KW-INPUT", rules: this.#input(egress) },
        ...(this.#isBesideIpvs
          ? [{ name: "KW-OUTPUT", rules: [FROM_NODE, ...this.#forward(egress, ingress, pairs)] }]
          : []),
        ...egress.chains,
        ...ingress.chains,
        ...[...sources, ...destinations].flatMap(({ profile }) => this.#chainsOf(profile)),
      ],
      sets: sets.sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  }

  #forward(egress: Dispatch, ingress: Dispatch, pairs: AddressSet): IptablesRule[] {
    return [
      ...replyRules(this.#options),
      ...discoveryRules(this.#family),
      ...this.#selfRules(pairs),
      toDispatch("egress", egress),
      toDispatch("ingress", ingress),
    ];
  }

  #input(egress: Dispatch): IptablesRule[] {
    if (this.#options.ownNodeEgress === true) return [];
    return [
      ...replyRules(this.#options),
      ...discoveryRules(this.#family),
      ...(this.#isBesideIpvs ? [TO_VIRTUAL[this.#family]] : []),
      toDispatch("egress", egress),
    ];
  }

  /** What a pod says to itself is nobody's business; it comes by here only through a Service. */
  #selfRules(pairs: AddressSet): IptablesRule[] {
    const target = { kind: "RETURN" } as const;
    const { hairpin = "endpoints" } = this.#options;
    if (hairpin !== "rules") {
      const sides =
        hairpin === "pairs" ? (["src", "dst"] as const) : (["src", "dst", "dst"] as const);
      return [rule([inSet(pairs.name, sides)], target)];
    }
    if (pairs.content.kind === "nets") return [];
    return pairs.content.elements.map(({ addr }) => {
      const prefix = singlePrefix(addr);
      const source = { kind: "source", prefix } as const;
      return rule([source, { kind: "destination", prefix }], target);
    });
  }

  #chainsOf(profile: Profile): readonly IptablesChain[] {
    const known = this.#chains.get(profile);
    if (known !== undefined) return known;
    const made = profileChains(profile, { family: this.#family, options: this.#options });
    this.#chains.set(profile, made);
    return made;
  }
}

/** What plans share that differ in their sets alone. */
interface Frame {
  readonly chains: readonly IptablesChain[];
  /** Sets of the node's own pods are made; others stand in the plan under their key. */
  readonly sets: readonly { readonly key: string; readonly made?: AddressSet }[];
}

/** What a node sends itself. */
const FROM_NODE = rule([{ kind: "addrtype", srcType: { types: ["LOCAL"] } }], { kind: "RETURN" });

/** What IPVS hands on is asked about when it goes out. */
const TO_VIRTUAL = {
  ip4: rule([inSet(setName(VIRTUAL, "ip4"), ["dst", "dst"])], { kind: "RETURN" }),
  ip6: rule([inSet(setName(VIRTUAL, "ip6"), ["dst", "dst"])], { kind: "RETURN" }),
};

interface SetSources extends PolicyPlan {
  readonly virtual: readonly SetElement[];
}

function setOf(of: SetSources, key: string, family: Family): AddressSet {
  const { sets, endpoints, virtual } = of;
  if (key === SELF) return makeSet({ key, family }, "hairpins", ownOf(endpoints, family));
  if (key === VIRTUAL) return makeSet({ key, family }, "ports", ownOf(virtual, family));
  const found = sets.get(key);
  assert(found !== undefined, "a plan has the sets that its rules speak of", { key });
  return found[family];
}

function ownOf(elements: readonly SetElement[], family: Family): readonly SetElement[] {
  return elements.filter((element) => element.addr.family === family);
}

/** Who has no profile need not look for it. */
function toDispatch(direction: Direction, { all }: Dispatch): IptablesRule {
  const side = direction === "ingress" ? "dst" : "src";
  return jump(ROOTS[direction], all === undefined ? [] : [inSet(all.name, [side])]);
}

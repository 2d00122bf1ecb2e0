/**
 * Policies as one table of nftables, for both families:
 *
 *   forward ─┬─ replies, neighbour discovery, a pod to itself: accept
 *   input    ├─ ip saddr vmap @egress ──▶ one chain per profile of sources
 *            └─ ip daddr vmap @ingress ─▶ one chain per profile of destinations
 *
 * `forward` is behind destination NAT and before source NAT, so that rules see pods. `input` sees what
 * pods send to their own node. What a node sends to its own pods meets no rule. Beside IPVS, packets
 * for virtual servers pass `input` and are asked about in `output`, unless they are the node's own.
 */
import type { Family } from "../../../addr/index.js";
import type { NftChain, NftRule, NftSet, NftTable } from "../../../netfilter/index.js";
import type { Direction } from "../../model/policy.js";
import type { EnforceOptions, EnforcePlace } from "../enforce.js";
import {
  type AddressSet,
  FAMILIES,
  makeSet,
  type SetElement,
  setName,
} from "../plan/address-set.js";
import type { LocalProfile, PolicyPlan } from "../plan/policy-index.js";
import type { Profile } from "../plan/profile.js";
import {
  addrExpr,
  concat,
  discoveryRule,
  match,
  replyRules,
  rule,
  setRef,
  verdict,
  word,
} from "./expressions.js";
import { dispatchMap, NftSetWriter } from "./nft-set.js";
import { profileChains } from "./profile-chains.js";

/** The priority that nft calls `filter`. */
const FILTER_PRIORITY = 0;

/**
 * Writes a plan for nftables.
 *
 * Laws: as `compileIptables`; both give the same answer to every packet.
 * Cost: a packet's two profiles are found in one look-up each, however many there are.
 */
export function compileNftables(plan: PolicyPlan, options: EnforceOptions = {}): NftTable {
  return new NftablesCompiler(FAMILIES, options).compile(plan);
}

/**
 * Writes plans for nftables, one after the other, for the families of a cluster.
 *
 * Laws: parts that plans share are written once and are the same objects.
 */
export class NftablesCompiler {
  readonly #families: readonly Family[];
  readonly #options: EnforceOptions;
  readonly #isBesideIpvs: boolean;
  readonly #sets = new NftSetWriter();
  readonly #chains = new WeakMap<Profile, readonly NftChain[]>();
  readonly #frames = new WeakMap<PolicyPlan["keys"], Frame>();

  constructor(families: readonly Family[], options: EnforceOptions = {}, place: EnforcePlace = {}) {
    this.#families = families;
    this.#options = options;
    this.#isBesideIpvs = place.isBesideIpvs ?? false;
  }

  /**
   * Writes a plan; `virtual` are the virtual servers of a node with IPVS.
   *
   * Shape: as `IptablesCompiler.compile`: chains are shared, the list of sets is put together when it
   * is first read.
   */
  compile(plan: PolicyPlan, virtual: readonly SetElement[] = []): NftTable {
    let frame = this.#frames.get(plan.keys);
    if (frame === undefined) {
      frame = this.#makeFrame(plan);
      this.#frames.set(plan.keys, frame);
    }
    const { chains, own, keys, maps } = frame;
    const [families, writer] = [this.#families, this.#sets];
    const servers = this.#isBesideIpvs ? virtualSets(families, virtual) : [];
    let sets: readonly NftSet[] | undefined;
    return {
      family: "inet",
      name: "kubewire-policies",
      chains,
      get sets() {
        const shared = () => keys.flatMap((key) => families.map((f) => plan.sets.get(key)?.[f]));
        sets ??= [
          ...[...own, ...servers, ...shared()].flatMap((set) => (set && writer.write(set)) ?? []),
          ...maps,
        ];
        return sets;
      },
    };
  }

  #makeFrame({ egress: sources, ingress: destinations, local, keys }: PolicyPlan): Frame {
    const start = [
      ...replyRules(this.#options),
      ...(this.#families.includes("ip6") ? [discoveryRule()] : []),
    ];
    const pairs = this.#pairsOf(local);
    const egress = this.#families.map((family) => dispatchRule("egress", family));
    const ingress = this.#families.map((family) => dispatchRule("ingress", family));
    const isBeside = this.#isBesideIpvs;
    const toVirtual = isBeside ? this.#families.map(virtualRule) : [];
    const input = this.#options.ownNodeEgress === true ? [] : [...start, ...toVirtual, ...egress];
    const forward = [...start, ...pairs.map(selfRule), ...egress, ...ingress];
    const profiles = [...sources, ...destinations];
    return {
      chains: [
        baseChain("forward", forward),
        baseChain("input", input),
        ...(isBeside ? [baseChain("output", [FROM_NODE, ...forward])] : []),
        ...profiles.flatMap(({ profile }) => this.#chainsOf(profile)),
      ],
      own: pairs,
      keys: [...keys].sort((a, b) => (a < b ? -1 : 1)),
      maps: [...this.#mapsOf("egress", sources), ...this.#mapsOf("ingress", destinations)],
    };
  }

  #mapsOf(direction: Direction, profiles: readonly LocalProfile[]): readonly NftSet[] {
    return this.#families.map((f) => dispatchMap(mapName(direction, f), f, profiles));
  }

  #chainsOf(profile: Profile): readonly NftChain[] {
    const known = this.#chains.get(profile);
    if (known !== undefined) return known;
    const made = profileChains(profile, { families: this.#families, options: this.#options });
    this.#chains.set(profile, made);
    return made;
  }

  #pairsOf(local: PolicyPlan["local"]): readonly AddressSet[] {
    return this.#families.map((family) => {
      const own = local.filter((element) => element.addr.family === family);
      return makeSet({ key: "self", family }, "pairs", own);
    });
  }
}

/** What plans share that differ in their sets alone. */
interface Frame {
  readonly chains: readonly NftChain[];
  /** Sets of the node's own pods. */
  readonly own: readonly AddressSet[];
  readonly keys: readonly string[];
  readonly maps: readonly NftSet[];
}

/** What a node sends itself. */
const FROM_NODE = rule([
  match({ kind: "fib", inputs: ["saddr"], result: "type" }, word("local")),
  verdict({ kind: "accept" }),
]);

/** The key of the set of a node's virtual servers. */
const VIRTUAL = "virtual";

/** What IPVS hands on is asked about when it goes out. */
function virtualRule(family: Family): NftRule {
  const left = concat(
    addrExpr(family, "daddr"),
    { kind: "meta", key: "l4proto" },
    { kind: "payload", protocol: "th", field: "dport" },
  );
  return rule([match(left, setRef(setName(VIRTUAL, family))), verdict({ kind: "accept" })]);
}

function virtualSets(families: readonly Family[], virtual: readonly SetElement[]): AddressSet[] {
  return families.map((family) => {
    const own = virtual.filter((element) => element.addr.family === family);
    return makeSet({ key: VIRTUAL, family }, "ports", own);
  });
}

function baseChain(hook: "forward" | "input" | "output", rules: readonly NftRule[]): NftChain {
  const base = { type: "filter", hook, priority: FILTER_PRIORITY, policy: "accept" } as const;
  return { name: hook, base, rules };
}

function dispatchRule(direction: Direction, family: Family): NftRule {
  const expr = addrExpr(family, direction === "egress" ? "saddr" : "daddr");
  return rule([{ kind: "vmap", expr, map: setRef(mapName(direction, family)) }]);
}

/** What a pod says to itself is nobody's business; it comes by here only through a Service. */
function selfRule({ name, family }: AddressSet): NftRule {
  const left = concat(addrExpr(family, "saddr"), addrExpr(family, "daddr"));
  return rule([match(left, setRef(name)), verdict({ kind: "accept" })]);
}

function mapName(direction: Direction, family: Family): string {
  return `${direction}-${family}`;
}

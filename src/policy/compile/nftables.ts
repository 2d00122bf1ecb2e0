/**
 * Policies as one table of nftables, for both families:
 *
 *   forward ─┬─ replies, neighbour discovery, a pod to itself: accept
 *   input    ├─ ip saddr vmap @egress ──▶ one chain per profile of sources
 *            └─ ip daddr vmap @ingress ─▶ one chain per profile of destinations
 *
 * In a profile's chain `return` allows this direction and `drop` denies it; `pass` goes to the
 * profile's second chain, which begins with NetworkPolicy.
 */
import type { Addr, Family } from "../../addr/index.js";
import { type Origin, printOrigin } from "../../base/index.js";
import type {
  NftChain,
  NftElement,
  NftExpr,
  NftRule,
  NftSet,
  NftStatement,
  NftTable,
  NftValue,
  NftVerdict,
} from "../../netfilter/index.js";
import { protocolName } from "../../wire/index.js";
import type { Direction, Peer, PortRange, Rule } from "../model/policy.js";
import { type AddressSet, AddressSets } from "./address-sets.js";
import type { EnforceOptions } from "./iptables.js";
import type { PolicyPlan, Profile } from "./plan.js";
import { shortHash } from "./short-hash.js";

const AGENT: Origin = { kind: "policy-agent" };
const FAMILIES: readonly Family[] = ["ip4", "ip6"];

/** The priority that nft calls `filter`. */
const FILTER_PRIORITY = 0;

/**
 * Writes a plan for nftables.
 *
 * Laws: as `compileIptables`; both give the same answer to every packet.
 * Cost: a packet's two profiles are found in one look-up each, however many there are.
 */
export function compileNftables(plan: PolicyPlan, options: EnforceOptions = {}): NftTable {
  const writer = new TableWriter(plan);
  const profiles = [...plan.egress, ...plan.ingress];
  const chains = profiles.flatMap((profile) => writer.profileChains(profile));
  const egress = FAMILIES.map((family) => writer.dispatch("egress", family));
  const ingress = FAMILIES.map((family) => writer.dispatch("ingress", family));
  const replies = rule([...establishedMatch(options), verdict({ kind: "accept" })], AGENT);
  const self = FAMILIES.map((family) => writer.selfRule(family));
  const base = (hook: "forward" | "input", rules: readonly NftRule[]): NftChain => ({
    name: hook,
    base: { type: "filter", hook, priority: FILTER_PRIORITY, policy: "accept" },
    rules,
  });
  const discovery = discoveryRule();
  const input = options.ownNodeEgress === true ? [] : [replies, discovery, ...egress];
  return {
    family: "inet",
    name: "kubewire-policies",
    chains: [
      base("forward", [replies, discovery, ...self, ...egress, ...ingress]),
      base("input", input),
      ...chains,
    ],
    sets: writer.sets(),
  };
}

/** Whoever may not find its neighbours has no IPv6 at all (RFC 4890 §4.3.1). */
function discoveryRule(): NftRule {
  const kinds = ["router-solicit", "router-advert", "neighbor-solicit", "neighbor-advert"];
  const elements = kinds.map((kind) => ({ key: word(`nd-${kind}`) }));
  const type = { kind: "payload", protocol: "icmpv6", field: "type" } as const;
  return rule([match(type, { kind: "set", elements }), verdict({ kind: "accept" })], AGENT);
}

class TableWriter {
  readonly #plan: PolicyPlan;
  readonly #sets: Readonly<Record<Family, AddressSets>>;

  constructor(plan: PolicyPlan) {
    this.#plan = plan;
    this.#sets = { ip4: new AddressSets(plan, "ip4"), ip6: new AddressSets(plan, "ip6") };
  }

  /** All sets and the verdict maps. */
  sets(): NftSet[] {
    const sets = FAMILIES.flatMap((family) => this.#sets[family].all().map(toNftSet));
    const maps = FAMILIES.flatMap((family) =>
      (["egress", "ingress"] as const).map((direction) => this.#dispatchMap(direction, family)),
    );
    return [...sets, ...maps];
  }

  dispatch(direction: Direction, family: Family): NftRule {
    const expr = addrExpr(family, direction === "egress" ? "saddr" : "daddr");
    const map = { kind: "set-ref", name: mapName(direction, family) } as const;
    return rule([{ kind: "vmap", expr, map }], AGENT);
  }

  selfRule(family: Family): NftRule {
    const pairs = this.#sets[family].selfPairs(this.#plan.local);
    const left = concat(addrExpr(family, "saddr"), addrExpr(family, "daddr"));
    return rule([match(left, setRef(pairs)), verdict({ kind: "accept" })], AGENT);
  }

  profileChains(profile: Profile): NftChain[] {
    const next = chainName(profile, "next");
    const admin = profile.admin.flatMap((r) => this.#writeRule(r, profile, next));
    const later = this.#laterRules(profile);
    if (!profile.admin.some((r) => r.action === "pass")) {
      return [{ name: chainName(profile), rules: [...admin, ...later] }];
    }
    const go = rule([verdict({ kind: "goto", chain: next })], AGENT);
    return [
      { name: chainName(profile), rules: [...admin, go] },
      { name: next, rules: later },
    ];
  }

  #laterRules(profile: Profile): NftRule[] {
    const { isolating, network, baseline } = profile;
    if (isolating.length === 0) return baseline.flatMap((r) => this.#writeRule(r, profile));
    const rules = network.flatMap((r) => this.#writeRule(r, profile));
    const comment = `isolated by ${isolating.map(printOrigin).join(", ")}`.slice(0, COMMENT_MAX);
    const drop = rule([verdict({ kind: "drop" })], isolating[0] as Origin);
    return [...rules, { ...drop, comment }];
  }

  /** One rule for each family's form of each pair of a peer and a port. */
  #writeRule(of: Rule, { direction }: Profile, next?: string): NftRule[] {
    const side = direction === "ingress" ? "saddr" : "daddr";
    const peers: readonly (Peer | undefined)[] = of.peers ?? [undefined];
    const ports: readonly (PortRange | undefined)[] = of.ports ?? [undefined];
    const end = verdict(verdictOf(of, next));
    const comment = printOrigin(of.origin).slice(0, COMMENT_MAX);
    return peers.flatMap((peer) =>
      this.#peerForms({ peer, side, denies: of.action === "deny" }).flatMap((form) =>
        ports.flatMap((port) =>
          this.#portForms(port, form.family).map((tests) => ({
            ...rule([...form.tests, ...tests, end], of.origin),
            comment,
          })),
        ),
      ),
    );
  }

  #peerForms(of: PeerOf): PeerForm[] {
    const { peer, side, denies } = of;
    if (peer === undefined) return [{ tests: [] }];
    if (peer.kind === "block") return [blockForm(peer, side)];
    return FAMILIES.flatMap((family): PeerForm[] => {
      const test = this.#sets[family].peer(peer, denies);
      if (test?.kind === "any") return family === "ip4" ? [{ tests: [] }] : [];
      if (test?.kind !== "set") return [];
      return [{ family, tests: [match(addrExpr(family, side), setRef(test.set))] }];
    });
  }

  #portForms(port: PortRange | undefined, family: Family | undefined): NftStatement[][] {
    if (port === undefined) return [[]];
    if (port.kind === "numbers") return [numberTests(port)];
    const families = family === undefined ? FAMILIES : [family];
    const rest: readonly NftExpr[] = [
      { kind: "meta", key: "l4proto" },
      { kind: "payload", protocol: "th", field: "dport" },
    ];
    return families.map((own) => {
      const addr = addrExpr(own, "daddr");
      const expr = port.anyNumber ? addr : concat(addr, ...rest);
      return [match(expr, setRef(this.#sets[own].namedPort(port)))];
    });
  }

  #dispatchMap(direction: Direction, family: Family): NftSet {
    const elements = this.#plan[direction].flatMap((profile) => {
      const chain = chainName(profile);
      const addrs = profile.members.flatMap((member) => member.addrs);
      return addrs
        .filter((addr) => addr.family === family)
        .map((addr): NftElement => {
          const data = { kind: "verdict", verdict: { kind: "jump", chain } } as const;
          return { key: { kind: "addr", addr }, data };
        });
    });
    return {
      name: mapName(direction, family),
      key: { kind: "type", names: [addrType(family)] },
      data: { kind: "type", names: ["verdict"] },
      elements,
    };
  }
}

/** A peer, the side of the packet it is on, and whether the rule denies. */
interface PeerOf {
  readonly peer: Peer | undefined;
  readonly side: Side;
  readonly denies: boolean;
}

/** Tests for a peer; without a family they hold for both. */
interface PeerForm {
  readonly family?: Family;
  readonly tests: readonly NftStatement[];
}

type Side = "saddr" | "daddr";

/** NFTNL_UDATA_COMMENT_MAXLEN without the end. */
const COMMENT_MAX = 127;

function blockForm({ prefix, except }: Peer & { kind: "block" }, side: Side): PeerForm {
  const { family } = prefix;
  const expr = addrExpr(family, side);
  const whole: NftStatement =
    prefix.bits === 0
      ? match({ kind: "meta", key: "nfproto" }, word(family === "ip4" ? "ipv4" : "ipv6"))
      : match(expr, { kind: "prefix", prefix });
  if (except.length === 0) return { family, tests: [whole] };
  const elements = except.map((hole): NftElement => ({ key: { kind: "prefix", prefix: hole } }));
  const holes = { kind: "match", left: expr, op: "!=", right: { kind: "set", elements } } as const;
  return { family, tests: [whole, holes] };
}

function numberTests({ protocol, first, last }: PortRange & { kind: "numbers" }): NftStatement[] {
  const name = protocolName(protocol);
  const onProtocol = match({ kind: "meta", key: "l4proto" }, word(name));
  if (first === 0 && last === 65535) return [onProtocol];
  const number = (n: number) => ({ kind: "number", number: n }) as const;
  const right: NftValue =
    first === last ? number(first) : { kind: "range", first: number(first), last: number(last) };
  return [onProtocol, match({ kind: "payload", protocol: name, field: "dport" }, right)];
}

function verdictOf(of: Rule, next: string | undefined): NftVerdict {
  if (of.action === "deny") return { kind: "drop" };
  if (of.action === "pass" && next !== undefined) return { kind: "goto", chain: next };
  return { kind: "return" };
}

function establishedMatch({ established = "keep" }: EnforceOptions): NftStatement[] {
  const items = [word("established"), word("related")];
  const state = match({ kind: "ct", key: "state" }, { kind: "list", items });
  if (established === "keep") return [state];
  return [state, match({ kind: "ct", key: "direction" }, word("reply"))];
}

function chainName(profile: Profile, stage = ""): string {
  return `${profile.direction}${stage === "" ? "" : `-${stage}`}-${shortHash(profile.key)}`;
}

function mapName(direction: Direction, family: Family): string {
  return `${direction}-${family}`;
}

function addrType(family: Family): string {
  return family === "ip4" ? "ipv4_addr" : "ipv6_addr";
}

function addrExpr(family: Family, field: Side): NftExpr {
  return { kind: "payload", protocol: family === "ip4" ? "ip" : "ip6", field };
}

function concat(...parts: NftExpr[]): NftExpr {
  return { kind: "concat", parts };
}

function match(left: NftExpr, right: NftValue): NftStatement {
  return { kind: "match", left, right };
}

function verdict(of: NftVerdict): NftStatement {
  return { kind: "verdict", verdict: of };
}

function word(text: string): NftValue {
  return { kind: "word", word: text };
}

function setRef(set: AddressSet): NftValue {
  return { kind: "set-ref", name: set.name };
}

function rule(statements: readonly NftStatement[], origin: Origin): NftRule {
  return { statements, origin };
}

function toNftSet({ name, family, content }: AddressSet): NftSet {
  const type = addrType(family);
  const make = (names: readonly string[], keys: readonly NftValue[]): NftSet => {
    return { name, key: { kind: "type", names }, elements: keys.map((key) => ({ key })) };
  };
  const addrs = (list: readonly Addr[]) =>
    [...new Map(list.map((addr) => [addr.key(), addr])).values()].sort((a, b) => a.compare(b));
  const value = (addr: Addr): NftValue => ({ kind: "addr", addr });
  switch (content.kind) {
    case "addrs":
      return make([type], addrs(content.addrs).map(value));
    case "pairs":
      return make(
        [type, type],
        addrs(content.addrs).map((a) => ({ kind: "concat", parts: [value(a), value(a)] })),
      );
    case "ports":
      return make(
        [type, "inet_proto", "inet_service"],
        content.ports.map(({ addr, protocol, port }) => ({
          kind: "concat",
          parts: [value(addr), word(protocolName(protocol)), { kind: "number", number: port }],
        })),
      );
    case "nets": {
      const nets = content.nets.map((prefix): NftValue => ({ kind: "prefix", prefix }));
      return { ...make([type], nets), flags: ["interval"] };
    }
  }
}

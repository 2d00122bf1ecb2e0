/**
 * Policies as iptables rules and ipsets, in chains of their own beside kube-proxy's:
 *
 *   FORWARD ─▶ KW-FORWARD ─┬─ replies, neighbour discovery, a pod to itself: return
 *   INPUT ──▶ KW-INPUT     ├─▶ KW-EGRESS ─▶ one chain per profile of sources
 *                          └─▶ KW-INGRESS ─▶ one chain per profile of destinations
 *
 * FORWARD is behind destination NAT and before source NAT, so that rules see pods. In a profile's
 * chain RETURN allows this direction and DROP denies it; `pass` goes to the profile's second chain,
 * which begins with NetworkPolicy.
 */
import { type Family, Prefix, singlePrefix } from "../../addr/index.js";
import { type Origin, printOrigin } from "../../base/index.js";
import type {
  IpsetConfig,
  IpsetEntry,
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
} from "../../netfilter/index.js";
import { protocolName } from "../../wire/index.js";
import type { PortRange, Rule } from "../model/policy.js";
import { type AddressSet, AddressSets, type PeerTest } from "./address-sets.js";
import type { PolicyPlan, Profile } from "./plan.js";
import { shortHash } from "./short-hash.js";

/** Choices a policy agent makes. */
export interface EnforceOptions {
  /**
   * What becomes of connections that are open when policies change: `keep` lets them go on,
   * `recheck` asks the policies about every packet of the original direction. Default: `keep`.
   */
  readonly established?: "keep" | "recheck";
  /** Whether a pod may always reach its own node. Default: false, policies decide. */
  readonly ownNodeEgress?: boolean;
  /**
   * Whether the kernel has sets of pairs (`hash:net,net`), for what a pod says to itself through a
   * Service. Without them there is a rule for every pod of the node. Default: true; iptables only.
   */
  readonly pairSets?: boolean;
}

/** What is installed into one family's filter table, and the sets it needs. */
export interface IptablesPolicy {
  readonly chains: readonly IptablesChain[];
  /** Rules for the beginning of built-in chains. */
  readonly hooks: readonly { readonly chain: "FORWARD" | "INPUT"; readonly rule: IptablesRule }[];
  readonly sets: readonly IpsetConfig[];
}

const AGENT: Origin = { kind: "policy-agent" };

/**
 * Writes a plan for iptables.
 *
 * Laws: a packet passes FORWARD just when the judge allows its flow (test/property/policy and the
 * conformance suite `netpol`).
 * Cost: a packet meets one rule per profile, then the rules of its own two profiles; addresses are
 * found in hash sets.
 */
export function compileIptables(
  plan: PolicyPlan,
  family: Family,
  options: EnforceOptions = {},
): IptablesPolicy {
  const sets = new AddressSets(plan, family);
  const dispatch = (name: string, profiles: readonly Profile[]): IptablesChain[] => {
    const side = profiles[0]?.direction === "ingress" ? "dst" : "src";
    const rules = profiles.map((profile) => {
      const own = sets.members(`${side}-${profile.key}`, profile.members);
      const target = { kind: "jump", chain: chainName(profile) } as const;
      return rule([setMatch(own, [side])], target, AGENT);
    });
    return [{ name, rules }, ...profiles.flatMap((p) => profileChains(p, sets))];
  };
  const egress = dispatch("KW-EGRESS", plan.egress);
  const ingress = dispatch("KW-INGRESS", plan.ingress);
  const replies = rule([establishedMatch(options)], { kind: "RETURN" }, AGENT);
  const jump = (chain: string) => rule([], { kind: "jump", chain }, AGENT);
  const discovery = family === "ip6" ? DISCOVERY_RULES : [];
  const forward = [
    replies,
    ...discovery,
    ...selfRules(plan, sets, options),
    jump("KW-EGRESS"),
    jump("KW-INGRESS"),
  ];
  const chains = [
    { name: "KW-FORWARD", rules: forward },
    {
      name: "KW-INPUT",
      rules: options.ownNodeEgress === true ? [] : [replies, ...discovery, jump("KW-EGRESS")],
    },
    ...egress,
    ...ingress,
  ];
  const hooks = [
    { chain: "FORWARD", rule: jump("KW-FORWARD") },
    { chain: "INPUT", rule: jump("KW-INPUT") },
  ] as const;
  return { chains, hooks, sets: sets.all().map(toIpset) };
}

/**
 * Whoever may not find its neighbours has no IPv6 at all. The kernel tracks no connection of these.
 *
 * Follows: RFC 4890 §4.3.1; RFC 4861 §4.1 to 4.4 (types 133 to 136).
 */
const DISCOVERY_RULES: readonly IptablesRule[] = [133, 134, 135, 136].map((type) => {
  const matches = [{ kind: "protocol", protocol: "ipv6-icmp" } as const];
  return rule([...matches, { kind: "icmp", type }], { kind: "RETURN" }, AGENT);
});

/** What a pod says to itself is nobody's business; it comes by here only through a Service. */
function selfRules(
  plan: PolicyPlan,
  sets: AddressSets,
  { pairSets = true }: EnforceOptions,
): IptablesRule[] {
  const target = { kind: "RETURN" } as const;
  if (pairSets)
    return [rule([setMatch(sets.selfPairs(plan.local), ["src", "dst"])], target, AGENT)];
  const addrs = plan.local.flatMap((member) => member.addrs);
  return addrs
    .filter((addr) => addr.family === sets.family)
    .map((addr) => {
      const prefix = singlePrefix(addr);
      return rule(
        [
          { kind: "source", prefix },
          { kind: "destination", prefix },
        ],
        target,
        AGENT,
      );
    });
}

function chainName(profile: Profile, stage = ""): string {
  const letter = profile.direction === "ingress" ? "I" : "E";
  return `KW-${letter}${stage}-${shortHash(profile.key)}`;
}

/** One chain, and a second one when a rule of the first can pass to it. */
function profileChains(profile: Profile, sets: AddressSets): IptablesChain[] {
  const next = chainName(profile, "N");
  const admin = profile.admin.flatMap((r) => writeRule(r, { profile, sets, next }));
  const later = laterRules(profile, sets);
  if (!profile.admin.some((r) => r.action === "pass")) {
    return [{ name: chainName(profile), rules: [...admin, ...later] }];
  }
  const go = rule([], { kind: "goto", chain: next }, AGENT);
  return [
    { name: chainName(profile), rules: [...admin, go] },
    { name: next, rules: later },
  ];
}

/** NetworkPolicy decides about isolated pods; others are the baseline's. */
function laterRules(profile: Profile, sets: AddressSets): IptablesRule[] {
  const { isolating, network, baseline } = profile;
  if (isolating.length === 0) return baseline.flatMap((r) => writeRule(r, { profile, sets }));
  const rules = network.flatMap((r) => writeRule(r, { profile, sets }));
  const first = isolating[0] as Origin;
  const comment = `isolated by ${isolating.map(printOrigin).join(", ")}`;
  return [...rules, rule([commentMatch(comment)], { kind: "DROP" }, first)];
}

interface Context {
  readonly profile: Profile;
  readonly sets: AddressSets;
  /** Where `pass` goes; without it, passing is allowing. */
  readonly next?: string;
}

/** One rule for each pair of a peer and a port. */
function writeRule(of: Rule, { profile, sets, next }: Context): IptablesRule[] {
  const tests = of.peers?.flatMap((p) => sets.peer(p, of.action === "deny") ?? []);
  const peers: readonly PeerTest[] = tests ?? [{ kind: "any" }];
  const ports: readonly (PortRange | undefined)[] = of.ports ?? [undefined];
  const target = targetOf(of, next);
  return peers.flatMap((peer) =>
    ports.map((port) => {
      const matches = [
        ...portMatches(port, sets).filter((m) => m.kind === "protocol"),
        ...peerMatches(peer, profile),
        ...portMatches(port, sets).filter((m) => m.kind !== "protocol"),
        commentMatch(printOrigin(of.origin)),
      ];
      return rule(matches, target, of.origin);
    }),
  );
}

function targetOf(of: Rule, next: string | undefined): IptablesTarget {
  if (of.action === "deny") return { kind: "DROP" };
  if (of.action === "pass" && next !== undefined) return { kind: "goto", chain: next };
  return { kind: "RETURN" };
}

function peerMatches(peer: PeerTest, { direction }: Profile): IptablesMatch[] {
  if (peer.kind === "any") return [];
  const isSource = direction === "ingress";
  if (peer.kind === "set") return [setMatch(peer.set, [isSource ? "src" : "dst"])];
  return [{ kind: isSource ? "source" : "destination", prefix: peer.prefix }];
}

function portMatches(port: PortRange | undefined, sets: AddressSets): IptablesMatch[] {
  if (port === undefined) return [];
  if (port.kind === "named") {
    return [setMatch(sets.namedPort(port), port.anyNumber ? ["dst"] : ["dst", "dst"])];
  }
  const { protocol, first, last } = port;
  const name = protocolName(protocol);
  const onProtocol = { kind: "protocol", protocol: name } as const;
  if (first === 0 && last === 65535) return [onProtocol];
  return [onProtocol, { kind: name as "tcp" | "udp" | "sctp", dport: { first, last } }];
}

function setMatch(set: AddressSet, directions: readonly ("src" | "dst")[]): IptablesMatch {
  return { kind: "set", name: set.name, directions };
}

/** Comments hold at most 255 characters (XT_MAX_COMMENT_LEN with its end). */
function commentMatch(text: string): IptablesMatch {
  return { kind: "comment", comment: text.slice(0, 255) };
}

function establishedMatch({ established = "keep" }: EnforceOptions): IptablesMatch {
  const ctstate = { states: ["RELATED", "ESTABLISHED"] } as const;
  if (established === "keep") return { kind: "conntrack", ctstate };
  return { kind: "conntrack", ctstate, ctdir: "REPLY" };
}

function rule(
  matches: readonly IptablesMatch[],
  target: IptablesTarget,
  origin: Origin,
): IptablesRule {
  return { matches, target, origin };
}

function toIpset(set: AddressSet): IpsetConfig {
  const { name, family, content } = set;
  const make = (type: string, entries: readonly IpsetEntry[]) => {
    return { name, type, family, options: ["hashsize 1024", "maxelem 65536"], entries };
  };
  switch (content.kind) {
    case "addrs":
      return make("hash:ip", unique(content.addrs.map(String)));
    case "nets":
      return make("hash:net", [
        ...unique(content.nets.flatMap(splitWhole).map(String)),
        ...unique(content.holes.flatMap(splitWhole).map(String)).map((e) => ({
          ...e,
          nomatch: true,
        })),
      ]);
    case "ports":
      return make(
        "hash:ip,port",
        unique(content.ports.map((p) => `${p.addr},${protocolName(p.protocol)}:${p.port}`)),
      );
    case "pairs":
      return make("hash:net,net", unique(content.addrs.map((addr) => `${addr},${addr}`)));
  }
}

function unique(texts: readonly string[]): IpsetEntry[] {
  return [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1)).map((text) => ({ text }));
}

/** ipset has no place for a prefix of no bits; its two halves say the same. */
function splitWhole(prefix: Prefix): Prefix[] {
  if (prefix.bits > 0) return [prefix];
  return [new Prefix(prefix.first(), 1), new Prefix(prefix.last(), 1)];
}

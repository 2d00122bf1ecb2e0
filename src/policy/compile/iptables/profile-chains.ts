/**
 * The chain of a profile. RETURN allows this direction, DROP or REJECT denies it; `pass` goes to the
 * profile's second chain, which begins with NetworkPolicy.
 */
import type { Family } from "../../../addr/index.js";
import { type Origin, printOrigin } from "../../../base/index.js";
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
} from "../../../netfilter/index.js";
import { protocolName } from "../../../wire/index.js";
import type { Peer, PortRange, Rule } from "../../model/policy.js";
import type { EnforceOptions } from "../enforce.js";
import { setName } from "../plan/address-set.js";
import type { Profile } from "../plan/profile.js";
import { type SetSpec, specOfPeer, specOfPort } from "../plan/set-spec.js";
import { comment, denial, inSet, rule } from "./rule-parts.js";

/** For whom a profile is written. */
export interface ChainContext {
  readonly family: Family;
  readonly options: EnforceOptions;
}

/** The name of a profile's chain; `next` is its second one. */
export function chainName({ direction, id }: Profile, stage: "" | "N" = ""): string {
  return `KW-${direction === "ingress" ? "I" : "E"}${stage}-${id}`;
}

/** One chain, and a second one when a rule of the first can pass to it. */
export function profileChains(profile: Profile, context: ChainContext): IptablesChain[] {
  const next = chainName(profile, "N");
  const admin = profile.admin.flatMap((r) => writeRule(r, { ...context, profile, next }));
  const later = laterRules(profile, context);
  if (!profile.admin.some((r) => r.action === "pass")) {
    return [{ name: chainName(profile), rules: [...admin, ...later] }];
  }
  const go = rule([], { kind: "goto", chain: next });
  return [
    { name: chainName(profile), rules: [...admin, go] },
    { name: next, rules: later },
  ];
}

/** NetworkPolicy decides about isolated pods; others are the baseline's. */
function laterRules(profile: Profile, context: ChainContext): IptablesRule[] {
  const { isolating, network, baseline } = profile;
  const write = (rules: readonly Rule[]) =>
    rules.flatMap((r) => writeRule(r, { ...context, profile }));
  if (isolating.length === 0) return write(baseline);
  const text = `isolated by ${isolating.map(printOrigin).join(", ")}`;
  const end = denial(context.family, context.options);
  return [...write(network), rule([comment(text)], end, isolating[0] as Origin)];
}

interface RuleContext extends ChainContext {
  readonly profile: Profile;
  /** Where `pass` goes; without it, passing is allowing. */
  readonly next?: string;
}

/** One rule for each pair of a peer and a port. */
function writeRule(of: Rule, context: RuleContext): IptablesRule[] {
  const peers: readonly (Peer | undefined)[] = of.peers ?? [undefined];
  const ports: readonly (PortRange | undefined)[] = of.ports ?? [undefined];
  const target = targetOf(of, context);
  const tests = peers.flatMap((peer) => peerTests(peer, of, context));
  return tests.flatMap((peer) =>
    ports.map((port) => {
      const { protocol, port: number } = portTests(port, context.family);
      const matches = [...protocol, ...peer, ...number, comment(printOrigin(of.origin))];
      return rule(matches, target, of.origin);
    }),
  );
}

function targetOf(of: Rule, { family, options, next }: RuleContext): IptablesTarget {
  if (of.action === "deny") return denial(family, options);
  if (of.action === "pass" && next !== undefined) return { kind: "goto", chain: next };
  return { kind: "RETURN" };
}

/** The tests for a peer: none when nobody of this family can be it. */
function peerTests(
  peer: Peer | undefined,
  of: Rule,
  { family, profile }: RuleContext,
): IptablesMatch[][] {
  const isSource = profile.direction === "ingress";
  if (peer === undefined) return [[]];
  if (peer.kind === "unknown") return of.action === "deny" ? [[]] : [];
  if (peer.kind === "block" && peer.prefix.family !== family) return [];
  const spec = specOfPeer(peer);
  if (spec !== undefined) return [[inSet(nameOf(spec, family), [isSource ? "src" : "dst"])]];
  if (peer.kind !== "block" || peer.prefix.bits === 0) return [[]];
  return [[{ kind: isSource ? "source" : "destination", prefix: peer.prefix }]];
}

interface PortTests {
  readonly protocol: readonly IptablesMatch[];
  readonly port: readonly IptablesMatch[];
}

function portTests(range: PortRange | undefined, family: Family): PortTests {
  if (range === undefined) return { protocol: [], port: [] };
  if (range.kind === "named") {
    const name = nameOf(specOfPort(range) as SetSpec, family);
    return { protocol: [], port: [inSet(name, range.anyNumber ? ["dst"] : ["dst", "dst"])] };
  }
  const name = protocolName(range.protocol);
  const protocol = [{ kind: "protocol", protocol: name }] as const;
  const { first, last } = range;
  if (first === 0 && last === 65535) return { protocol, port: [] };
  return { protocol, port: [{ kind: name as "tcp" | "udp" | "sctp", dport: { first, last } }] };
}

function nameOf(spec: SetSpec, family: Family): string {
  return setName(spec.key, family);
}

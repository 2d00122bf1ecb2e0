/**
 * The chain of a profile. `return` allows this direction, `drop` or `reject` denies it; `pass` goes to
 * the profile's second chain, which begins with NetworkPolicy.
 */
import type { Family } from "../../../addr/index.js";
import { type Origin, printOrigin } from "../../../base/index.js";
import type {
  NftChain,
  NftElement,
  NftExpr,
  NftRule,
  NftStatement,
  NftValue,
} from "../../../netfilter/index.js";
import { protocolName } from "../../../wire/index.js";
import type { Peer, PortRange, Rule } from "../../model/policy.js";
import type { EnforceOptions } from "../enforce.js";
import { setName } from "../plan/address-set.js";
import type { Profile } from "../plan/profile.js";
import { type SetSpec, specOfPeer, specOfPort } from "../plan/set-spec.js";
import {
  addrExpr,
  commented,
  concat,
  denial,
  match,
  rule,
  type Side,
  setRef,
  verdict,
  word,
} from "./expressions.js";

/** For whom a profile is written. */
export interface ChainContext {
  readonly families: readonly Family[];
  readonly options: EnforceOptions;
}

/** The name of a profile's chain; `next` is its second one. */
export function chainName({ direction, id }: Profile, stage: "" | "next" = ""): string {
  return `${direction}${stage === "" ? "" : `-${stage}`}-${id}`;
}

/** One chain, and a second one when a rule of the first can pass to it. */
export function profileChains(profile: Profile, context: ChainContext): NftChain[] {
  const next = chainName(profile, "next");
  const admin = profile.admin.flatMap((r) => writeRule(r, { ...context, profile, next }));
  const later = laterRules(profile, context);
  if (!profile.admin.some((r) => r.action === "pass")) {
    return [{ name: chainName(profile), rules: [...admin, ...later] }];
  }
  const go = rule([verdict({ kind: "goto", chain: next })]);
  return [
    { name: chainName(profile), rules: [...admin, go] },
    { name: next, rules: later },
  ];
}

/** NetworkPolicy decides about isolated pods; others are the baseline's. */
function laterRules(profile: Profile, context: ChainContext): NftRule[] {
  const { isolating, network, baseline } = profile;
  const write = (rules: readonly Rule[]) =>
    rules.flatMap((r) => writeRule(r, { ...context, profile }));
  if (isolating.length === 0) return write(baseline);
  const text = `isolated by ${isolating.map(printOrigin).join(", ")}`;
  const end = rule([denial(context.options)], isolating[0] as Origin);
  return [...write(network), commented(end, text)];
}

interface RuleContext extends ChainContext {
  readonly profile: Profile;
  /** Where `pass` goes; without it, passing is allowing. */
  readonly next?: string;
}

/** One rule for each family's form of each pair of a peer and a port. */
function writeRule(of: Rule, context: RuleContext): NftRule[] {
  const peers: readonly (Peer | undefined)[] = of.peers ?? [undefined];
  const ports: readonly (PortRange | undefined)[] = of.ports ?? [undefined];
  const end = endOf(of, context);
  const text = printOrigin(of.origin);
  return peers.flatMap((peer) =>
    peerForms(peer, of, context).flatMap((form) =>
      ports.flatMap((port) =>
        portForms(port, form.family === undefined ? context.families : [form.family]).map((tests) =>
          commented(rule([...form.tests, ...tests, end], of.origin), text),
        ),
      ),
    ),
  );
}

function endOf(of: Rule, { options, next }: RuleContext): NftStatement {
  if (of.action === "deny") return denial(options);
  if (of.action === "pass" && next !== undefined) return verdict({ kind: "goto", chain: next });
  return verdict({ kind: "return" });
}

/** Tests for a peer; without a family they hold for both. */
interface PeerForm {
  readonly family?: Family;
  readonly tests: readonly NftStatement[];
}

function peerForms(
  peer: Peer | undefined,
  of: Rule,
  { profile, families }: RuleContext,
): PeerForm[] {
  const side = profile.direction === "ingress" ? "saddr" : "daddr";
  if (peer === undefined) return [{ tests: [] }];
  if (peer.kind === "unknown") return of.action === "deny" ? [{ tests: [] }] : [];
  if (peer.kind === "block") {
    return families.includes(peer.prefix.family) ? [blockForm(peer, side)] : [];
  }
  const spec = specOfPeer(peer) as SetSpec;
  return families.map((family) => {
    return { family, tests: [match(addrExpr(family, side), setRef(nameOf(spec, family)))] };
  });
}

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

function portForms(range: PortRange | undefined, families: readonly Family[]): NftStatement[][] {
  if (range === undefined) return [[]];
  if (range.kind === "numbers") return [numberTests(range)];
  const rest: readonly NftExpr[] = [
    { kind: "meta", key: "l4proto" },
    { kind: "payload", protocol: "th", field: "dport" },
  ];
  const spec = specOfPort(range) as SetSpec;
  return families.map((family) => {
    const addr = addrExpr(family, "daddr");
    const expr = range.anyNumber ? addr : concat(addr, ...rest);
    return [match(expr, setRef(nameOf(spec, family)))];
  });
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

function nameOf(spec: SetSpec, family: Family): string {
  return setName(spec.key, family);
}

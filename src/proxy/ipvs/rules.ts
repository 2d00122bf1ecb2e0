/** The iptables rules around IPVS, which speak of ipsets instead of Services. */
import { type Addr, parsePrefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type {
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
  PhysdevMatch,
} from "../../netfilter/index.js";
import { detectorMatch } from "../iptables/detector.js";
import { comment, ctstate, fromAddr, jump, ofProtocol, TO_LOCAL } from "../iptables/match.js";
import { masqueradeMark } from "../mark.js";
import { masqueradesRandomFully, type ProxySettings } from "../settings.js";
import { SETS, type SetKey, setName } from "./set-info.js";

/** A rule with its chain. */
export interface IpvsPlacedRule {
  readonly chain: string;
  readonly rule: IptablesRule;
}

/** All rules, in the order kube-proxy writes them. */
export interface IpvsRules {
  readonly nat: readonly IpvsPlacedRule[];
  readonly filter: readonly IpvsPlacedRule[];
}

/** A load balancer's port that the node itself must not reach. */
export interface OutFilterEntry {
  readonly addr: Addr;
  readonly protocol: string;
  readonly port: number;
}

/** What the rules are written from. */
export interface IpvsRulesInput {
  readonly settings: ProxySettings;
  /** Sets with members. */
  readonly filled: ReadonlySet<SetKey>;
  readonly outFilter: readonly OutFilterEntry[];
}

const ORIGIN: Origin = { kind: "kube-proxy" };

const ACCEPT: IptablesTarget = { kind: "ACCEPT" };
const DROP: IptablesTarget = { kind: "DROP" };
const RETURN: IptablesTarget = { kind: "RETURN" };
const MARK_MASQ = jump("KUBE-MARK-MASQ");

type Directions = readonly ("src" | "dst")[];
const D: Directions = ["dst"];
const DD: Directions = ["dst", "dst"];
const DDS: Directions = ["dst", "dst", "src"];

/** Rules written only for sets with members: set, table, chain, target, directions, protocol. */
const BY_SET: readonly (readonly [
  SetKey,
  "nat" | "filter",
  string,
  IptablesTarget,
  Directions,
  string?,
])[] = [
  ["loopBack", "nat", "KUBE-POSTROUTING", { kind: "MASQUERADE" }, DDS],
  ["loadBalancer", "nat", "KUBE-SERVICES", jump("KUBE-LOAD-BALANCER"), DD],
  ["loadBalancerLocal", "nat", "KUBE-LOAD-BALANCER", RETURN, DD],
  ["nodePortLocalTcp", "nat", "KUBE-NODE-PORT", RETURN, D, "tcp"],
  ["nodePortTcp", "nat", "KUBE-NODE-PORT", MARK_MASQ, D, "tcp"],
  ["nodePortLocalUdp", "nat", "KUBE-NODE-PORT", RETURN, D, "udp"],
  ["nodePortUdp", "nat", "KUBE-NODE-PORT", MARK_MASQ, D, "udp"],
  ["nodePortLocalSctp", "nat", "KUBE-NODE-PORT", RETURN, DD, "sctp"],
  ["nodePortSctp", "nat", "KUBE-NODE-PORT", MARK_MASQ, DD, "sctp"],
  ["loadBalancerFW", "filter", "KUBE-PROXY-FIREWALL", jump("KUBE-SOURCE-RANGES-FIREWALL"), DD],
  ["sourceCIDR", "filter", "KUBE-SOURCE-RANGES-FIREWALL", RETURN, DDS],
  ["sourceIP", "filter", "KUBE-SOURCE-RANGES-FIREWALL", RETURN, DDS],
];

/**
 * Builds the rules.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `writeIptablesRules`, `acceptIPVSTraffic`.
 */
export function ipvsRules(input: IpvsRulesInput): IpvsRules {
  const nat: IpvsPlacedRule[] = [loopbackRule(input.settings)];
  const filter: IpvsPlacedRule[] = [];
  for (const [key, table, chain, target, directions, protocol] of BY_SET) {
    if (!input.filled.has(key)) continue;
    const first = protocol === undefined ? [] : [ofProtocol(protocol)];
    const matches = [...first, ...setMatches(key, directions, input.settings)];
    (table === "nat" ? nat : filter).push(place(chain, matches, target));
  }
  nat.push(...clusterIPRules(input), ...externalIPRules(input));
  nat.push(place("KUBE-SERVICES", [TO_LOCAL], jump("KUBE-NODE-PORT")));
  nat.push(place("KUBE-LOAD-BALANCER", [], MARK_MASQ));
  filter.push(place("KUBE-SOURCE-RANGES-FIREWALL", [], DROP));
  filter.push(...input.outFilter.map(outFilterRule));
  for (const key of ["clusterIP", "loadBalancer"] as const) {
    if (!input.filled.has(key)) continue;
    nat.push(place("KUBE-SERVICES", [inSet(key, DD, input.settings)], ACCEPT));
  }
  filter.push(...filterRules(input.settings));
  nat.push(...postroutingRules(input.settings));
  return { nat, filter };
}

function place(
  chain: string,
  matches: readonly IptablesMatch[],
  target: IptablesTarget,
): IpvsPlacedRule {
  return { chain, rule: { matches, target, origin: ORIGIN } };
}

function inSet(key: SetKey, directions: Directions, { family }: ProxySettings): IptablesMatch {
  return { kind: "set", name: setName(key, family), directions };
}

/** Comment and set. */
function setMatches(key: SetKey, directions: Directions, settings: ProxySettings): IptablesMatch[] {
  return [comment(SETS[key].comment), inSet(key, directions, settings)];
}

/** Traffic from loopback addresses is nobody's business here. */
function loopbackRule({ family }: ProxySettings): IpvsPlacedRule {
  const from: IptablesMatch =
    family === "ip4"
      ? { kind: "source", prefix: parsePrefix("127.0.0.0/8") }
      : { kind: "source", prefix: parsePrefix("::1/128"), spelling: "prefix" };
  return place("KUBE-SERVICES", [from], RETURN);
}

/** Who is masqueraded on the way to a cluster IP. */
function clusterIPRules({ settings, filled }: IpvsRulesInput): IpvsPlacedRule[] {
  if (!filled.has("clusterIP")) return [];
  const isNotLocal = detectorMatch(settings.detector, true);
  const detected = !settings.masqueradeAll && isNotLocal !== undefined;
  // Without either, the node's own traffic is: it takes the address on the dummy device as source.
  const directions: Directions = settings.masqueradeAll || detected ? DD : ["src", "dst"];
  const matches = setMatches("clusterIP", directions, settings);
  const all = detected ? [isNotLocal, ...matches] : matches;
  return [place("KUBE-SERVICES", all, MARK_MASQ)];
}

const NOT_FROM_BRIDGE: PhysdevMatch = { kind: "physdev", isIn: { not: true } };
const NOT_FROM_NODE: IptablesMatch = {
  kind: "addrtype",
  srcType: { types: ["LOCAL"], not: true },
};

function externalIPRules({ settings, filled }: IpvsRulesInput): IpvsPlacedRule[] {
  return (["externalIP", "externalIPLocal"] as const).flatMap((key) => {
    if (!filled.has(key)) return [];
    const matches = setMatches(key, DD, settings);
    const mark = key === "externalIP" ? [place("KUBE-SERVICES", matches, MARK_MASQ)] : [];
    return [
      ...mark,
      place("KUBE-SERVICES", [...matches, NOT_FROM_BRIDGE, NOT_FROM_NODE], ACCEPT),
      place("KUBE-SERVICES", [...matches, TO_LOCAL], ACCEPT),
    ];
  });
}

/** The node's own traffic to a load balancer it may not use; source and destination are the same. */
function outFilterRule({ addr, protocol, port }: OutFilterEntry): IpvsPlacedRule {
  const { prefix } = fromAddr(addr) as Extract<IptablesMatch, { kind: "source" }>;
  const ipvs: IptablesMatch = {
    kind: "ipvs",
    vaddr: { prefix },
    vproto: { protocol },
    vport: { port },
  };
  return place("KUBE-IPVS-OUT-FILTER", [fromAddr(addr), ipvs], DROP);
}

function filterRules(settings: ProxySettings): IpvsPlacedRule[] {
  const mark = masqueradeMark(settings);
  const marked: IptablesMatch = { kind: "mark", value: mark, mask: mark };
  const ends: readonly (readonly [SetKey, Directions])[] = [
    ["loadBalancer", DD],
    ["clusterIP", DD],
    ["externalIP", DD],
    ["externalIPLocal", DD],
    ["healthCheck", D],
  ];
  return [
    place("KUBE-FORWARD", [comment("kubernetes forwarding rules"), marked], ACCEPT),
    place(
      "KUBE-FORWARD",
      [comment("kubernetes forwarding conntrack rule"), ctstate("RELATED", "ESTABLISHED")],
      ACCEPT,
    ),
    place("KUBE-NODE-PORT", setMatches("healthCheck", D, settings), ACCEPT),
    ...ends.map(([key, directions]) =>
      place("KUBE-IPVS-FILTER", [inSet(key, directions, settings)], RETURN),
    ),
    // Ports of the host are not to be reached through a Service address.
    place("KUBE-IPVS-FILTER", [ctstate("NEW"), inSet("ipvsIPs", D, settings)], { kind: "REJECT" }),
  ];
}

function postroutingRules(settings: ProxySettings): IpvsPlacedRule[] {
  const mark = masqueradeMark(settings);
  const randomFully = masqueradesRandomFully(settings);
  const unmarked: IptablesMatch = { kind: "mark", value: mark, mask: mark, not: true };
  return [
    place("KUBE-POSTROUTING", [unmarked], RETURN),
    place("KUBE-POSTROUTING", [], { kind: "MARK", value: mark, mask: 0, spelling: "xor" }),
    place("KUBE-POSTROUTING", [comment("kubernetes service traffic requiring SNAT")], {
      kind: "MASQUERADE",
      ...(randomFully ? { randomFully } : {}),
    }),
    place("KUBE-MARK-MASQ", [], { kind: "MARK", value: mark, mask: mark, spelling: "or" }),
  ];
}

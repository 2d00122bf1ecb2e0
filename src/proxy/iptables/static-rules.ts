/** The rules that do not depend on any Service: marks, masquerading, forwarding, node ports. */
import { isLoopback, parsePrefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type { IptablesMatch, IptablesRule } from "../../netfilter/index.js";
import { masqueradeMark } from "../mark.js";
import { nodePortAddrs, readNodePortAddresses, resolvePrimary } from "../node-port-addresses.js";
import { masqueradesRandomFully, type ProxyNode, type ProxySettings } from "../settings.js";
import { comment, ctstate, jump, TO_LOCAL, toAddr } from "./match.js";
import type { PlacedRule } from "./port-rules.js";

/** Rules before and after those of the Services, in the order they are written. */
export interface StaticRules {
  readonly natHead: readonly PlacedRule[];
  readonly natTail: readonly PlacedRule[];
  readonly filterHead: readonly PlacedRule[];
  readonly filterTail: readonly PlacedRule[];
  /** Contents of KUBE-FIREWALL, kubelet's chain. */
  readonly firewall: IptablesRule[];
  readonly sysctls: readonly (readonly [name: string, value: string])[];
}

const ORIGIN: Origin = { kind: "kube-proxy" };
const LOOPBACK = parsePrefix("127.0.0.0/8");
const LOOPBACK6 = parsePrefix("::1/128");

/**
 * Builds the rules around those of the Services.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`, `NewProxier`.
 */
export function staticRules(settings: ProxySettings, node: ProxyNode): StaticRules {
  const addresses = readNodePortAddresses(resolvePrimary(settings, node), settings.family);
  const { localhostNodePorts } = settings.iptables;
  const onLoopback =
    settings.family === "ip4" && localhostNodePorts && addresses.containsIp4Loopback;
  return {
    natHead: [...postroutingRules(settings), markRule(settings)],
    natTail: nodePortRules(settings, node, onLoopback),
    filterHead: [],
    filterTail: forwardRules(settings),
    firewall: onLoopback ? [martianRule()] : [],
    sysctls: onLoopback ? [["net.ipv4.conf.all.route_localnet", "1"]] : [],
  };
}

function place(chain: string, matches: IptablesMatch[], target: IptablesRule["target"]) {
  const placed: PlacedRule = {
    chain,
    rule: { matches, ...(target === undefined ? {} : { target }), origin: ORIGIN },
  };
  return placed;
}

function postroutingRules(settings: ProxySettings): PlacedRule[] {
  const mark = masqueradeMark(settings);
  const randomFully = masqueradesRandomFully(settings);
  const unmarked: IptablesMatch = { kind: "mark", value: mark, mask: mark, not: true };
  const text = comment("kubernetes service traffic requiring SNAT");
  return [
    place("KUBE-POSTROUTING", [unmarked], { kind: "RETURN" }),
    place("KUBE-POSTROUTING", [], { kind: "MARK", value: mark, mask: 0, spelling: "xor" }),
    place("KUBE-POSTROUTING", [text], {
      kind: "MASQUERADE",
      ...(randomFully ? { randomFully } : {}),
    }),
  ];
}

function markRule(settings: ProxySettings): PlacedRule {
  const mark = masqueradeMark(settings);
  return place("KUBE-MARK-MASQ", [], { kind: "MARK", value: mark, mask: mark, spelling: "or" });
}

function forwardRules(settings: ProxySettings): PlacedRule[] {
  const mark = masqueradeMark(settings);
  const { conntrackTcpLiberal, nfacctCounters } = settings.iptables;
  const count: IptablesMatch[] = nfacctCounters
    ? [{ kind: "nfacct", name: "ct_state_invalid_dropped_pkts" }]
    : [];
  const invalid = place("KUBE-FORWARD", [ctstate("INVALID"), ...count], { kind: "DROP" });
  const marked: IptablesMatch = { kind: "mark", value: mark, mask: mark };
  return [
    ...(conntrackTcpLiberal ? [] : [invalid]),
    place("KUBE-FORWARD", [comment("kubernetes forwarding rules"), marked], { kind: "ACCEPT" }),
    place(
      "KUBE-FORWARD",
      [comment("kubernetes forwarding conntrack rule"), ctstate("RELATED", "ESTABLISHED")],
      { kind: "ACCEPT" },
    ),
  ];
}

/** Guards what `route_localnet` opens: loopback addresses are for the node alone. */
function martianRule(): IptablesRule {
  return {
    matches: [
      { kind: "source", prefix: LOOPBACK, not: true },
      { kind: "destination", prefix: LOOPBACK },
      comment("block incoming localnet connections"),
      {
        kind: "conntrack",
        ctstate: { states: ["RELATED", "ESTABLISHED", "DNAT"], not: true },
      },
    ],
    target: { kind: "DROP" },
    origin: ORIGIN,
  };
}

const LAST_TEXT = "kubernetes service nodeports; NOTE: this must be the last rule in this chain";

/** The end of KUBE-SERVICES: on to the node ports, for addresses that take them. */
function nodePortRules(
  settings: ProxySettings,
  node: ProxyNode,
  onLoopback: boolean,
): PlacedRule[] {
  const { family } = settings;
  const addresses = readNodePortAddresses(resolvePrimary(settings, node), family);
  const toNodePorts = jump("KUBE-NODEPORTS");
  if (addresses.matchAll) {
    const not6: IptablesMatch = {
      kind: "destination",
      prefix: LOOPBACK6,
      spelling: "prefix",
      not: true,
    };
    const not4: IptablesMatch = { kind: "destination", prefix: LOOPBACK, not: true };
    const except = family === "ip6" ? [not6] : onLoopback ? [] : [not4];
    return [place("KUBE-SERVICES", [...except, comment(LAST_TEXT), TO_LOCAL], toNodePorts)];
  }
  return nodePortAddrs(addresses, node.addrs)
    .filter((addr) => onLoopback || !isLoopback(addr))
    .map((addr) => place("KUBE-SERVICES", [toAddr(addr), comment(LAST_TEXT)], toNodePorts));
}

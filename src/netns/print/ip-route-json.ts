/** Routes and policy rules as `ip -j` prints them. */
import { type Prefix, unspecifiedAddr } from "../../addr/index.js";
import {
  type FibRuleConfig,
  FibTable,
  type NextHopConfig,
  type RouteConfig,
} from "../../fib/index.js";

type Json = Readonly<Record<string, unknown>>;

/** One route. */
export function routeJson(route: RouteConfig): Json {
  const { kind, dst, from, table, metric, nextHops, src, scope, protocol, mtu, tos } = route;
  const [only] = nextHops;
  const hops =
    nextHops.length > 1
      ? { flags: [], nexthops: nextHops.map((hop) => ({ ...hopJson(hop), weight: hop.weight })) }
      : only === undefined
        ? { flags: [] }
        : hopJson(only);
  return {
    ...(kind !== "unicast" && { type: kind }),
    dst: prefixText(dst),
    ...(from && { from: prefixText(from) }),
    ...(table !== FibTable.main && { table: tableName(table) }),
    protocol,
    ...(scope !== "global" && { scope }),
    ...(src && { prefsrc: String(src) }),
    metric,
    ...(tos !== undefined && { tos: `0x${tos.toString(16)}` }),
    ...(mtu !== undefined && { metrics: [{ mtu }] }),
    ...hops,
  };
}

function hopJson({ link, gateway, onlink, linkdown, dead }: NextHopConfig): Json {
  const flags = [
    ...(onlink ? ["onlink"] : []),
    ...(linkdown ? ["linkdown"] : []),
    ...(dead ? ["dead"] : []),
  ];
  return {
    ...(gateway && { gateway: String(gateway) }),
    ...(link !== undefined && { dev: link }),
    flags,
  };
}

function prefixText(prefix: Prefix): string {
  if (prefix.bits === 0 && prefix.addr.equals(unspecifiedAddr(prefix.family))) return "default";
  return prefix.toString();
}

function tableName(table: number): string {
  if (table === FibTable.local) return "local";
  return table === FibTable.main ? "main" : table === FibTable.default ? "default" : String(table);
}

/** One policy rule. */
export function ruleJson(rule: FibRuleConfig): Json {
  const { priority, not, from, to, iif, oif, fwmark, fwmask, tos, protocol, action } = rule;
  const { sport, dport, uidRange, suppressPrefixLength, suppressGroup, l3mdev } = rule;
  const hex = (mark: number) => `0x${mark.toString(16)}`;
  return {
    priority,
    ...(not && { not: null }),
    ...(from === undefined ? { src: "all" } : { src: String(from.addr), srclen: from.bits }),
    ...(to && { dst: String(to.addr), dstlen: to.bits }),
    ...(tos !== undefined && { tos: hex(tos) }),
    ...(fwmark !== undefined && { fwmark: hex(fwmark) }),
    ...(fwmask !== undefined && { fwmask: hex(fwmask) }),
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    ...(l3mdev && { l3mdev: null }),
    ...(uidRange && { uid_start: uidRange.first, uid_end: uidRange.last }),
    ...(protocol !== undefined && { ipproto: `ipproto-${protocol}` }),
    ...(sport && { sport_start: sport.first, sport_end: sport.last }),
    ...(dport && { dport_start: dport.first, dport_end: dport.last }),
    ...actionJson(action),
    ...(suppressPrefixLength !== undefined && { suppress_prefixlen: suppressPrefixLength }),
    ...(suppressGroup !== undefined && { suppress_ifgroup: suppressGroup }),
  };
}

function actionJson(action: FibRuleConfig["action"]): Json {
  if (action.kind === "table") return action.table === 0 ? {} : { table: tableName(action.table) };
  if (action.kind === "goto") return { goto: action.priority };
  return action.kind === "nop" ? { nop: null } : { action: action.kind };
}

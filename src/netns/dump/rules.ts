/** `ip -j rule`, one family at a time. */
import {
  addrBits,
  type Family,
  makePrefix,
  type Prefix,
  tryParseAddr,
  unspecifiedAddr,
} from "../../addr/index.js";
import type { FibRuleAction, FibRuleConfig } from "../../fib/index.js";
import { type DumpReport, type DumpSource, type Fields, readList } from "./fields.js";
import { parseTable, parseTos } from "./routes.js";

/** IP protocols that tools print by name (/etc/protocols). */
const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["icmp", 1],
  ["igmp", 2],
  ["ipencap", 4],
  ["tcp", 6],
  ["udp", 17],
  ["ipv6", 41],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["ipv6-icmp", 58],
  ["icmpv6", 58],
  ["sctp", 132],
]);

/**
 * Reads the policy rules of one family, by priority.
 *
 * Follows: iproute2 6.1 ip/iprule.c `print_rule`.
 */
export function parseRules(
  value: unknown,
  family: Family,
  at: { readonly source: DumpSource; readonly report: DumpReport },
): FibRuleConfig[] {
  return readList(value, at.source, at.report).flatMap((fields) => {
    const rule = parseRule(fields, family);
    return rule === undefined ? [] : [rule];
  });
}

function parseRule(fields: Fields, family: Family): FibRuleConfig | undefined {
  const priority = fields.number("priority") ?? 0;
  const action = parseAction(fields);
  if (action === undefined) return undefined;
  const rule: FibRuleConfig = {
    family,
    priority,
    ...(fields.has("not") && { not: true }),
    ...parseSelectors(fields, family),
    action,
    ...parseSuppression(fields),
    ...(fields.has("l3mdev") && { l3mdev: true }),
  };
  for (const key of ["tun_id", "flow", "realms", "nat_gateway", "iif_detached", "oif_detached"]) {
    if (fields.has(key)) fields.note(`ip rule: ${key}`, key);
  }
  fields.finish("ip rule", new Set(["protocol"]));
  return rule;
}

function parseSelectors(fields: Fields, family: Family) {
  const from = parsePrefixOf(fields, ["src", "srclen"], family);
  const to = parsePrefixOf(fields, ["dst", "dstlen"], family);
  const iif = fields.text("iif");
  const oif = fields.text("oif");
  const fwmark = fields.number("fwmark");
  const fwmask = fields.number("fwmask");
  const tos = parseTos(fields, "tos") ?? parseTos(fields, "dsfield");
  const protocol = parseProtocol(fields);
  const sport = parseSpan(fields, ["sport", "sport_start", "sport_end"]);
  const dport = parseSpan(fields, ["dport", "dport_start", "dport_end"]);
  const uidRange = parseSpan(fields, ["uid", "uid_start", "uid_end"]);
  return {
    ...(from && { from }),
    ...(to && { to }),
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    ...(fwmark !== undefined && { fwmark }),
    ...(fwmask !== undefined && { fwmask }),
    ...(tos !== undefined && tos !== 0 && { tos }),
    ...(protocol !== undefined && { protocol }),
    ...(sport && { sport }),
    ...(dport && { dport }),
    ...(uidRange && { uidRange }),
  };
}

function parsePrefixOf(
  fields: Fields,
  [key, lengthKey]: readonly [string, string],
  family: Family,
): Prefix | undefined {
  const text = fields.text(key);
  const length = fields.number(lengthKey);
  if (text === undefined || text === "all") return undefined;
  const addr = text === "0" ? unspecifiedAddr(family) : tryParseAddr(text);
  const bits = length ?? addrBits(family);
  if (addr?.family !== family) return fields.wrong(key, `an ${family} address`);
  if (!Number.isInteger(bits) || bits < 0 || bits > addrBits(family)) {
    return fields.wrong(lengthKey, `a length from 0 to ${addrBits(family)}`);
  }
  return bits === 0 ? undefined : makePrefix(addr, bits);
}

function parseProtocol(fields: Fields): number | undefined {
  const value = fields.raw("ipproto");
  if (value === undefined || value === null) return undefined;
  const named = typeof value === "string" ? PROTOCOLS.get(value) : undefined;
  const number = named ?? Number(typeof value === "string" ? value.replace("ipproto-", "") : value);
  return Number.isInteger(number) ? number : fields.wrong("ipproto", "an IP protocol");
}

function parseSpan(fields: Fields, [one, start, end]: readonly [string, string, string]) {
  const single = fields.number(one);
  const first = fields.number(start) ?? single;
  const last = fields.number(end) ?? single;
  return first === undefined || last === undefined ? undefined : { first, last };
}

function parseSuppression(fields: Fields) {
  const suppressPrefixLength = fields.number("suppress_prefixlen");
  // iproute2 6.1 writes `suppress_ifgroup`; others shortened it.
  const suppressGroup = fields.text("suppress_ifgroup") ?? fields.text("suppress_ifgrp");
  return {
    ...(suppressPrefixLength !== undefined && { suppressPrefixLength }),
    ...(suppressGroup !== undefined && { suppressGroup }),
  };
}

function parseAction(fields: Fields): FibRuleAction | undefined {
  const table = parseTable(fields, "table");
  if (fields.has("goto")) {
    const priority = fields.raw("goto");
    return typeof priority === "number" ? { kind: "goto", priority } : { kind: "nop" };
  }
  if (fields.has("nop")) return { kind: "nop" };
  const word = fields.text("action") ?? fields.text("to");
  switch (word) {
    case "blackhole":
    case "unreachable":
    case "prohibit":
    case "nop":
      return { kind: word };
    case undefined:
      // A rule of VRFs names no table of its own.
      return { kind: "table", table: table ?? 0 };
    default:
      fields.note(`ip rule: action ${JSON.stringify(word)}`, "action");
      return undefined;
  }
}

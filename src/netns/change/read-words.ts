/** Routes and neighbours in the words of `ip route` and `ip neigh`. */
import {
  parseAddr,
  parsePrefix,
  tryParseAddr,
  tryParseMac,
  tryParsePrefix,
} from "../../addr/index.js";
import { FibTable, type RouteConfig, type RouteKind } from "../../fib/index.js";
import type { NeighborConfig } from "../../link/index.js";

const KINDS: readonly RouteKind[] = [
  "unicast",
  "local",
  "broadcast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
];
const REFUSING: readonly RouteKind[] = ["blackhole", "unreachable", "prohibit", "throw"];

function optionsOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(words.map((word, i) => [word, words[i + 1] ?? ""]));
}

/** Reads a route: `[TYPE] PREFIX [via ADDR] [dev LINK] [src ADDR] [metric N] [table T] [onlink]`. */
export function readRoute(words: readonly string[], isIp6: boolean): RouteConfig {
  const kind = KINDS.find((k) => k === words[0]) ?? "unicast";
  const rest = kind === words[0] ? words.slice(1) : words;
  const [target = "default"] = rest;
  const options = optionsOf(rest);
  const gateway = tryParseAddr(options.get("via") ?? "");
  const is6 = target === "default" ? isIp6 || gateway?.family === "ip6" : target.includes(":");
  const whole = is6 ? "::/0" : "0.0.0.0/0";
  const full = target.includes("/") ? target : `${target}/${is6 ? 128 : 32}`;
  const src = tryParseAddr(options.get("src") ?? "");
  const link = options.get("dev");
  const mtu = options.get("mtu");
  return {
    family: is6 ? "ip6" : "ip4",
    kind,
    dst: target === "default" ? parsePrefix(whole) : (tryParsePrefix(full) ?? parsePrefix(whole)),
    table: tableOf(options.get("table")),
    metric: Number(options.get("metric") ?? (is6 ? 1024 : 0)),
    nextHops: REFUSING.includes(kind)
      ? []
      : [
          {
            ...(link === undefined ? {} : { link }),
            ...(gateway === undefined ? {} : { gateway }),
            ...(words.includes("onlink") ? { onlink: true } : {}),
            weight: 1,
          },
        ],
    ...(src === undefined ? {} : { src }),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    scope: gateway !== undefined || REFUSING.includes(kind) || is6 ? "global" : "link",
    protocol: options.get("proto") ?? "boot",
  };
}

function tableOf(text: string | undefined): number {
  if (text === undefined) return FibTable.main;
  const named = Object.entries(FibTable).find(([name]) => name === text);
  return named?.[1] ?? Number(text);
}

/** Reads a neighbour: `[proxy] ADDR lladdr MAC dev LINK [nud STATE]`. */
export function readNeighbor(words: readonly string[]): NeighborConfig {
  const isProxy = words[0] === "proxy";
  const rest = isProxy ? words.slice(1) : words;
  const options = optionsOf(rest);
  const mac = tryParseMac(options.get("lladdr") ?? "");
  return {
    addr: parseAddr(rest[0] ?? ""),
    link: options.get("dev") ?? "",
    ...(mac === undefined ? {} : { mac }),
    state: options.get("nud") === "reachable" ? "reachable" : "permanent",
    ...(isProxy ? { proxy: true } : {}),
  };
}

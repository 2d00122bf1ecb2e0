/**
 * `ip route get`: what the kernel chose on random tables and rules. Each case dumps its tables and
 * rules; each query has the resolved path (`get`) and the matching route (`fibmatch`).
 */
import { parseAddr } from "../../../../src/addr/index.js";
import {
  type Fib,
  type Flow,
  isPath,
  lookup,
  lookupPath6,
  lookupSlow,
  openFib,
  type PathAnswer,
  type RouteConfig,
  routeInput,
  routeOutput,
  sourceOfRoute6,
} from "../../../../src/fib/index.js";
import { parseNetnsDump } from "../../../../src/netns/index.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";
import { errorText } from "./errno.js";
import { familyOf, linksOf } from "./setup.js";

interface RouteGetFile {
  readonly cases: readonly {
    readonly seed: number;
    readonly family: string;
    readonly setup: readonly string[];
    readonly tables: unknown;
    readonly rules: unknown;
    readonly queries: readonly { q: string; get: RouteGot; fibmatch?: RouteGot }[];
  }[];
}

interface RouteGot {
  readonly error?: string;
  readonly type?: string;
  readonly dst?: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly prefsrc?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly cache?: readonly string[];
  readonly tos?: string;
  readonly scope?: string;
  readonly protocol?: string;
}

/** Checks every look-up of a file, by the fast and the slow look-up. */
export function checkRouteGet(file: string, report: Report): void {
  for (const { seed, family, setup, tables, rules, queries } of readJson<RouteGetFile>(file)
    .cases) {
    const key = family === "4" ? "ip_r" : "ip6_r";
    const config = parseNetnsDump("route-get", {
      ip_link: [],
      [`${key}oute`]: tables,
      [`${key}ule`]: rules,
    });
    const fib = openFib({
      routes: config.routes,
      rules: config.rules,
      links: linksOf(setup, ["d0", "d1", "d2", "d3"]),
      sysctls: new Map([
        ["net.ipv4.ip_forward", "1"],
        ["net.ipv6.conf.all.forwarding", "1"],
      ]),
    });
    queries.forEach((query, i) => {
      report.check(`route-get ${seed}#${i} ${query.q}`, () =>
        compare(fib, familyOf(family), query),
      );
    });
  }
}

function compare(
  fib: Fib,
  family: "ip4" | "ip6",
  query: { q: string; get: RouteGot; fibmatch?: RouteGot },
): string | undefined {
  const flow = flowOf(query.q);
  const fast = lookup(fib, flow);
  const slow = lookupSlow(fib, flow);
  if (JSON.stringify(fast) !== JSON.stringify(slow)) return "fast and slow look-up differ";
  const answer = answerOf(fib, flow);
  const got = family === "ip4" ? describe4(answer, flow) : describe6(fib, answer, flow);
  const want = expectation(query.get, family);
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    return `get: ${JSON.stringify(got)}, the kernel: ${JSON.stringify(want)}`;
  }
  return compareMatch(query.fibmatch, answer);
}

function compareMatch(want: RouteGot | undefined, answer: PathAnswer): string | undefined {
  if (want === undefined || want.error !== undefined || !isPath(answer)) return undefined;
  const { route } = answer;
  if (route === undefined) return "fibmatch: no route";
  const got = matchOf(route);
  const wanted = {
    dst: want.dst,
    type: want.type ?? "unicast",
    table: want.table ?? "main",
    metric: want.metric ?? 0,
    tos: want.tos,
  };
  return JSON.stringify(got) === JSON.stringify(wanted)
    ? undefined
    : `fibmatch: ${JSON.stringify(got)}, the kernel: ${JSON.stringify(wanted)}`;
}

function matchOf(route: RouteConfig) {
  const { dst } = route;
  const text = dst.isSingle() ? dst.addr.toString() : dst.toString();
  return {
    dst: dst.bits === 0 ? "default" : text,
    type: route.kind,
    table: route.table === 255 ? "local" : route.table === 254 ? "main" : String(route.table),
    metric: route.metric,
    tos: route.tos === undefined ? undefined : `0x${route.tos.toString(16)}`,
  };
}

function flowOf(query: string): Flow {
  const [dst, ...words] = query.split(" ");
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) options.set(words[i] as string, words[i + 1] as string);
  const text = (key: string) => options.get(key);
  const src = text("from");
  const iif = text("iif");
  const oif = text("oif");
  return {
    dst: parseAddr(dst as string),
    ...(src !== undefined && { src: parseAddr(src) }),
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    mark: Number(text("mark") ?? 0),
    tos: Number(text("tos") ?? 0),
  };
}

function answerOf(fib: Fib, flow: Flow): PathAnswer {
  const { src, iif } = flow;
  if (iif !== undefined && src !== undefined) return routeInput(fib, { ...flow, src, iif });
  // `ip -6 route get` asks once; a socket without a source would ask again with one.
  return flow.dst.family === "ip6" ? lookupPath6(fib, flow) : routeOutput(fib, flow);
}

function describe4(answer: PathAnswer, flow: Flow) {
  if (!isPath(answer)) return { error: errorText(answer.errno) };
  const cache: string[] = [];
  if (answer.kind === "local" || answer.kind === "broadcast") cache.push("local");
  if (answer.kind === "broadcast") cache.push("brd");
  if (answer.redirect) cache.push("redirect");
  const isInput = flow.iif !== undefined;
  return {
    type: answer.kind === "forward" ? undefined : answer.kind,
    dev: answer.link,
    gateway: answer.gateway?.toString(),
    prefsrc: isInput || flow.src !== undefined ? undefined : answer.src?.toString(),
    cache: cache.length === 0 ? undefined : cache,
  };
}

/** `ip -6 route get` tells the route's source; without an input link also the one to be chosen. */
function describe6(fib: Fib, answer: PathAnswer, flow: Flow) {
  if (!isPath(answer)) return { error: errorText(answer.errno) };
  const { route } = answer;
  const link = route?.nextHops[0]?.link;
  const ask = { dst: flow.dst, ...(route && { route }), ...(link !== undefined && { link }) };
  const src = flow.iif === undefined ? sourceOfRoute6(fib, ask) : route?.src;
  return {
    type: route?.kind === "unicast" ? undefined : route?.kind,
    dev: answer.link,
    gateway: answer.gateway?.toString(),
    prefsrc: src?.toString(),
    metric: route?.metric,
  };
}

function expectation(got: RouteGot, family: "ip4" | "ip6") {
  if (got.error !== undefined) return { error: got.error };
  return family === "ip4"
    ? {
        type: got.type,
        dev: got.dev,
        gateway: got.gateway,
        prefsrc: got.prefsrc,
        cache: got.cache,
      }
    : {
        type: got.type,
        dev: got.dev,
        gateway: got.gateway,
        prefsrc: got.prefsrc,
        metric: got.metric,
      };
}

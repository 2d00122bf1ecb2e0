/** The input path: every row is one combination of sysctls, input link, source and destination. */
import { makePrefix, parseAddr, parsePrefix, unspecifiedAddr } from "../../../../src/addr/index.js";
import {
  type Fib,
  type FibLink,
  type FibRuleConfig,
  FibTable,
  isPath,
  makeKernelRoutes,
  openFib,
  type PathAnswer,
  type RouteConfig,
  routeInput,
} from "../../../../src/fib/index.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";
import { errorText } from "./errno.js";
import { linksOf } from "./setup.js";

type Row = readonly [number, number, number, number, string, string, string, RowResult];

interface RowResult {
  readonly error?: string;
  readonly type?: string;
  readonly dev?: string;
  readonly gateway?: string;
}

interface RouteInputFile {
  readonly setup: readonly string[];
  readonly rows: readonly Row[];
}

/** Checks every row of a file. */
export function checkRouteInput(file: string, report: Report): void {
  const { setup, rows } = readJson<RouteInputFile>(file);
  const links = linksOf(setup, ["d0", "d1", "d2"]);
  const fibs = new Map<string, Fib>();
  for (const row of rows) {
    const [forward, rpFilter, localNet, acceptLocal, iif, src, dst, want] = row;
    const key = `${forward} ${rpFilter} ${localNet} ${acceptLocal}`;
    const fib = fibs.get(key) ?? makeFib(setup, links, row);
    fibs.set(key, fib);
    report.check(`route-input ${key} ${iif} ${src} ${dst}`, () => {
      const flow = { dst: parseAddr(dst), src: parseAddr(src), iif };
      const got = JSON.stringify(describe(routeInput(fib, flow)));
      const { error, type, dev, gateway } = want;
      const wanted = JSON.stringify(error === undefined ? { type, dev, gateway } : { error });
      return got === wanted ? undefined : `${got}, the kernel: ${wanted}`;
    });
  }
}

function makeFib(setup: readonly string[], links: readonly FibLink[], row: Row): Fib {
  const [forward, rpFilter, localNet, acceptLocal] = row;
  const perLink = links.flatMap(({ name }): [string, string][] => [
    [`net.ipv4.conf.${name}.rp_filter`, String(rpFilter)],
    [`net.ipv4.conf.${name}.route_localnet`, String(localNet)],
    [`net.ipv4.conf.${name}.accept_local`, String(acceptLocal)],
  ]);
  return openFib({
    routes: [...makeKernelRoutes(links), ...setup.flatMap((line) => routeOf(line, links))],
    rules: DEFAULT_RULES,
    links,
    sysctls: new Map([["net.ipv4.ip_forward", String(forward)], ...perLink]),
  });
}

const DEFAULT_RULES: readonly FibRuleConfig[] = [
  { family: "ip4", priority: 0, action: { kind: "table", table: FibTable.local } },
  { family: "ip4", priority: 32766, action: { kind: "table", table: FibTable.main } },
  { family: "ip4", priority: 32767, action: { kind: "table", table: FibTable.default } },
];

/** `ip route add [TYPE] PREFIX [via GATEWAY] [metric N]`. */
function routeOf(line: string, links: readonly FibLink[]): RouteConfig[] {
  const words = line.split(" ");
  if (words.slice(0, 3).join(" ") !== "ip route add") return [];
  const isTyped = words[3] === "blackhole";
  const text = words[isTyped ? 4 : 3] as string;
  const after = (word: string) =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const via = after("via");
  const gateway = via === undefined ? undefined : parseAddr(via);
  const link =
    gateway && links.find((l) => l.addresses.some((a) => a.address.prefix().contains(gateway)));
  return [
    {
      family: "ip4",
      kind: isTyped ? "blackhole" : "unicast",
      dst: text === "default" ? makePrefix(unspecifiedAddr("ip4"), 0) : parsePrefix(text),
      table: FibTable.main,
      metric: Number(after("metric") ?? 0),
      nextHops:
        link === undefined ? [] : [{ link: link.name, weight: 1, ...(gateway && { gateway }) }],
      scope: "global",
      protocol: "boot",
    },
  ];
}

function describe(answer: PathAnswer) {
  if (!isPath(answer)) return { error: errorText(answer.errno) };
  return {
    type: answer.kind === "forward" ? undefined : answer.kind,
    dev: answer.link,
    gateway: answer.gateway?.toString(),
  };
}

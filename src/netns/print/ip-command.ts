/** The `ip` commands that show: reads their words and prints what the real tool would. */
import { parseAddr, tryParseAddr } from "../../addr/index.js";
import { type Fib, FibTable, isPath, routeOutput } from "../../fib/index.js";
import type { LinkConfig, NeighborConfig } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";
import { showAddresses, showBrief, showLinks, showNeighbors } from "./show-link.js";
import { showRoutes } from "./show-route.js";
import { showRules } from "./show-rule.js";

/** What a command printed. */
export interface ShownText {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What is shown. */
export interface ShownNetns {
  readonly config: NetnsConfig;
  readonly fib: Fib;
  /** The neighbour table as it is now. */
  readonly neighbors: readonly NeighborConfig[];
}

interface IpOptions {
  readonly family: "ip4" | "ip6" | undefined;
  readonly isBrief: boolean;
}

/**
 * Runs `ip [OPTIONS] OBJECT [show …]`; `words` are without `ip`.
 *
 * Follows: iproute2 6.1 ip/ip.c: options, and objects by any unambiguous beginning.
 * Not modelled: commands that change something; JSON and coloured output.
 */
export function runIp(shown: ShownNetns, words: readonly string[]): ShownText {
  const options = words.filter((w) => w.startsWith("-"));
  const [object = "", verb = "show", ...rest] = words.filter((w) => !w.startsWith("-"));
  const unknown = options.find((w) => !KNOWN_OPTIONS.has(w));
  if (unknown !== undefined) return fail(`Option "${unknown}" is unknown, try "ip -help".\n`);
  const how: IpOptions = {
    family: options.includes("-6") ? "ip6" : options.includes("-4") ? "ip4" : undefined,
    isBrief: options.some((w) => w.startsWith("-br")),
  };
  const name = OBJECTS.find((o) => object !== "" && o.startsWith(object));
  if (name === undefined) return fail(`Object "${object}" is unknown, try "ip help".\n`);
  if (name === "route" && verb === "get") return getRoute(shown, rest);
  const isShow = ["show", "list", "lst", "ls"].some((w) => w.startsWith(verb));
  if (!isShow) return fail(`kubewire: "ip ${name} ${verb}" is not modelled\n`);
  return showObject(shown, name, { how, words: rest });
}

const KNOWN_OPTIONS: ReadonlySet<string> = new Set([
  "-4",
  "-6",
  "-br",
  "-brief",
  "-d",
  "-details",
  "-o",
  "-s",
  "-N",
]);

/** In the order in which a short form is looked for (iproute2 `cmds`). */
const OBJECTS = ["address", "route", "rule", "neighbor", "neighbour", "link"] as const;

function showObject(
  shown: ShownNetns,
  object: (typeof OBJECTS)[number],
  { how, words }: { readonly how: IpOptions; readonly words: readonly string[] },
): ShownText {
  const { config } = shown;
  const { family } = how;
  switch (object) {
    case "link":
    case "address":
      return showDevices(config.links, object, { how, words });
    case "route": {
      const text = after(words, "table");
      const table = text === undefined ? FibTable.main : (TABLES.get(text) ?? Number(text));
      if (text !== "all" && Number.isNaN(table)) {
        return fail(`Error: argument "${text}" is wrong: table id value is invalid\n`);
      }
      const routes = ofDevice(words) === undefined ? config.routes : routesOf(config, words);
      return ok(
        showRoutes(routes, { ...(family && { family }), table: text === "all" ? "all" : table }),
      );
    }
    case "rule":
      return ok(showRules(config.rules, family ?? "ip4"));
    default: {
      const dev = ofDevice(words);
      const own = shown.neighbors.filter((n) => dev === undefined || n.link === dev);
      return ok(showNeighbors(own, { ...(family && { family }), proxy: words.includes("proxy") }));
    }
  }
}

const TABLES: ReadonlyMap<string, number> = new Map([
  ["local", FibTable.local],
  ["main", FibTable.main],
  ["default", FibTable.default],
]);

function showDevices(
  links: readonly LinkConfig[],
  object: "link" | "address",
  { how, words }: { readonly how: IpOptions; readonly words: readonly string[] },
): ShownText {
  const dev = ofDevice(words) ?? words.find((w) => !["up", "dev"].includes(w));
  const own = links.filter((l) => dev === undefined || l.name === dev);
  if (dev !== undefined && own.length === 0) return fail(`Device "${dev}" does not exist.\n`, 1);
  if (how.isBrief) return ok(showBrief(own, object === "link" ? "link" : "addr"));
  if (object === "link") return ok(showLinks(own));
  return ok(showAddresses(own, how.family === undefined ? {} : { family: how.family }));
}

function routesOf(config: NetnsConfig, words: readonly string[]) {
  const dev = ofDevice(words);
  return config.routes.filter((r) => r.nextHops.some((h) => h.link === dev));
}

function ofDevice(words: readonly string[]): string | undefined {
  return after(words, "dev");
}

function after(words: readonly string[], word: string): string | undefined {
  const at = words.indexOf(word);
  return at < 0 ? undefined : words[at + 1];
}

/** RTNETLINK's words for the errors of a look-up. */
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  ENETUNREACH: "Network is unreachable",
  EHOSTUNREACH: "No route to host",
  EACCES: "Permission denied",
  EINVAL: "Invalid argument",
};

function getRoute({ fib }: ShownNetns, words: readonly string[]): ShownText {
  const [text = ""] = words;
  const dst = tryParseAddr(text);
  if (dst === undefined) {
    return fail(`Error: any valid prefix is expected rather than "${text}".\n`, 1);
  }
  const from = after(words, "from");
  const oif = after(words, "oif") ?? after(words, "dev");
  const answer = routeOutput(fib, {
    dst,
    ...(from !== undefined && { src: parseAddr(from) }),
    ...(oif !== undefined && { oif }),
    mark: Number(after(words, "mark") ?? 0),
  });
  if (!isPath(answer)) {
    return fail(`RTNETLINK answers: ${ERROR_TEXTS[answer.errno] ?? answer.errno}\n`, 2);
  }
  const shownWords = [
    ...(answer.kind === "forward" ? [] : [answer.kind]),
    dst.toString(),
    ...(from === undefined ? [] : ["from", from]),
    ...(answer.gateway === undefined ? [] : ["via", answer.gateway.toString()]),
    "dev",
    answer.link,
    ...(answer.src === undefined || from !== undefined ? [] : ["src", answer.src.toString()]),
    "uid 0",
  ];
  const cache = answer.kind === "local" ? "<local> " : "";
  return ok(`${shownWords.join(" ")} \n    cache ${cache}\n`);
}

function ok(stdout: string): ShownText {
  return { stdout, stderr: "", exitCode: 0 };
}

function fail(stderr: string, exitCode = 255): ShownText {
  return { stdout: "", stderr, exitCode };
}

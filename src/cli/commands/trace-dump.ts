/** `kubewire trace --dump`: one connection, explained from the dumps of real nodes alone. */
import { isIP } from "node:net";
import { InputError } from "../../base/index.js";
import { DumpedNetwork, type Probe } from "../../fabric/index.js";
import { type NetnsConfig, parseDumpFolder } from "../../netns/index.js";
import { printTrace, type TraceLevel, traceToJson } from "../../trace/index.js";
import { readDumpFiles } from "../dump-files.js";
import { EXIT } from "../failure.js";
import { paletteOf, type Terminal } from "../terminal.js";

/** What commander read. */
export interface TraceDumpFlags {
  readonly dump: string;
  readonly from: string;
  readonly to: string;
  readonly level: TraceLevel;
  readonly seed: string;
  readonly json?: boolean;
}

/** Runs the connection; exit status 1 when it did not come about, or nobody can say. */
export function traceDump(flags: TraceDumpFlags, terminal: Terminal): number {
  const configs = parseDumpFolder(readDumpFiles(flags.dump));
  const from = findNetns(configs, flags.from, "--from");
  const probe = { from: from.name, ...targetOf(configs, flags.to) };
  const network = new DumpedNetwork(configs, flags.seed);
  const { got, traces } = network.ask(probe);
  const result = got.unknown === undefined ? got.result : "unknown";
  const { assumptions } = network;
  if (flags.json) {
    const { trace: _lines, ...answer } = got;
    const packets = traces.map(traceToJson);
    terminal.out(`${JSON.stringify({ probe, ...answer, result, assumptions, packets })}\n`);
  } else {
    const palette = paletteOf(terminal);
    const paint = result === "ok" ? palette.good : palette.bad;
    const why = got.unknown === undefined ? "" : `, because of ${got.unknown}`;
    const by = got.answered_by === undefined ? "" : `, answered by ${got.answered_by}`;
    terminal.out(`${palette.strong(`${from.name} to ${flags.to}`)}\n${paint(result + why + by)}\n`);
    for (const one of assumptions) terminal.out(palette.quiet(`taken to be so: ${one}\n`));
    terminal.out(
      `\n${traces.map((t) => printTrace(t, { level: flags.level, palette })).join("\n\n")}\n`,
    );
  }
  return result === "ok" ? EXIT.holds : EXIT.fails;
}

/** A namespace by its name, or by the last part of it where only one has that. */
function findNetns(configs: readonly NetnsConfig[], name: string, path: string): NetnsConfig {
  const exact = configs.find((config) => config.name === name);
  const short = configs.filter((config) => config.name.split("/").at(-1) === name);
  const found = exact ?? (short.length === 1 ? short[0] : undefined);
  if (found !== undefined) return found;
  const message = short.length > 1 ? "is the name of several namespaces" : "is not in the dumps";
  const expected = configs.map((config) => config.name).join(", ");
  throw new InputError({ code: "NotFound", path, value: name, message, expected });
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80 };
/** Whatever a kernel would have picked. */
const CLIENT_PORT = 40_000;

function targetOf(configs: readonly NetnsConfig[], to: string): Omit<Probe, "from"> {
  const ping = /^ping:(.+)$/.exec(to)?.[1];
  if (ping !== undefined) {
    return { proto: "icmp", dst: addressOf(configs, ping), dport: 0, sport: CLIENT_PORT };
  }
  const [, scheme = "", host = "", port] =
    /^(tcp:|udp:|http:)\/\/(\[[^\]]+\]|[^:/]+)(?::(\d{1,5}))?(?:\/.*)?$/.exec(to) ?? [];
  const dport = Number(port ?? PORTS[scheme]);
  if (!(dport > 0 && dport < 65_536)) {
    const expected = "tcp://ADDRESS:PORT, udp://ADDRESS:PORT, http://ADDRESS or ping:ADDRESS";
    const message = "is not a target";
    throw new InputError({ code: "bad-target", path: "--to", value: to, message, expected });
  }
  const proto = scheme === "udp:" ? "udp" : "tcp";
  const dst = addressOf(configs, host.replace(/^\[|\]$/g, ""));
  return { proto, dst, dport, sport: CLIENT_PORT };
}

/** An address, or the first one of a namespace of that name: dumps hold no other names. */
function addressOf(configs: readonly NetnsConfig[], name: string): string {
  if (isIP(name) !== 0) return name;
  const addresses = findNetns(configs, name, "--to").links.flatMap((link) => link.addresses);
  const global = addresses.find((a) => a.scope === "global");
  if (global !== undefined) return global.address.addr.toString();
  const message = "has no address in the dumps";
  const expected = "an address";
  throw new InputError({ code: "NotFound", path: "--to", value: name, message, expected });
}

/**
 * host-local as its caller sees it: environment and standard input in, standard output and exit code
 * out, with the files of all networks as a value. What an executable adds is reading and writing them.
 */
import { RefusedError } from "../../base/index.js";
import { type Assigned, addLease, checkLease, deleteLease } from "./allocate.js";
import { type NetworkConfig, type RouteText, readConfig } from "./config.js";
import type { Leases } from "./leases.js";
import { CNI_UNTYPED } from "./range.js";
import { parseResolvConf, type ResultDns } from "./resolv-conf.js";

/** One call of the plugin. */
export interface PluginCall {
  /** CNI_COMMAND, CNI_CONTAINERID, CNI_IFNAME, CNI_ARGS, … */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Path → content below the data directory: `net/10.244.1.2`. */
  readonly files: ReadonlyMap<string, string>;
  /** Content of a file outside, or undefined when there is none. */
  readonly readFile?: (path: string) => string | undefined;
}

/** What a call came to. */
export interface PluginAnswer {
  readonly exit: 0 | 1;
  /** What standard output holds, as JSON; absent when it is empty. */
  readonly stdout?: unknown;
  readonly files: ReadonlyMap<string, string>;
}

/** Versions of the specification that release 1.1.1 of the plugin speaks. */
const VERSIONS = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0"] as const;

/** CNI's error numbers. */
const CniError = { version: "1", decode: "6" } as const;

/**
 * Carries out one call.
 *
 * Follows: containernetworking/plugins v1.1.1, host-local main.go; containernetworking/cni v1.1
 * pkg/skel `pluginMain`, pkg/types for the results of each version.
 * Not modelled: the checks of environment variables, and the lock, which one call at a time is.
 */
export function callHostLocal(call: PluginCall): PluginAnswer {
  let files = call.files;
  try {
    const network = decodeNetwork(call.stdin);
    const version = checkVersion(network, call.env.CNI_COMMAND ?? "");
    const config = readConfig(network, call.env.CNI_ARGS);
    const command = call.env.CNI_COMMAND;
    const dns = command === "ADD" ? readDns(network, call) : {};
    const name = network.name ?? "";
    const leases = leasesOf(files, name);
    const keep = (next: Leases) => {
      files = withLeases(files, name, next);
    };
    keep(leases);
    const holder = {
      containerId: call.env.CNI_CONTAINERID ?? "",
      ifname: call.env.CNI_IFNAME ?? "",
    };
    if (command === "DEL") {
      keep(deleteLease(leases, holder).leases);
      return { exit: 0, files };
    }
    if (command === "CHECK") {
      const refusal = checkLease(leases, holder);
      if (refusal !== undefined) throw refusal;
      return { exit: 0, files };
    }
    const outcome = addLease(leases, config, holder);
    keep(outcome.leases);
    if (outcome.refusal !== undefined) throw outcome.refusal;
    const { ips = [], routes = [] } = outcome;
    return { exit: 0, stdout: printResult({ version, ips, routes, dns }), files };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { code, message: msg, facts } = error;
    const details = typeof facts.details === "string" ? { details: facts.details } : {};
    return { exit: 1, stdout: { code: Number(code), msg, ...details }, files };
  }
}

function decodeNetwork(stdin: string): NetworkConfig {
  let json: unknown;
  try {
    json = JSON.parse(stdin);
  } catch {
    json = undefined;
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  const what =
    json === undefined
      ? "unexpected end of JSON input"
      : `json: cannot unmarshal ${Array.isArray(json) ? "array" : typeof json} into Go value of ` +
        'type struct { Name string "json:\\"name\\"" }';
  throw new RefusedError(CniError.decode, `error unmarshall network config: ${what}`);
}

function checkVersion(network: NetworkConfig, command: string): string {
  const version = network.cniVersion ?? "0.1.0";
  const index = (VERSIONS as readonly string[]).indexOf(version);
  if (index < 0) {
    const supported = VERSIONS.map((v) => `"${v}"`).join(" ");
    const details = `config is "${version}", plugin supports [${supported}]`;
    throw new RefusedError(CniError.version, "incompatible CNI versions", { details });
  }
  if (command === "CHECK" && index < VERSIONS.indexOf("0.4.0")) {
    throw new RefusedError(CniError.version, "config version does not allow CHECK");
  }
  return version;
}

function readDns(network: NetworkConfig, call: PluginCall): ResultDns {
  const path = network.ipam?.resolvConf;
  if (path === undefined || path === "") return {};
  const text = call.readFile?.(path);
  if (text !== undefined) return parseResolvConf(text);
  throw new RefusedError(CNI_UNTYPED, `open ${path}: no such file or directory`);
}

const LOCK = "lock";

function leasesOf(files: ReadonlyMap<string, string>, name: string): Leases {
  const prefix = `${name}/`;
  const own = [...files].filter(([path]) => path.startsWith(prefix));
  return new Map(own.map(([path, content]) => [path.slice(prefix.length), content]));
}

/** The files with those of one network replaced; its directory and lock are there from now on. */
function withLeases(files: ReadonlyMap<string, string>, name: string, leases: Leases) {
  const prefix = `${name}/`;
  const others = [...files].filter(([path]) => !path.startsWith(prefix));
  const own = [...leases].map(([file, content]) => [`${prefix}${file}`, content] as const);
  const lock = [`${prefix}${LOCK}`, leases.get(LOCK) ?? ""] as const;
  return new Map<string, string>([...others, ...own, lock]);
}

interface Result {
  readonly version: string;
  readonly ips: readonly Assigned[];
  readonly routes: readonly RouteText[];
  readonly dns: ResultDns;
}

/** The result in the form of its version: before 0.3 one address of each family, with its routes. */
function printResult({ version, ips, routes, dns }: Result): unknown {
  if (version === "0.1.0" || version === "0.2.0") {
    return { cniVersion: version, ...printOld(ips, routes), dns };
  }
  const hasFamily = version !== "1.0.0";
  const listed = ips.map(({ address, gateway }) => ({
    ...(hasFamily ? { version: address.family === "ip4" ? "4" : "6" } : {}),
    address: `${address}`,
    gateway: `${gateway}`,
  }));
  return { cniVersion: version, ips: listed, ...(routes.length > 0 ? { routes } : {}), dns };
}

function printOld(ips: readonly Assigned[], routes: readonly RouteText[]): object {
  const fields = (["ip4", "ip6"] as const).flatMap((family) => {
    const first = ips.find((ip) => ip.address.family === family);
    if (first === undefined) return [];
    const own = routes.filter((r) => String(r.dst).includes(":") === (family === "ip6"));
    const ip = { ip: `${first.address}`, gateway: `${first.gateway}` };
    return [[family, own.length > 0 ? { ...ip, routes: own } : ip]];
  });
  return Object.fromEntries(fields);
}

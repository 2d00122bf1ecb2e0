/** A CNI network configuration, as far as host-local reads it. */
import { type Addr, tryParseAddr, unmapAddr } from "../../addr/index.js";
import { RefusedError } from "../../base/index.js";
import {
  canonicalRangeSet,
  checkRangeText,
  overlaps,
  parseIp,
  type RangeSet,
  type RangeText,
  refuse,
} from "./range.js";

/** A route of the `ipam` section, given back unchanged with every address. */
export type RouteText = Readonly<Record<string, unknown>>;

/** The parts of a network configuration (`stdin` of the plugin) that host-local reads. */
export interface NetworkConfig {
  readonly cniVersion?: string;
  readonly name?: string;
  readonly ipam?: IpamSection;
  readonly args?: { readonly cni?: { readonly ips?: readonly string[] } };
  readonly runtimeConfig?: {
    readonly ips?: readonly string[];
    readonly ipRanges?: readonly (readonly RangeText[])[];
  };
}

/** The `ipam` section. `subnet` and its companions are the old form of a single range. */
export interface IpamSection extends Partial<RangeText> {
  readonly type?: string;
  readonly ranges?: readonly (readonly RangeText[])[];
  readonly routes?: readonly RouteText[];
  /** A file whose name servers go into the result. */
  readonly resolvConf?: string;
}

/** What a configuration comes to. */
export interface HostLocalConfig {
  readonly sets: readonly RangeSet[];
  /** Addresses asked for, in order. */
  readonly requested: readonly Addr[];
  readonly routes: readonly RouteText[];
}

/**
 * Reads a configuration: requested addresses from CNI_ARGS, `args` and `runtimeConfig`; range sets
 * from `runtimeConfig`, then the old form, then `ranges`.
 *
 * Errors: `RefusedError` 999 in the plugin's words.
 * Follows: containernetworking/plugins, host-local `LoadIPAMConfig`.
 */
export function readConfig(network: NetworkConfig, cniArgs = ""): HostLocalConfig {
  const ipam = network.ipam;
  if (ipam === undefined) refuse("IPAM config missing 'ipam' key");
  checkRangeText(ipam);
  const listed = [...(network.runtimeConfig?.ipRanges ?? []), ...(ipam.ranges ?? [])];
  for (const text of listed.flat()) checkRangeText(text);
  const requested = readRequested(network, cniArgs);
  const texts = [
    ...(network.runtimeConfig?.ipRanges ?? []),
    ...(ipam.subnet === undefined ? [] : [[ipam as RangeText]]),
    ...(ipam.ranges ?? []),
  ];
  if (texts.length === 0) refuse("no IP ranges specified");
  const sets = texts.map((text, index) => readSet(text, index));
  checkFamilies(sets, network.cniVersion ?? "0.1.0");
  checkOverlaps(sets);
  return { sets, requested, routes: ipam.routes ?? [] };
}

function readSet(texts: readonly RangeText[], index: number): RangeSet {
  try {
    return canonicalRangeSet(texts);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return refuse(`invalid range set ${index}: ${error.message}`);
  }
}

function readRequested(network: NetworkConfig, cniArgs: string): Addr[] {
  const fromArgs = cniArgs
    .split(";")
    .filter((pair) => pair.startsWith("IP="))
    .slice(-1)
    .map((pair) => parseIp(pair.slice(3).split("/")[0] as string));
  const listed = [...(network.args?.cni?.ips ?? []), ...(network.runtimeConfig?.ips ?? [])];
  return [...fromArgs, ...listed.map(parseRequested)];
}

/** Requested addresses may carry a prefix length, which is dropped. */
function parseRequested(text: string): Addr {
  const addr = tryParseAddr(text.split("/")[0] as string);
  return addr === undefined ? refuse(`invalid IP address: ${text}`) : unmapAddr(addr);
}

/** CNI 0.2 and before could say one address of each family only. */
function checkFamilies(sets: readonly RangeSet[], cniVersion: string): void {
  const of = (family: string) => sets.filter((set) => set[0]?.subnet.family === family).length;
  if (of("ip4") <= 1 && of("ip6") <= 1) return;
  const [major = 0, minor = 0] = cniVersion.split(".").map(Number);
  if (major === 0 && minor < 3) {
    refuse(`CNI version ${cniVersion} does not support more than 1 address per family`);
  }
}

function checkOverlaps(sets: readonly RangeSet[]): void {
  sets.forEach((a, i) => {
    sets.slice(i + 1).forEach((b, j) => {
      if (a.some((x) => b.some((y) => overlaps(x, y)))) {
        refuse(`range set ${i} overlaps with ${i + j + 1}`);
      }
    });
  });
}

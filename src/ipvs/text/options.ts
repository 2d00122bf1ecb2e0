/** The words of `ipvsadm`'s command line that more than one file needs. */
import type { ForwardingMethod, IpvsProtocol, VirtualServer } from "../config.js";

/** The option that names a virtual server, by protocol. */
export const SERVICE_OPTIONS: Readonly<Record<IpvsProtocol, string>> = {
  tcp: "-t",
  udp: "-u",
  sctp: "--sctp-service",
};

/** The option of a way of forwarding, and its word in a list. */
export const FORWARDING: Readonly<
  Record<ForwardingMethod, readonly [option: string, word: string]>
> = {
  masquerade: ["-m", "Masq"],
  direct: ["-g", "Route"],
  tunnel: ["-i", "Tunnel"],
};

/** Names of scheduler flags, in the order of their numbers from 1. */
export function flagNames(scheduler: string): readonly string[] {
  if (scheduler === "sh" || scheduler === "mh") {
    return [`${scheduler}-fallback`, `${scheduler}-port`, "flag-3"];
  }
  return ["flag-1", "flag-2", "flag-3"];
}

/** A virtual server's flags with commas. */
export function printFlags({ scheduler, schedulerFlags = [] }: VirtualServer): string {
  const names = flagNames(scheduler);
  return schedulerFlags.map((flag) => names[flag - 1]).join();
}

/** An end as `ipvsadm -n` prints it. */
export function printEnd({ addr, port }: Pick<VirtualServer, "addr" | "port">): string {
  return addr.family === "ip4" ? `${addr}:${port}` : `[${addr}]:${port}`;
}

/** The mask of persistence as it is written: dotted for IPv4, a length for IPv6. */
export function printMask({ addr, persistentBits }: VirtualServer): string | undefined {
  if (persistentBits === undefined) return undefined;
  if (addr.family === "ip6") return String(persistentBits);
  const mask = persistentBits === 0 ? 0 : (0xffffffff << (32 - persistentBits)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 255).join(".");
}

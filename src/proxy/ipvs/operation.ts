/** What ipvs mode asks of the kernel in one run, besides iptables rules: values, and their text. */
import type { Addr } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import type { RealServer, VirtualServer } from "../../ipvs/index.js";

/** One request. */
export type IpvsOperation =
  | {
      readonly kind: "add-server" | "update-server" | "delete-server";
      readonly server: VirtualServer;
    }
  | {
      readonly kind: "add-real" | "update-real" | "delete-real";
      readonly server: VirtualServer;
      readonly real: RealServer;
    }
  | { readonly kind: "bind" | "unbind"; readonly addr: Addr }
  | { readonly kind: "add-entry" | "delete-entry"; readonly set: string; readonly entry: string };

/** The text each tool takes. */
export interface IpvsTransactionText {
  /** Input of `ipvsadm -R`. */
  readonly ipvsadm: string;
  /** Input of `ipset restore`. */
  readonly ipset: string;
  /** Input of `ip -batch -`. */
  readonly ip: string;
}

/**
 * Prints operations, each for the tool that carries it out.
 *
 * Shape: the order within one tool is kept. kube-proxy itself speaks netlink for servers and
 * addresses, and runs `ipset` once for each entry; these are the same requests as text.
 * Follows: ipvsadm 1.31 `process_options` (what `-R` reads are command lines); ipset 7 `restore`.
 *
 * @example
 * printIpvsOperations([{ kind: "bind", addr: parseAddr("10.96.0.10") }], "kube-ipvs0").ip
 */
export function printIpvsOperations(
  operations: readonly IpvsOperation[],
  dummyLink: string,
): IpvsTransactionText {
  let ipvsadm = "";
  let ipset = "";
  let ip = "";
  for (const operation of operations) {
    switch (operation.kind) {
      case "add-server":
      case "update-server":
      case "delete-server":
        ipvsadm += `${printServer(operation)}\n`;
        break;
      case "add-real":
      case "update-real":
      case "delete-real":
        ipvsadm += `${printReal(operation)}\n`;
        break;
      case "bind":
      case "unbind": {
        const { addr, kind } = operation;
        const bits = addr.family === "ip6" ? 128 : 32;
        ip += `addr ${kind === "bind" ? "add" : "del"} ${addr}/${bits} dev ${dummyLink}\n`;
        break;
      }
      case "add-entry":
      case "delete-entry": {
        const verb = operation.kind === "add-entry" ? "add" : "del";
        ipset += `${verb} ${operation.set} ${operation.entry}\n`;
        break;
      }
      default:
        unreachable(operation);
    }
  }
  return { ipvsadm, ipset, ip };
}

function withPort(addr: Addr, port: number): string {
  return addr.family === "ip6" ? `[${addr}]:${port}` : `${addr}:${port}`;
}

function printName({ protocol, addr, port }: VirtualServer): string {
  const option = protocol === "sctp" ? "--sctp-service" : protocol === "udp" ? "-u" : "-t";
  return `${option} ${withPort(addr, port)}`;
}

function printServer(operation: Extract<IpvsOperation, { server: VirtualServer; real?: never }>) {
  const { kind, server } = operation;
  if (kind === "delete-server") return `-D ${printName(server)}`;
  const { persistentSeconds, schedulerFlags = [], scheduler } = server;
  const stays = persistentSeconds === undefined ? "" : ` -p ${persistentSeconds}`;
  const flags = schedulerFlags.map((n) => flagName(scheduler, n)).join(",");
  const verb = kind === "add-server" ? "-A" : "-E";
  return `${verb} ${printName(server)} -s ${scheduler}${stays}${flags === "" ? "" : ` -b ${flags}`}`;
}

/** Follows: ipvsadm 1.31 `parse_sched_flags`. */
function flagName(scheduler: string, flag: 1 | 2 | 3): string {
  const names = ["fallback", "port"] as const;
  const name = names[flag - 1];
  const hashes = scheduler === "sh" || scheduler === "mh";
  return hashes && name !== undefined ? `${scheduler}-${name}` : `flag-${flag}`;
}

function printReal(operation: Extract<IpvsOperation, { real: RealServer }>): string {
  const { kind, server, real } = operation;
  const target = `${printName(server)} -r ${withPort(real.addr, real.port)}`;
  if (kind === "delete-real") return `-d ${target}`;
  return `${kind === "add-real" ? "-a" : "-e"} ${target} -m -w ${real.weight}`;
}

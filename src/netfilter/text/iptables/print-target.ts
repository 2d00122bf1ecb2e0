/** The words of one target, each with a blank before it. */
import type { Family } from "../../../addr/index.js";
import { unreachable } from "../../../base/index.js";
import type { IptablesTarget, NatTarget, PortRange } from "../../iptables.js";
import { defaultRejectName } from "./modules/reject-names.js";
import { printByte, printHex } from "./print-match.js";
import { quoteForSave, quoteIfNeeded } from "./words.js";

/** ` -j TARGET` and its options. */
export function printTarget(target: IptablesTarget, family: Family): string {
  switch (target.kind) {
    case "ACCEPT":
    case "DROP":
    case "RETURN":
    case "QUEUE":
    case "NOTRACK":
      return ` -j ${target.kind}`;
    case "jump":
      return ` -j ${target.chain}`;
    case "goto":
      return ` -g ${target.chain}`;
    case "REJECT": {
      return ` -j REJECT --reject-with ${target.with ?? defaultRejectName(family)}`;
    }
    case "DNAT":
    case "SNAT":
    case "MASQUERADE":
    case "REDIRECT":
    case "NETMAP":
      return printNat(target);
    case "MARK":
      return ` -j MARK${printMark(target)}`;
    case "CONNMARK":
      return ` -j CONNMARK${printConnmark(target)}`;
    default:
      return printRest(target);
  }
}

type Printed =
  | "ACCEPT"
  | "DROP"
  | "RETURN"
  | "QUEUE"
  | "NOTRACK"
  | "jump"
  | "goto"
  | "REJECT"
  | NatTarget["kind"]
  | "MARK"
  | "CONNMARK";

function printRest(target: Exclude<IptablesTarget, { kind: Printed }>): string {
  switch (target.kind) {
    case "CT": {
      const words = (target.words ?? []).map((w) => ` ${w}`).join("");
      const zone = target.zone === undefined ? "" : ` --zone ${target.zone}`;
      return ` -j CT${target.notrack ? " --notrack" : ""}${zone}${words}`;
    }
    case "LOG":
    case "NFLOG":
      return ` -j ${target.kind}${printLog(target.words)}`;
    case "TCPMSS": {
      const mss = target.mss === undefined ? "" : ` --set-mss ${target.mss}`;
      return ` -j TCPMSS${target.clampToPmtu ? " --clamp-mss-to-pmtu" : mss}`;
    }
    case "TTL":
    case "HL":
      return ` -j ${target.kind} --${target.kind.toLowerCase()}-${target.operation} ${target.value}`;
    case "DSCP":
      return ` -j DSCP --set-dscp ${printByte(target.value)}`;
    case "TOS":
      return ` -j TOS --set-tos ${printByte(target.value)}/${printByte(target.mask ?? 255)}`;
    case "SET": {
      const exist = target.exist ? " --exist" : "";
      const timeout =
        target.timeoutSeconds === undefined ? "" : ` --timeout ${target.timeoutSeconds}`;
      const directions = target.directions.join(",");
      return ` -j SET --${target.operation}-set ${target.name} ${directions}${exist}${timeout}`;
    }
    case "unknown":
      return ` -j ${target.module}${target.words.map((w) => ` ${quoteIfNeeded(w)}`).join("")}`;
    default:
      return unreachable(target);
  }
}

/** Options of a log in the order in which iptables prints them. */
const LOG_ORDER: readonly string[] = [
  "--log-prefix",
  "--log-level",
  "--log-tcp-sequence",
  "--log-tcp-options",
  "--log-ip-options",
  "--log-uid",
  "--log-macdecode",
  "--nflog-prefix",
  "--nflog-group",
  "--nflog-range",
  "--nflog-size",
  "--nflog-threshold",
];

function printLog(words: readonly string[]): string {
  return LOG_ORDER.map((option) => {
    const at = words.indexOf(option);
    if (at < 0) return "";
    const value = words[at + 1];
    const hasValue = value !== undefined && !value.startsWith("--");
    return hasValue ? ` ${option} ${quoteForSave(value)}` : ` ${option}`;
  }).join("");
}

function printMark(target: IptablesTarget & { kind: "MARK" }): string {
  const { value, mask } = target;
  return ` --set-xmark ${printHex(value)}/${printHex(mask)}`;
}

function printConnmark(target: IptablesTarget & { kind: "CONNMARK" }): string {
  if (target.operation === "set") {
    return ` --set-xmark ${printHex(target.value)}/${printHex(target.mask)}`;
  }
  const masks = ` --nfmask ${printHex(target.nfmask)} --ctmask ${printHex(target.ctmask)}`;
  return ` --${target.operation}-mark${masks}`;
}

function printNat(target: NatTarget): string {
  const flags = `${target.random ? " --random" : ""}${target.randomFully ? " --random-fully" : ""}${
    target.persistent ? " --persistent" : ""
  }`;
  switch (target.kind) {
    case "DNAT":
      return ` -j DNAT --to-destination ${printNatAddr(target)}${flags}`;
    case "SNAT":
      return ` -j SNAT --to-source ${printNatAddr(target)}${flags}`;
    case "MASQUERADE":
    case "REDIRECT": {
      const ports = target.ports && ` --to-ports ${printNatPorts(target.ports)}`;
      return ` -j ${target.kind}${ports ?? ""}${flags}`;
    }
    case "NETMAP":
      return ` -j NETMAP --to ${target.netmap?.toString() ?? ""}`;
    default:
      return unreachable(target.kind);
  }
}

function printNatPorts(ports: PortRange & { readonly base?: number }): string {
  const base = ports.base === undefined ? "" : `/${ports.base}`;
  return ports.first === ports.last
    ? `${ports.first}${base}`
    : `${ports.first}-${ports.last}${base}`;
}

function printNatAddr({ addrs, ports }: NatTarget): string {
  const range =
    addrs === undefined
      ? ""
      : addrs.first.equals(addrs.last)
        ? addrs.first.toString()
        : `${addrs.first}-${addrs.last}`;
  if (ports === undefined) return range;
  return `${range.includes(":") ? `[${range}]` : range}:${printNatPorts(ports)}`;
}

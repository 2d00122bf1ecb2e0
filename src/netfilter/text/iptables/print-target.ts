/** The words of one target, each with a blank before it. */
import { unreachable } from "../../../base/index.js";
import type { IptablesTarget, NatTarget, PortRange } from "../../iptables.js";
import { defaultRejectName } from "./modules/reject-names.js";
import { type PrintStyle, printByte, printMarkTest } from "./print-match.js";

/** ` -j TARGET` and its options. */
export function printTarget(target: IptablesTarget, style: PrintStyle): string {
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
      const name = target.with ?? (style.canonical ? defaultRejectName(style.family) : undefined);
      return ` -j REJECT${name === undefined ? "" : ` --reject-with ${name}`}`;
    }
    case "DNAT":
    case "SNAT":
    case "MASQUERADE":
    case "REDIRECT":
    case "NETMAP":
      return printNat(target);
    case "MARK":
      return ` -j MARK${printMark(target, style)}`;
    case "CONNMARK":
      return ` -j CONNMARK${printConnmark(target, style)}`;
    default:
      return printRest(target, style);
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

function printRest(target: Exclude<IptablesTarget, { kind: Printed }>, style: PrintStyle): string {
  switch (target.kind) {
    case "CT": {
      const words = (target.words ?? []).map((w) => ` ${w}`).join("");
      const zone = target.zone === undefined ? "" : ` --zone ${target.zone}`;
      return ` -j CT${target.notrack ? " --notrack" : ""}${zone}${words}`;
    }
    case "LOG":
    case "NFLOG":
      return ` -j ${target.kind}${printKept(target.words, style)}`;
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
      return ` -j ${target.module}${printKept(target.words, style)}`;
    default:
      return unreachable(target);
  }
}

function printKept(words: readonly string[], style: PrintStyle): string {
  return words.map((w) => ` ${w === "!" || w.startsWith("--") ? w : style.quote(w)}`).join("");
}

function printMark(target: IptablesTarget & { kind: "MARK" }, style: PrintStyle): string {
  const { value, mask, spelling } = target;
  if (!style.canonical) {
    if (spelling === "or") return ` --or-mark ${style.mark(value)}`;
    if (spelling === "xor") return ` --xor-mark ${style.mark(value)}`;
    if (spelling === "and") return ` --and-mark ${style.mark(~mask >>> 0)}`;
    if (spelling === "set") return ` --set-mark ${printMarkTest(target, style)}`;
  }
  return ` --set-xmark ${style.mark(value)}/${style.mark(mask)}`;
}

function printConnmark(target: IptablesTarget & { kind: "CONNMARK" }, style: PrintStyle): string {
  if (target.operation === "set") {
    return ` --set-xmark ${style.mark(target.value)}/${style.mark(target.mask)}`;
  }
  const masks = ` --nfmask ${style.mark(target.nfmask)} --ctmask ${style.mark(target.ctmask)}`;
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

/** The targets of the nat table: DNAT, SNAT, MASQUERADE, REDIRECT, NETMAP. */
import { type Addr, makeRange, type Range, tryParseAddr } from "../../../../addr/index.js";
import type { NatPorts, NatTarget, PortRange } from "../../../iptables.js";
import type { Draft } from "./match-module.js";
import { LineFault, parseNetwork, parseNumber, type RuleReader } from "./rule-reader.js";
import { defineTarget, type TargetModule, type TargetOption } from "./target-module.js";

const COMMON: Readonly<Record<string, TargetOption<Draft<NatTarget>>>> = {
  "--random": (draft) => {
    draft.random = true;
  },
  "--random-fully": (draft) => {
    draft.randomFully = true;
  },
  "--persistent": (draft) => {
    draft.persistent = true;
  },
};

const readPorts: TargetOption<Draft<NatTarget>> = (draft, reader) => {
  draft.ports = parseNatPorts(reader.word("ports"));
};

const readDestination: TargetOption<Draft<NatTarget>> = (draft, reader: RuleReader) => {
  const { addrs, ports } = parseNatAddr(reader.word("an address"));
  if (addrs !== undefined) draft.addrs = addrs;
  if (ports !== undefined) draft.ports = ports;
};

const readNetwork: TargetOption<Draft<NatTarget>> = (draft, reader) => {
  const word = reader.word("a network");
  const prefix = parseNetwork(word);
  if (prefix === undefined) throw new LineFault("bad-prefix", "not a network", word);
  draft.netmap = prefix;
};

const defineNat = (
  kind: NatTarget["kind"],
  options: Readonly<Record<string, TargetOption<Draft<NatTarget>>>>,
): TargetModule => defineTarget<NatTarget>(kind, () => ({ kind }), options);

/** The modules of this file. */
export const natModules: readonly TargetModule[] = [
  defineNat("DNAT", { ...COMMON, "--to-destination": readDestination }),
  defineNat("SNAT", { ...COMMON, "--to-source": readDestination }),
  defineNat("MASQUERADE", { ...COMMON, "--to-ports": readPorts }),
  defineNat("REDIRECT", { ...COMMON, "--to-ports": readPorts }),
  defineNat("NETMAP", { "--to": readNetwork }),
];

/** `80`, `80-90`, `80-90/100`: the base of a shifted range is kept. */
function parseNatPorts(word: string): NatPorts {
  const found = /^([0-9]+)(?:-([0-9]+))?(?:\/([0-9]+))?$/.exec(word);
  if (found === null) throw new LineFault("bad-port", "not ports", word, "first-last");
  const first = parseNumber(found[1] as string, "a port", 65535);
  const last = found[2] === undefined ? first : parseNumber(found[2], "a port", 65535);
  if (last < first) throw new LineFault("bad-port", "a range of ports runs upwards", word);
  const ports: PortRange = { first, last };
  return found[3] === undefined
    ? ports
    : { ...ports, base: parseNumber(found[3], "a port", 65535) };
}

/** `1.2.3.4`, `1.2.3.4-1.2.3.9:80-90`, `[fd00::1]:80`, `:80`. */
function parseNatAddr(word: string): { addrs?: Range; ports?: NatPorts } {
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(word);
  if (bracket !== null) return joinNat(bracket[1] as string, bracket[2]);
  const colons = word.split(":");
  if (colons.length > 2) return joinNat(word, undefined);
  return joinNat(colons[0] as string, colons[1]);
}

function joinNat(addrs: string, ports: string | undefined) {
  return {
    ...(addrs === "" ? {} : { addrs: parseAddrs(addrs) }),
    ...(ports === undefined ? {} : { ports: parseNatPorts(ports) }),
  };
}

function parseAddrs(word: string): Range {
  const dash = word.indexOf("-");
  const first = parseOne(dash < 0 ? word : word.slice(0, dash));
  const last = dash < 0 ? first : parseOne(word.slice(dash + 1));
  if (first.family !== last.family || first.compare(last) > 0) {
    throw new LineFault("bad-range", "not a range of addresses", word, "first-last");
  }
  return makeRange(first, last);
}

function parseOne(word: string): Addr {
  const addr = tryParseAddr(word);
  if (addr === undefined) throw new LineFault("bad-address", "not an address", word);
  return addr;
}

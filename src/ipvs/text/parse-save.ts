/** Reads what `ipvsadm -Sn` prints and `ipvsadm -R` takes. */
import {
  type Addr,
  type AddrPort,
  addrBits,
  tryParseAddr,
  tryParseAddrPort,
} from "../../addr/index.js";
import { type Fault, InputError } from "../../base/index.js";
import {
  type ForwardingMethod,
  type IpvsConfig,
  type IpvsProtocol,
  type RealServer,
  realServerKey,
  type VirtualServer,
  virtualServerKey,
} from "../config.js";
import { flagNames } from "./options.js";

const FAULT_LIMIT = 100;

/** What is wrong with one line. */
class LineFault extends Error {
  readonly code: string;
  readonly value: string | undefined;

  constructor(code: string, message: string, value?: string) {
    super(message);
    this.code = code;
    this.value = value;
  }
}

/** A virtual server while its real servers are read. */
type OpenServer = VirtualServer & { readonly realServers: RealServer[] };

/**
 * Reads commands that add virtual servers and their real servers.
 *
 * Shape: real servers stand in the order in which the kernel would keep them, were the text loaded:
 * the last first. (`ipvsadm -Sn` sorts; in which order they were added is lost.)
 * Errors: `InputError` with every fault (at most 100), each with its line.
 * Laws: printing what was read from `ipvsadm -Sn` gives the text again
 * (test/property/ipvs/text.prop.test.ts).
 * Follows: ipvsadm 1.31 ipvsadm.c `parse_options`.
 * Not modelled: virtual servers named by firewall marks, which are kept as written; tunnels other
 * than IP in IP.
 *
 * @example
 * parseIpvsSave("-A -t 10.96.0.1:443 -s rr").virtualServers.length // => 1
 */
export function parseIpvsSave(text: string, file?: string): IpvsConfig {
  const servers = new Map<string, OpenServer>();
  const marked: string[] = [];
  const faults: Fault[] = [];
  for (const [at, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    try {
      if (/ (?:-f|--fwmark-service) /.test(line)) marked.push(line);
      else applyLine(servers, readOptions(line.split(/\s+/)));
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      faults.push(toFault(error, at + 1, file));
      if (faults.length >= FAULT_LIMIT) break;
    }
  }
  if (faults.length > 0) throw new InputError(faults);
  const virtualServers = [...servers.values()].map((server) => ({
    ...server,
    realServers: server.realServers.toReversed(),
  }));
  return { virtualServers, ...(marked.length === 0 ? {} : { marked }) };
}

function toFault({ code, message, value }: LineFault, line: number, file?: string): Fault {
  return {
    path: "",
    line,
    code,
    message,
    ...(file === undefined ? {} : { file }),
    ...(value === undefined ? {} : { value }),
  };
}

/** One command, as its options say. */
interface Command {
  verb?: "service" | "server";
  protocol?: IpvsProtocol;
  virtual?: AddrPort;
  real?: AddrPort;
  scheduler?: string;
  flags?: string;
  persistent?: number;
  mask?: string;
  onePacket?: boolean;
  forwarding?: ForwardingMethod;
  weight?: number;
}

type Reader = (command: Command, word: () => string) => void;

/** Options by both their names. */
const OPTIONS: ReadonlyMap<string, Reader> = new Map<string, Reader>(
  [
    option("-A --add-service", (c) => set(c, { verb: "service" })),
    option("-a --add-server", (c) => set(c, { verb: "server" })),
    option("-t --tcp-service", (c, word) => set(c, { protocol: "tcp", virtual: readEnd(word()) })),
    option("-u --udp-service", (c, word) => set(c, { protocol: "udp", virtual: readEnd(word()) })),
    option("--sctp-service", (c, word) => set(c, { protocol: "sctp", virtual: readEnd(word()) })),
    option("-s --scheduler", (c, word) => set(c, { scheduler: word() })),
    option("-b --sched-flags", (c, word) => set(c, { flags: word() })),
    option("-p --persistent", (c, word) => set(c, { persistent: readNumber(word()) })),
    option("-M --netmask", (c, word) => set(c, { mask: word() })),
    option("-o --ops", (c) => set(c, { onePacket: true })),
    option("-r --real-server", (c, word) => set(c, { real: readEnd(word()) })),
    option("-m --masquerading", (c) => set(c, { forwarding: "masquerade" })),
    option("-g --gatewaying", (c) => set(c, { forwarding: "direct" })),
    option("-i --ipip", (c) => set(c, { forwarding: "tunnel" })),
    option("-w --weight", (c, word) => set(c, { weight: readNumber(word()) })),
    option("--tun-type", (_c, word) => {
      const type = word();
      if (type !== "ipip") throw new LineFault("unsupported", "tunnels are of type ipip", type);
    }),
  ].flat(),
);

function option(names: string, read: Reader): [string, Reader][] {
  return names.split(" ").map((name) => [name, read]);
}

function set(command: Command, part: Command): void {
  Object.assign(command, part);
}

function readOptions(words: readonly string[]): Command {
  const command: Command = {};
  for (let at = 0; at < words.length; at++) {
    const name = words[at] as string;
    const read = OPTIONS.get(name);
    if (read === undefined) throw new LineFault("unknown-option", "is no option of ipvsadm", name);
    read(command, () => {
      const word = words[++at];
      if (word === undefined) throw new LineFault("missing-value", `${name} needs a value`);
      return word;
    });
  }
  return command;
}

function readEnd(text: string): AddrPort {
  const end = tryParseAddrPort(text);
  if (end === undefined) throw new LineFault("bad-end", "is not ADDRESS:PORT", text);
  return end;
}

/** Weights and times fit into 31 bits. */
const NUMBER_LIMIT = 2 ** 31;

function readNumber(text: string): number {
  const number = Number(text);
  if (/^[0-9]{1,10}$/.test(text) && number < NUMBER_LIMIT) return number;
  throw new LineFault("bad-number", "is not a whole number", text);
}

function applyLine(servers: Map<string, OpenServer>, command: Command): void {
  const { verb, protocol, virtual } = command;
  if (verb === undefined) throw new LineFault("no-command", "neither -A nor -a is given");
  if (protocol === undefined || virtual === undefined) {
    throw new LineFault("no-service", "no virtual server is named");
  }
  const name = { addr: virtual.addr, port: virtual.port, protocol };
  const key = virtualServerKey(name);
  const known = servers.get(key);
  if (verb === "service") {
    if (known !== undefined) throw new LineFault("EEXIST", "the virtual server is there", key);
    servers.set(key, { ...name, ...serviceOf(command, name.addr), realServers: [] });
    return;
  }
  if (known === undefined) throw new LineFault("ENOENT", "the virtual server is not there", key);
  const server = serverOf(command, name.port);
  if (known.realServers.some((r) => realServerKey(r) === realServerKey(server))) {
    throw new LineFault("EEXIST", "the real server is there", realServerKey(server));
  }
  known.realServers.push(server);
}

/** The scheduler that ipvsadm takes where none is given (`DEF_SCHED`). */
const DEFAULT_SCHEDULER = "wlc";

function serviceOf(command: Command, addr: Addr) {
  const { scheduler = DEFAULT_SCHEDULER, flags, persistent, mask, onePacket } = command;
  const bits = mask === undefined ? undefined : readMask(mask, addr);
  return {
    scheduler,
    ...(persistent === undefined ? {} : { persistentSeconds: persistent }),
    ...(bits === undefined || bits === addrBits(addr.family) ? {} : { persistentBits: bits }),
    ...(onePacket ? { onePacket } : {}),
    ...(flags === undefined ? {} : { schedulerFlags: readFlags(flags, scheduler) }),
  };
}

/** Direct routing and tunnels keep the port, whatever is written. */
function serverOf({ real, forwarding = "direct", weight = 1 }: Command, port: number): RealServer {
  if (real === undefined) throw new LineFault("no-server", "no real server is named");
  if (forwarding === "masquerade") return { addr: real.addr, port: real.port, weight };
  return { addr: real.addr, port, weight, forwarding };
}

function readMask(text: string, { family }: Addr): number {
  if (family === "ip6") {
    const bits = readNumber(text);
    if (bits >= 1 && bits <= 128) return bits;
  } else {
    const mask = tryParseAddr(text);
    const word = mask?.family === "ip4" ? ~mask.s3 >>> 0 : undefined;
    if (word !== undefined && (word & (word + 1)) === 0) return Math.clz32(word);
  }
  throw new LineFault("bad-mask", "is not a mask", text);
}

function readFlags(text: string, scheduler: string): (1 | 2 | 3)[] {
  const names = flagNames(scheduler);
  const generic = flagNames("");
  const flags = text.split(",").map((word) => {
    const at = names.includes(word) ? names.indexOf(word) : generic.indexOf(word);
    if (at < 0) throw new LineFault("bad-flag", `is no flag of scheduler ${scheduler}`, word);
    return (at + 1) as 1 | 2 | 3;
  });
  return [...new Set(flags)].sort((a, b) => a - b);
}

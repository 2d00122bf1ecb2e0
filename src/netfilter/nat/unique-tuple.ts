/**
 * The tuple a connection gets from NAT: in the range, and with an answer that no other connection
 * claims. What must be unique is the *reply* tuple: one source port towards two destinations is no
 * clash.
 *
 * Follows: Linux 6.18 net/netfilter/nf_nat_core.c `get_unique_tuple`, `nf_nat_l4proto_unique_tuple`.
 * Not modelled: GRE keys, entries that hardware carries.
 */
import type { Random } from "../../base/index.js";
import type { Entry } from "../conntrack/entry.js";
import type { ConntrackTable } from "../conntrack/table.js";
import { invertTuple, Protocol, type Tuple } from "../conntrack/tuple.js";
import { chooseAddr } from "./choose-addr.js";
import type { Manip, NatRange } from "./range.js";

/** Most ports tried in one round (`NF_NAT_MAX_ATTEMPTS`); each round tries half of the one before. */
const maxAttempts = 128;
/** No further round once it would be this short. */
const minAttempts = 16;
/** In the last attempts of a round, finished TCP connections may be pushed out. */
const harderAttempts = 8;

/** What a choice is made for. */
export interface Choice {
  readonly table: ConntrackTable;
  readonly entry: Entry;
  readonly manip: Manip;
  readonly range: NatRange;
  readonly random: Random;
}

/**
 * Chooses the tuple for a binding.
 *
 * Returns: a tuple in the range. When none is free it is one that is taken, and the packet is
 * dropped on confirmation.
 */
export function chooseUniqueTuple(choice: Choice, current: Tuple): Tuple {
  const { range, manip, entry, table } = choice;
  if (manip === "src" && range.random !== true) {
    if (isInRange(current, range)) {
      if (!isUsedByOther(table, entry, current)) return current;
    } else {
      const mapped = reuseMapping(choice, current);
      if (mapped !== undefined && !isUsed(table, entry, mapped)) return mapped;
    }
  }
  const tuple = chooseAddr(current, range, manip);
  if (range.random !== true) {
    const { ports } = range;
    if (ports === undefined) {
      if (!isUsed(table, entry, tuple)) return tuple;
    } else if (range.portBase === undefined && hasPortIn(tuple, manip, ports)) {
      if (ports.first === ports.last || !isUsed(table, entry, tuple)) return tuple;
    }
  }
  return choosePort(choice, tuple);
}

/** Whether some connection would answer with the reply of `tuple`. */
function isUsed(table: ConntrackTable, entry: Entry, tuple: Tuple): boolean {
  const reply = invertTuple(tuple, entry.reply.zone);
  return reply !== undefined && table.isTaken(reply, entry);
}

/**
 * As `isUsed`, save for two UDP connections without NAT that are each other's answer: those are one
 * flow, seen from both ends at once, and confirming resolves it (`nf_nat_used_tuple_new`).
 */
function isUsedByOther(table: ConntrackTable, entry: Entry, tuple: Tuple): boolean {
  if (!isUsed(table, entry, tuple)) return false;
  if (entry.original.protocol !== Protocol.udp) return true;
  if (entry.status.srcNat || entry.status.dstNat) return true;
  const reply = invertTuple(tuple, entry.reply.zone);
  const holder = table.find(tuple) ?? (reply === undefined ? undefined : table.find(reply));
  if (holder === undefined) return false;
  const { original, status } = holder.entry;
  if (status.srcNat || status.dstNat) return true;
  return !sameFlow(original, entry.reply);
}

function sameFlow(a: Tuple, b: Tuple): boolean {
  return a.src.equals(b.src) && a.dst.equals(b.dst) && a.sport === b.sport && a.dport === b.dport;
}

function isInRange(tuple: Tuple, range: NatRange): boolean {
  const { addrs, ports } = range;
  if (addrs !== undefined) {
    const { first, last } = addrs;
    if (tuple.src.compare(first) < 0 || tuple.src.compare(last) > 0) return false;
  }
  return ports === undefined || hasPortIn(tuple, "src", ports);
}

function hasPortIn(tuple: Tuple, manip: Manip, ports: NonNullable<NatRange["ports"]>): boolean {
  if (!hasPorts(tuple)) return true;
  const port = manip === "src" || tuple.icmp !== undefined ? tuple.sport : tuple.dport;
  return port >= ports.first && port <= ports.last;
}

function hasPorts(tuple: Tuple): boolean {
  const { protocol } = tuple;
  const carries =
    protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp;
  return carries || tuple.icmp !== undefined;
}

/** The mapping that another connection of the same source has, towards this destination. */
function reuseMapping(choice: Choice, current: Tuple): Tuple | undefined {
  const { table, entry, range } = choice;
  for (const other of table.fromSource(current)) {
    if (other.zone !== entry.zone) continue;
    const mapped = invertTuple(other.reply, current.zone);
    if (mapped === undefined) continue;
    const { dst, dport, icmp } = current;
    const ports = icmp === undefined ? { dport } : { dport: mapped.sport, icmp };
    const result: Tuple = { ...mapped, dst, ...ports };
    if (isInRange(result, range)) return result;
  }
  return undefined;
}

/** First port and count of ports to choose from. */
function portsToTry(choice: Choice, tuple: Tuple): { first: number; count: number } | undefined {
  const { ports } = choice.range;
  if (tuple.icmp !== undefined) {
    if (ports === undefined) return { first: 0, count: 65536 };
    return { first: ports.first, count: ports.last - ports.first + 1 };
  }
  if (!hasPorts(tuple)) return undefined;
  if (ports !== undefined) {
    const first = Math.min(ports.first, ports.last);
    return { first, count: Math.max(ports.first, ports.last) - first + 1 };
  }
  if (choice.manip === "dst") return undefined;
  // Ports that only root may open stay so; 512 is where the r-commands' ports begin.
  if (tuple.sport < 512) return { first: 1, count: 511 };
  if (tuple.sport < 1024) return { first: 600, count: 424 };
  return { first: 1024, count: 65536 - 1024 };
}

function choosePort(choice: Choice, tuple: Tuple): Tuple {
  const tries = portsToTry(choice, tuple);
  if (tries === undefined) return tuple;
  const { random, manip, range } = choice;
  let offset = 0;
  if (range.portBase !== undefined) {
    const port = manip === "src" ? tuple.sport : tuple.dport;
    offset = (port - range.portBase) & 0xffff;
  } else if (range.random === true || manip === "src") {
    offset = random.nextBelow(65536);
  }
  let candidate = tuple;
  let attempts = Math.min(tries.count, maxAttempts);
  for (;;) {
    for (let i = 0; i < attempts; i++) {
      const port = tries.first + (((offset + i) & 0xffff) % tries.count);
      candidate = withPort(tuple, manip, port);
      if (!isUsedHarder(choice, candidate, attempts - i)) return candidate;
    }
    if (attempts >= tries.count || attempts < minAttempts) return candidate;
    attempts >>= 1;
    offset = random.nextBelow(65536);
  }
}

function withPort(tuple: Tuple, manip: Manip, port: number): Tuple {
  if (tuple.icmp !== undefined) return { ...tuple, sport: port, dport: port };
  return manip === "src" ? { ...tuple, sport: port } : { ...tuple, dport: port };
}

/**
 * As `isUsed`, but a new TCP connection may push out one in TIME_WAIT whose numbers it has passed
 * (`nf_nat_used_tuple_harder`).
 */
function isUsedHarder(choice: Choice, tuple: Tuple, attemptsLeft: number): boolean {
  const { table, entry } = choice;
  const isSyn = entry.original.protocol === Protocol.tcp && entry.state === "SYN_SENT";
  if (attemptsLeft > harderAttempts || !isSyn) return isUsed(table, entry, tuple);
  const reply = invertTuple(tuple, entry.reply.zone);
  const holder = reply === undefined ? undefined : table.find(reply);
  if (holder === undefined) return false;
  const { entry: old, direction } = holder;
  if (direction === "original" || old === entry || !mayPushOut(old, entry)) return true;
  table.remove(old);
  return false;
}

function mayPushOut(old: Entry, entry: Entry): boolean {
  const finished = old.state === "TIME_WAIT" || old.state === "CLOSE" || old.state === "SYN_SENT2";
  if (!finished || old.status.fixedTimeout || !old.status.srcNat) return false;
  if (old.memory?.kind !== "tcp" || entry.memory?.kind !== "tcp") return false;
  return ((entry.memory.seen.original.end - old.memory.seen.original.end) | 0) > 0;
}

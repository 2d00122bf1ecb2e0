/**
 * host-local as a state machine: what ADD, DEL and CHECK do to the files of a network. Each gives the
 * effects in the order in which the plugin carries them out, and a result or a refusal.
 */
import { type Addr, addOffset, LinkAddr, tryParseAddr, unmapAddr } from "../../addr/index.js";
import { RefusedError } from "../../base/index.js";
import type { HostLocalConfig, RouteText } from "./config.js";
import {
  addrsOf,
  applyEffects,
  type Effect,
  filesOf,
  type Holder,
  holderContent,
  type Leases,
  legacyFilesOf,
  pointerFile,
} from "./leases.js";
import { type AddrRange, CNI_UNTYPED, printRangeSet, type RangeSet, rangeFor } from "./range.js";

/** One address of a result. */
export interface Assigned {
  readonly address: LinkAddr;
  readonly gateway: Addr;
}

/** What ADD came to. A refusal may have effects too, as it has in life. */
export interface AddOutcome {
  readonly leases: Leases;
  readonly effects: readonly Effect[];
  readonly ips?: readonly Assigned[];
  readonly routes?: readonly RouteText[];
  readonly refusal?: RefusedError;
}

/**
 * Gives a holder one address of every range set.
 *
 * Shape: pure; the outcome holds the new files.
 * Returns: `ips` in the order of the sets, or `refusal`.
 * Laws: no address is held twice (test/property/ipam/host-local.prop.test.ts).
 * Follows: containernetworking/plugins v1.1.1, host-local `cmdAdd`, `IPAllocator.Get`.
 * Cost: reads every file once per set, as the plugin does.
 */
export function addLease(leases: Leases, config: HostLocalConfig, holder: Holder): AddOutcome {
  const run = new Run(leases, holder);
  const wanted = [...config.requested];
  const ips: Assigned[] = [];
  for (const [index, set] of config.sets.entries()) {
    const at = wanted.findIndex((addr) => rangeFor(set, addr) !== undefined);
    const requested = at < 0 ? undefined : wanted.splice(at, 1)[0];
    const got = allocate(run, { set, index, requested });
    if (typeof got === "string") {
      if (ips.length > 0) run.release();
      return run.refuse(`failed to allocate for range ${index}: ${got}`);
    }
    ips.push(got);
  }
  if (wanted.length > 0) {
    run.release();
    return run.refuse(`failed to allocate all requested IPs: ${wanted.join(" ")}`);
  }
  return { leases: run.leases, effects: run.effects, ips, routes: config.routes };
}

/** What DEL came to: it never refuses. */
export interface DelOutcome {
  readonly leases: Leases;
  readonly effects: readonly Effect[];
}

/**
 * Releases everything a holder has, whatever the configuration says now; files of old releases only
 * when there was no other.
 *
 * Follows: containernetworking/plugins, host-local `cmdDel`, `Store.ReleaseByID`.
 */
export function deleteLease(leases: Leases, holder: Holder): DelOutcome {
  const run = new Run(leases, holder);
  run.release();
  return { leases: run.leases, effects: run.effects };
}

/**
 * Says whether a holder has any address; it does not compare which.
 *
 * Follows: containernetworking/plugins, host-local `cmdCheck`, `Store.FindByID`.
 */
export function checkLease(leases: Leases, holder: Holder): RefusedError | undefined {
  if (filesOf(leases, holder).length > 0) return undefined;
  if (legacyFilesOf(leases, holder).length > 0) return undefined;
  const words = `host-local: Failed to find address added by container ${holder.containerId}`;
  return new RefusedError(CNI_UNTYPED, words);
}

/** The files as one call changes them, with every change remembered. */
class Run {
  leases: Leases;
  readonly effects: Effect[] = [];
  readonly holder: Holder;

  constructor(leases: Leases, holder: Holder) {
    this.leases = leases;
    this.holder = holder;
  }

  /** Takes an address if nobody has it, and moves the set's pointer there. */
  reserve(addr: Addr, setIndex: number): boolean {
    const file = addr.toString();
    if (this.leases.has(file)) return false;
    this.#carryOut([
      { kind: "create", file, content: holderContent(this.holder) },
      { kind: "write", file: pointerFile(setIndex), content: file },
    ]);
    return true;
  }

  release(): void {
    const own = filesOf(this.leases, this.holder);
    const files = own.length > 0 ? own : legacyFilesOf(this.leases, this.holder);
    this.#carryOut(files.map((file) => ({ kind: "remove", file })));
  }

  refuse(words: string): AddOutcome {
    const refusal = new RefusedError(CNI_UNTYPED, words, { ...this.holder });
    return { leases: this.leases, effects: this.effects, refusal };
  }

  #carryOut(effects: readonly Effect[]): void {
    this.effects.push(...effects);
    this.leases = applyEffects(this.leases, effects);
  }
}

interface SetRequest {
  readonly set: RangeSet;
  readonly index: number;
  readonly requested: Addr | undefined;
}

/** One address of one set, or the reason why not. */
function allocate(run: Run, request: SetRequest): Assigned | string {
  const { set, index, requested } = request;
  if (requested !== undefined) return takeRequested(run, { set, index, requested });
  const files = [...filesOf(run.leases, run.holder), ...legacyFilesOf(run.leases, run.holder)];
  const held = addrsOf(files).find((addr) => rangeFor(set, addr));
  if (held !== undefined) {
    const { containerId } = run.holder;
    return `${held} has been allocated to ${containerId}, duplicate allocation is not allowed`;
  }
  for (const { addr, range } of candidates(set, run.leases.get(pointerFile(index)))) {
    if (run.reserve(addr, index)) return assigned(addr, range);
  }
  return `no IP addresses available in range set: ${printRangeSet(set)}`;
}

function takeRequested(
  run: Run,
  { set, index, requested }: SetRequest & { requested: Addr },
): Assigned | string {
  const range = rangeFor(set, requested) as AddrRange;
  if (requested.equals(range.gateway)) return `requested ip ${requested} is subnet's gateway`;
  if (run.reserve(requested, index)) return assigned(requested, range);
  const ranges = printRangeSet(set);
  return `requested IP address ${requested} is not available in range set ${ranges}`;
}

function assigned(addr: Addr, range: AddrRange): Assigned {
  return { address: new LinkAddr(addr, range.subnet.bits), gateway: range.gateway };
}

/** An address that may be tried next, and the range it is of. */
export interface Candidate {
  readonly addr: Addr;
  readonly range: AddrRange;
}

/**
 * The addresses of a set in the order in which they are tried: after the one given last, through all
 * ranges, round to where it began. Gateways are passed over. A crash-looping container so does not
 * meet the same address again soon.
 *
 * Follows: containernetworking/plugins, host-local `RangeIter.Next`.
 */
export function* candidates(set: RangeSet, lastReserved?: string): Generator<Candidate> {
  const written = lastReserved === undefined ? undefined : tryParseAddr(lastReserved);
  const last = written && unmapAddr(written);
  let at = last === undefined ? -1 : set.findIndex((range) => rangeFor([range], last));
  let addr = at < 0 ? undefined : last;
  if (at < 0) at = 0;
  let first: Addr | undefined;
  for (;;) {
    let range = set[at] as AddrRange;
    if (addr === undefined) addr = range.start;
    else if (addr.equals(range.end)) {
      at = (at + 1) % set.length;
      range = set[at] as AddrRange;
      addr = range.start;
    } else addr = addOffset(addr, 1);
    if (first === undefined) first = addr;
    else if (addr.equals(first)) return;
    if (!addr.equals(range.gateway)) yield { addr, range };
  }
}

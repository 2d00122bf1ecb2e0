/**
 * A bridge: learns on which port a link-layer address lives, and decides where a frame goes.
 *
 *   port ─▶ learn source ─▶ own address? ─▶ up
 *                           known port?  ─▶ forward (unless it came from there, or both are isolated)
 *                           otherwise    ─▶ flood (and up, when it is multicast or broadcast)
 */
import type { Mac } from "../addr/index.js";
import type { BridgePort, FdbConfig } from "./config.js";
import type { Link } from "./link.js";

/** Where a frame goes. `up` may come with ports: a broadcast goes both ways. */
export interface BridgeDecision {
  readonly decision: "forward" | "flood" | "up" | "drop";
  /** Ports it leaves by, by number. */
  readonly out: readonly Link[];
  /** It is handed to the bridge's own stack. */
  readonly up: boolean;
  readonly reason?: string;
}

interface FdbEntry {
  /** Undefined: the bridge itself. */
  readonly port: Link | undefined;
  readonly fixed: boolean;
  seenUs: number;
}

/** Linux net/bridge/br_device.c: `br->ageing_time = BR_DEFAULT_AGEING_TIME`, 300 s. */
const DEFAULT_AGEING_US = 300_000_000;

const NO_PORT_FLAGS: BridgePort = { hairpin: false, isolated: false, learning: true, flood: true };

/**
 * One running bridge.
 *
 * Follows: Linux 6.18 net/bridge/br_input.c `br_handle_frame_finish`, br_forward.c
 * `should_deliver` and `br_flood`, br_fdb.c.
 * Not modelled: VLAN filtering, spanning tree's own messages, multicast snooping (every multicast
 * frame floods).
 */
export class Bridge {
  readonly link: Link;
  readonly #ports: readonly Link[];
  readonly #fdb = new Map<string, FdbEntry>();
  readonly #ageingUs: number;

  constructor(link: Link, ports: readonly Link[], fdb: readonly FdbConfig[]) {
    this.link = link;
    this.#ports = ports;
    this.#ageingUs = (link.kind.kind === "bridge" && link.kind.ageingUs) || DEFAULT_AGEING_US;
    for (const port of ports) this.#own(port.mac);
    this.#own(link.mac);
    const byName = new Map(ports.map((p) => [p.name, p]));
    for (const entry of fdb) this.#configure(entry, byName.get(entry.link));
  }

  /** Decides about a frame that came in by a port, and learns from it. */
  receive(from: Link, src: Mac, dst: Mac, nowUs: number): BridgeDecision {
    const flags = portFlags(from);
    if (!canLearn(flags)) return { decision: "drop", out: [], up: false, reason: "port blocked" };
    if (flags.learning) this.#learn(src, from, nowUs);
    if (flags.state === "learning") {
      return { decision: "drop", out: [], up: false, reason: "port is learning" };
    }
    if (dst.isMulticast()) return { decision: "flood", out: this.#flood(from, true), up: true };
    const entry = this.#lookup(dst, nowUs);
    // A promiscuous bridge takes a copy of everything.
    const up = this.link.config.promiscuous === true;
    if (entry === undefined) return { decision: "flood", out: this.#flood(from, false), up };
    if (entry.port === undefined) return { decision: "up", out: [], up: true };
    return this.#toPort(from, entry.port, up);
  }

  /** Decides about a frame that the bridge's own stack sends. */
  send(dst: Mac, nowUs: number): BridgeDecision {
    if (dst.isMulticast())
      return { decision: "flood", out: this.#flood(undefined, true), up: false };
    const entry = this.#lookup(dst, nowUs);
    if (entry === undefined) {
      return { decision: "flood", out: this.#flood(undefined, false), up: false };
    }
    if (entry.port === undefined) {
      return { decision: "drop", out: [], up: false, reason: "the address is the bridge's own" };
    }
    return this.#toPort(undefined, entry.port, false);
  }

  /** What it has learnt and was told, by address: for `bridge fdb`. */
  *entries(nowUs: number): IterableIterator<{ mac: string; port: string; fixed: boolean }> {
    for (const [mac, entry] of this.#fdb) {
      if (!entry.fixed && nowUs - entry.seenUs > this.#ageingUs) continue;
      yield { mac, port: (entry.port ?? this.link).name, fixed: entry.fixed };
    }
  }

  /** Takes over what an earlier form of this bridge learnt, on ports that can still be reached. */
  adopt(before: Bridge): void {
    const byName = new Map(this.#ports.map((p) => [p.name, p]));
    for (const [mac, entry] of before.#fdb) {
      const port = byName.get(entry.port?.name ?? "");
      if (entry.fixed || port === undefined || !port.up || !port.carrier) continue;
      if (!this.#fdb.has(mac)) this.#fdb.set(mac, { ...entry, port });
    }
  }

  #toPort(from: Link | undefined, to: Link, up: boolean): BridgeDecision {
    const refusal = refuseDelivery(from, to);
    if (refusal !== undefined) return { decision: "drop", out: [], up, reason: refusal };
    return { decision: "forward", out: [to], up };
  }

  #flood(from: Link | undefined, group: boolean): Link[] {
    return this.#ports.filter(
      (p) => (group || portFlags(p).flood) && refuseDelivery(from, p) === undefined,
    );
  }

  #learn(mac: Mac, port: Link, nowUs: number): void {
    if (mac.isMulticast()) return;
    const key = mac.key();
    const entry = this.#fdb.get(key);
    if (entry?.fixed) return;
    if (entry !== undefined && entry.port === port) entry.seenUs = nowUs;
    else this.#fdb.set(key, { port, fixed: false, seenUs: nowUs });
  }

  #lookup(mac: Mac, nowUs: number): FdbEntry | undefined {
    const key = mac.key();
    const entry = this.#fdb.get(key);
    if (entry === undefined || entry.fixed || nowUs - entry.seenUs <= this.#ageingUs) return entry;
    this.#fdb.delete(key);
    return undefined;
  }

  #own(mac: Mac | undefined): void {
    if (mac === undefined) return;
    this.#fdb.set(mac.key(), { port: undefined, fixed: true, seenUs: 0 });
  }

  #configure(entry: FdbConfig, port: Link | undefined): void {
    if (entry.self || entry.mac.isMulticast()) return;
    const key = entry.mac.key();
    if (this.#fdb.has(key)) return;
    // A permanent entry is the kernel's BR_FDB_LOCAL: the bridge takes such frames itself.
    if (entry.state === "permanent")
      this.#fdb.set(key, { port: undefined, fixed: true, seenUs: 0 });
    else if (port !== undefined) {
      this.#fdb.set(key, { port, fixed: entry.state === "static", seenUs: 0 });
    }
  }
}

/** The flags of a bridge port, with the kernel's defaults. */
export function portFlags(port: Link): BridgePort {
  return port.config.port ?? NO_PORT_FLAGS;
}

function canLearn(flags: BridgePort): boolean {
  return flags.state === undefined || flags.state === "forwarding" || flags.state === "learning";
}

/** Why a frame from one port may not leave by another; undefined when it may. */
function refuseDelivery(from: Link | undefined, to: Link): string | undefined {
  const flags = portFlags(to);
  if (from === to && !flags.hairpin) return "it came in by that port and hairpin is off";
  if (flags.state !== undefined && flags.state !== "forwarding") return "port not forwarding";
  if (!to.up || !to.carrier) return "port down";
  if (from !== undefined && flags.isolated && portFlags(from).isolated) return "isolated ports";
  return undefined;
}

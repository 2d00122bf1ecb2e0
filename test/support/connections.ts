/**
 * A network namespace's conntrack and NAT without the rest of the kernel: packets walk through the
 * hooks in the order of a forwarded packet, with rules given as functions.
 */
import { parseAddr } from "../../src/addr/index.js";
import { openRandom } from "../../src/base/index.js";
import {
  Conntrack,
  createSkb,
  type HookResult,
  Nat,
  type NatHook,
  type NatRequest,
  type Skb,
} from "../../src/netfilter/index.js";
import { type Packet, TcpFlag, type Transport } from "../../src/wire/index.js";

/** A NAT rule: on a hook, for the packets it matches. */
export interface TestRule {
  readonly hook: NatHook;
  readonly matches: (packet: Packet) => boolean;
  readonly request: NatRequest;
}

/** Conntrack and NAT of a router with one address to masquerade as. */
export class Router {
  nowUs = 0;
  readonly conntrack: Conntrack;
  readonly nat: Nat;
  readonly rules: TestRule[] = [];
  readonly masqueradeAs: string;

  constructor(options: { seed?: string; sysctls?: Record<string, string>; addr?: string } = {}) {
    const sysctls = options.sysctls ?? {};
    this.masqueradeAs = options.addr ?? "192.168.0.10";
    this.conntrack = new Conntrack({
      nowUs: () => this.nowUs,
      sysctl: (name) => sysctls[name],
    });
    this.nat = new Nat({
      conntrack: this.conntrack,
      random: openRandom(options.seed ?? "test", "nat"),
      questions: {
        masqueradeSource: () => parseAddr(this.masqueradeAs),
        primaryAddr: () => parseAddr(this.masqueradeAs),
      },
    });
  }

  /** Forwards a packet; the record tells what conntrack thought, undefined that it was dropped. */
  forward(packet: Packet, dropAt?: NatHook | "forward"): Skb | undefined {
    const skb = createSkb(packet, { iif: "in", oif: "out" });
    if (this.conntrack.enter(skb).kind !== "accept") return undefined;
    if (this.#nat("prerouting", skb).kind !== "accept" || dropAt === "forward") return undefined;
    if (this.#nat("postrouting", skb).kind !== "accept") return undefined;
    return this.conntrack.confirm(skb).kind === "accept" ? skb : undefined;
  }

  #nat(hook: NatHook, skb: Skb): HookResult {
    const chain = (): HookResult => {
      const rule = this.rules.find((r) => r.hook === hook && r.matches(skb.packet));
      if (rule === undefined) return { kind: "accept" };
      return this.nat.target(hook, skb, rule.request);
    };
    return this.nat.run(hook, skb, () => [chain]);
  }

  /** The entries as `conntrack -L` shows them. */
  list(): readonly string[] {
    return this.conntrack.list();
  }
}

const packetDefaults = { ttl: 64, tos: 0, id: 0, df: true } as const;

/** A packet between two addresses. */
export function packetOf(src: string, dst: string, payload: Transport): Packet {
  const from = parseAddr(src);
  return { family: from.family, src: from, dst: parseAddr(dst), ...packetDefaults, payload };
}

/** A UDP packet between two `addr:port` pairs (`[addr]:port` in IPv6). */
export function udp(from: string, to: string, lengthBytes = 8): Packet {
  const [src, sport] = split(from);
  const [dst, dport] = split(to);
  return packetOf(src, dst, {
    kind: "udp",
    sport,
    dport,
    payload: { kind: "filler", lengthBytes },
  });
}

/** What a TCP segment can say besides its ends and flags. */
export interface SegmentFields {
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly length?: number;
  readonly mss?: number;
  readonly windowScale?: number;
}

/** A TCP packet; flags as letters, e.g. `SA`. */
export function tcp(from: string, to: string, flags: string, fields: SegmentFields = {}): Packet {
  const [src, sport] = split(from);
  const [dst, dport] = split(to);
  const { seq = 0, ack = 0, window = 64240, length = 0, ...options } = fields;
  const bits: Record<string, number> = {
    F: TcpFlag.fin,
    S: TcpFlag.syn,
    R: TcpFlag.rst,
    P: TcpFlag.psh,
    A: TcpFlag.ack,
    U: TcpFlag.urg,
  };
  const value = [...flags].reduce((sum, letter) => sum | (bits[letter] ?? 0), 0);
  const payload = { kind: "filler", lengthBytes: length } as const;
  const numbers = { seq: seq >>> 0, ack: ack >>> 0, flags: value, window };
  return packetOf(src, dst, { kind: "tcp", sport, dport, ...numbers, ...options, payload });
}

/** An ICMP message of the packet's family. */
export function icmp(
  src: string,
  dst: string,
  type: number,
  fields: { code?: number; id?: number; seq?: number; quoted?: Packet | undefined } = {},
): Packet {
  const { code = 0, quoted, ...plain } = fields;
  const rest = quoted === undefined ? plain : { ...plain, quoted };
  const payload = { kind: "filler", lengthBytes: 0 } as const;
  return packetOf(src, dst, { kind: "icmp", type, code, ...rest, payload });
}

function split(text: string): [string, number] {
  const at = text.lastIndexOf(":");
  return [text.slice(0, at).replace(/^\[|\]$/g, ""), Number(text.slice(at + 1))];
}

/** The ends of a packet as text: `src:sport>dst:dport`. */
export function endsOf(packet: Packet | undefined): string {
  if (packet === undefined) return "dropped";
  const { src, dst, payload } = packet;
  if (!("sport" in payload)) return `${src}>${dst}`;
  return `${src}:${payload.sport}>${dst}:${payload.dport}`;
}

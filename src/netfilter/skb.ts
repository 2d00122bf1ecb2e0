/**
 * One packet inside one namespace, with what the kernel knows about it besides its bytes
 * (`struct sk_buff`). It is the one mutable record on the packet path: hooks, NAT and routing change
 * it in place, the packet value in it is replaced, never changed.
 */
import type { Mac } from "../addr/index.js";
import type { Packet } from "../wire/index.js";
import type { Entry } from "./conntrack/entry.js";
import type { Direction, ZoneScope } from "./conntrack/tuple.js";

/** State of the packet towards its connection (`ip_conntrack_info`). */
export type CtInfo = "new" | "established" | "related" | "invalid" | "untracked";

/** A packet on its way through one namespace. */
export interface Skb {
  packet: Packet;
  /** 32 bits. */
  mark: number;
  /** Name of the link it came in by; undefined for packets of local sockets. */
  iif: string | undefined;
  /** Name of the link it leaves by, once routed. */
  oif: string | undefined;
  /** Bridge ports, while a bridge hands the packet to the IP hooks (br_netfilter). */
  physIn: string | undefined;
  physOut: string | undefined;
  /** True while a bridge forwards it from port to port (physdev-is-bridged). */
  bridged: boolean;
  /** Link-layer addresses of the frame it came in. */
  macSrc: Mac | undefined;
  macDst: Mac | undefined;
  /** `undefined` until conntrack has looked (or when conntrack is not in use). */
  ctInfo: CtInfo | undefined;
  ct: Entry | undefined;
  ctDirection: Direction;
  /** `NOTRACK` was asked for before conntrack looked. */
  notrack: boolean;
  /** `CT --zone` was asked for before conntrack looked; 0 is the default zone. */
  ctZone: number;
  /** Directions the zone holds for: `--zone`, `--zone-orig`, `--zone-reply`. */
  ctZoneScope: ZoneScope;
  /** How the frame was addressed (`pkt_type`). */
  pktType: "host" | "broadcast" | "multicast" | "otherhost" | "loopback";
  /** Set by IPVS on the packets it handles. */
  ipvs: boolean;
  /** The sender's own number for the packet in a trace. */
  id: number;
}

/** Makes the record of a packet that enters a namespace. */
export function createSkb(packet: Packet, fields: Partial<Omit<Skb, "packet">> = {}): Skb {
  return {
    packet,
    mark: fields.mark ?? 0,
    iif: fields.iif,
    oif: fields.oif,
    physIn: fields.physIn,
    physOut: fields.physOut,
    bridged: fields.bridged ?? false,
    macSrc: fields.macSrc,
    macDst: fields.macDst,
    ctInfo: fields.ctInfo,
    ct: fields.ct,
    ctDirection: fields.ctDirection ?? "original",
    notrack: fields.notrack ?? false,
    ctZone: fields.ctZone ?? 0,
    ctZoneScope: fields.ctZoneScope ?? "both",
    pktType: fields.pktType ?? "host",
    ipvs: fields.ipvs ?? false,
    id: fields.id ?? 0,
  };
}

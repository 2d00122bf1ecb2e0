/** Variants of conntrack and NAT that are wrong on purpose; the laws must refuse them. */
import type { Tuple } from "../../src/netfilter/conntrack/tuple.js";
import type { Packet } from "../../src/wire/index.js";
import { Router } from "./connections.js";

/** Turns a tuple round but forgets the ports. */
export function invertWithoutPorts(tuple: Tuple): Tuple {
  return { ...tuple, src: tuple.dst, dst: tuple.src };
}

/** A router whose NAT never looks whether a tuple is taken. */
export class CarelessRouter extends Router {
  override forward(packet: Packet) {
    const { table } = this.conntrack;
    table.isTaken = () => false;
    return super.forward(packet);
  }
}

/** A router that does not translate answers. */
export class OneWayRouter extends Router {
  override forward(packet: Packet) {
    const skb = super.forward(packet);
    if (skb?.ctDirection === "reply") skb.packet = packet;
    return skb;
  }
}

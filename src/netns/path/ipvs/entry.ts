/** IPVS and conntrack: one packet, two tables. */
import type { Connection, ConnectionName } from "../../../ipvs/index.js";
import type { Entry, Skb } from "../../../netfilter/index.js";
import type { Stack } from "../../stack.js";

/**
 * Marks a packet as done, and brings its entry of conntrack in line: the entry's original direction
 * stays client to virtual server, its reply is what the real server will send. Without
 * `net.ipv4.vs.conntrack` the packet leaves conntrack altogether.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_nfct.c `ip_vs_update_conntrack`, include/net/ip_vs.h
 * `ip_vs_notrack`.
 */
export function settleConntrack(skb: Skb, connection: Connection, to: "real" | "virtual"): void {
  skb.ipvs = true;
  if (!connection.keepsConntrack) {
    skb.ct = undefined;
    skb.ctInfo = "untracked";
    return;
  }
  const { ct, ctDirection } = skb;
  if (ct === undefined || ct.status.confirmed || ct.status.dying) return;
  if (connection.isOnePacket || ctDirection !== "original") return;
  alterReply(ct, connection, to);
}

function alterReply(ct: Entry, connection: Connection, to: "real" | "virtual"): void {
  const hasPorts = ct.reply.icmp === undefined;
  if (to === "real") {
    const { real, realPort } = connection;
    ct.reply = { ...ct.reply, src: real, ...(hasPorts ? { sport: realPort } : {}) };
    return;
  }
  const { virtual, virtualPort } = connection;
  ct.reply = { ...ct.reply, dst: virtual, ...(hasPorts ? { dport: virtualPort } : {}) };
}

const PROTOCOLS = { tcp: 6, udp: 17, sctp: 132 } as const;

/**
 * A connection of IPVS ended: its entry of conntrack goes with it.
 *
 * Follows: Linux 6.1 ip_vs_nfct.c `ip_vs_conn_drop_conntrack`.
 */
export function dropEntry({ netfilter }: Pick<Stack, "netfilter">, name: ConnectionName): void {
  const { table } = netfilter.conntrack;
  const found = table.find({
    family: name.family,
    protocol: PROTOCOLS[name.protocol],
    src: name.client,
    dst: name.virtual,
    sport: name.clientPort,
    dport: name.virtualPort,
    zone: 0,
  });
  if (found !== undefined) table.remove(found.entry);
}

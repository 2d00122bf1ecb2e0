/** IPVS as plain data: what `ipvsadm -Sn` prints. What runs it is in `ipvs.ts`. */
import type { Addr } from "../addr/index.js";
import type { Origin } from "../base/index.js";

/** Everything IPVS of one namespace is told. */
export interface IpvsConfig {
  readonly virtualServers: readonly VirtualServer[];
  /** Lines of `ipvsadm -Sn` about virtual servers that firewall marks name, as they were written. */
  readonly marked?: readonly string[];
}

/** Protocols IPVS balances. */
export type IpvsProtocol = "tcp" | "udp" | "sctp";

/** How packets get to a real server: by address translation, by its link-layer address, in a tunnel. */
export type ForwardingMethod = "masquerade" | "direct" | "tunnel";

/** One virtual server (`struct ip_vs_service`). */
export interface VirtualServer {
  readonly addr: Addr;
  readonly port: number;
  readonly protocol: IpvsProtocol;
  readonly scheduler: string;
  /** Present: a client stays with its real server for so long. */
  readonly persistentSeconds?: number;
  /** Bits of the client's address that persistence looks at (`-M`); absent: all. */
  readonly persistentBits?: number;
  /** Each UDP datagram is scheduled by itself (`-o`). */
  readonly onePacket?: boolean;
  /** Scheduler flags: `sh-fallback` and `mh-fallback` are the first, `sh-port` and `mh-port` the second. */
  readonly schedulerFlags?: readonly (1 | 2 | 3)[];
  /** In the order the kernel keeps them: the last added comes first. */
  readonly realServers: readonly RealServer[];
  readonly origin?: Origin;
}

/** One real server (`struct ip_vs_dest`). */
export interface RealServer {
  readonly addr: Addr;
  readonly port: number;
  /** Absent: its packets have their destination rewritten. */
  readonly forwarding?: Exclude<ForwardingMethod, "masquerade">;
  /** 0: no new connections. */
  readonly weight: number;
  readonly origin?: Origin;
}

/** `10.0.0.1|80/tcp`: what names a virtual server. */
export function virtualServerKey({
  addr,
  port,
  protocol,
}: Pick<VirtualServer, "addr" | "port" | "protocol">): string {
  return `${addr}|${port}/${protocol}`;
}

/** `10.244.0.2|8080`: what names a real server of its virtual server. */
export function realServerKey({ addr, port }: Pick<RealServer, "addr" | "port">): string {
  return `${addr}|${port}`;
}

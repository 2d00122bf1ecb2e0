/** IPVS as plain data: what `ipvsadm -Sn` prints. Choosing a real server is in `schedule.ts`. */
import type { Addr } from "../addr/index.js";
import type { Origin } from "../base/index.js";

/** Everything IPVS of one namespace is told. */
export interface IpvsConfig {
  readonly virtualServers: readonly VirtualServer[];
}

/** Protocols IPVS balances. */
export type IpvsProtocol = "tcp" | "udp" | "sctp";

/** How a real server is chosen. */
export type SchedulerName = "rr" | "wrr" | "lc" | "wlc" | "sh" | "dh" | "sed" | "nq" | "mh";

/** One virtual server (`struct ip_vs_service`). */
export interface VirtualServer {
  readonly addr: Addr;
  readonly port: number;
  readonly protocol: IpvsProtocol;
  readonly scheduler: string;
  /** Present: a client stays with its real server for so long. */
  readonly persistentSeconds?: number;
  /** Scheduler flags: `sh-fallback` and `mh-fallback` are the first, `sh-port` and `mh-port` the second. */
  readonly schedulerFlags?: readonly (1 | 2 | 3)[];
  /** In the order the kernel keeps them: the last added comes first. */
  readonly realServers: readonly RealServer[];
  readonly origin?: Origin;
}

/** One real server (`struct ip_vs_dest`), reached by rewriting the destination. */
export interface RealServer {
  readonly addr: Addr;
  readonly port: number;
  /** 0: no new connections. */
  readonly weight: number;
  readonly origin?: Origin;
}

/** `10.0.0.1:80/tcp`: what names a virtual server. */
export function virtualServerKey({
  addr,
  port,
  protocol,
}: Pick<VirtualServer, "addr" | "port" | "protocol">): string {
  return `${addr}|${port}/${protocol}`;
}

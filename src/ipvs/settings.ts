/** The sysctls of IPVS (`net.ipv4.vs.*`), as far as they are modelled. */

/** How IPVS of one namespace behaves. */
export interface IpvsSettings {
  /** Connections of IPVS keep their entries of conntrack (`conntrack`). */
  readonly conntrack: boolean;
  /** What a new connection from a port in use does: 0 joins, bit 1 schedules anew (`conn_reuse_mode`). */
  readonly reuseMode: number;
  /** A connection whose real server is gone ends at once (`expire_nodest_conn`). */
  readonly expireWithoutServer: boolean;
  /** Persistence forgets a real server of weight 0 (`expire_quiescent_template`). */
  readonly expireQuiescentTemplate: boolean;
  /** Connections may begin in the middle (`sloppy_tcp`, `sloppy_sctp`). */
  readonly sloppyTcp: boolean;
  readonly sloppySctp: boolean;
  /** Replies are routed anew once they have the virtual server's address (`snat_reroute`). */
  readonly rerouteReplies: boolean;
  /** Real servers that speak unasked are told by ICMP (`nat_icmp_send`). */
  readonly tellsRealServers: boolean;
  /** ICMP errors may begin a connection (`schedule_icmp`). */
  readonly schedulesIcmp: boolean;
}

/**
 * Reads the settings.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_ctl.c `ip_vs_control_net_init_sysctl`.
 */
export function readIpvsSettings(sysctl: (name: string) => string | undefined): IpvsSettings {
  const read = (name: string, fallback = 0) => {
    const value = Number(sysctl(`net.ipv4.vs.${name}`) ?? fallback);
    return Number.isNaN(value) ? fallback : value;
  };
  return {
    conntrack: read("conntrack") !== 0,
    reuseMode: read("conn_reuse_mode", 1),
    expireWithoutServer: read("expire_nodest_conn") !== 0,
    expireQuiescentTemplate: read("expire_quiescent_template") !== 0,
    sloppyTcp: read("sloppy_tcp") !== 0,
    sloppySctp: read("sloppy_sctp") !== 0,
    rerouteReplies: read("snat_reroute", 1) !== 0,
    tellsRealServers: read("nat_icmp_send") !== 0,
    schedulesIcmp: read("schedule_icmp") !== 0,
  };
}

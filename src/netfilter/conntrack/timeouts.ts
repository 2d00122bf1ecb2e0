/**
 * How long a tracked connection lives in each state, and the other knobs of conntrack, read once
 * from the sysctls of a namespace.
 */

/** The knobs of one namespace's conntrack. Times are in microseconds. */
export interface ConntrackKnobs {
  readonly tcp: Readonly<Record<string, number>>;
  readonly sctp: Readonly<Record<string, number>>;
  readonly udpUs: number;
  readonly udpStreamUs: number;
  readonly icmpUs: number;
  readonly icmpv6Us: number;
  readonly genericUs: number;
  readonly tcpLoose: boolean;
  readonly tcpBeLiberal: boolean;
  readonly tcpIgnoreInvalidRst: boolean;
  readonly tcpMaxRetransmissions: number;
  /** Most entries a table holds; 0 is no limit. */
  readonly maxEntries: number;
}

/** Seconds a TCP entry lives, by state (nf_conntrack_proto_tcp.c `tcp_timeouts`). */
const tcpSeconds: readonly (readonly [string, string, number])[] = [
  ["SYN_SENT", "syn_sent", 120],
  ["SYN_RECV", "syn_recv", 60],
  ["ESTABLISHED", "established", 432000],
  ["FIN_WAIT", "fin_wait", 120],
  ["CLOSE_WAIT", "close_wait", 60],
  ["LAST_ACK", "last_ack", 30],
  ["TIME_WAIT", "time_wait", 120],
  ["CLOSE", "close", 10],
  ["SYN_SENT2", "syn_sent", 120],
  ["RETRANS", "max_retrans", 300],
  ["UNACK", "unacknowledged", 300],
];

/** Seconds an SCTP entry lives, by state (nf_conntrack_proto_sctp.c `sctp_timeouts`). */
const sctpSeconds: readonly (readonly [string, string, number])[] = [
  ["NONE", "closed", 10],
  ["CLOSED", "closed", 10],
  ["COOKIE_WAIT", "cookie_wait", 3],
  ["COOKIE_ECHOED", "cookie_echoed", 3],
  ["ESTABLISHED", "established", 210],
  ["SHUTDOWN_SENT", "shutdown_sent", 3],
  ["SHUTDOWN_RECD", "shutdown_recd", 3],
  ["SHUTDOWN_ACK_SENT", "shutdown_ack_sent", 3],
  ["HEARTBEAT_SENT", "heartbeat_sent", 30],
];

/**
 * Reads the knobs of conntrack.
 *
 * Units: sysctls hold seconds, the result microseconds. What is absent has the kernel's default.
 * Follows: Linux 6.18 net/netfilter/nf_conntrack_standalone.c `nf_ct_sysctl_table`.
 */
export function readKnobs(sysctl: (name: string) => string | undefined): ConntrackKnobs {
  const read = (name: string, fallback: number): number => {
    const text = sysctl(`net.netfilter.nf_conntrack_${name}`);
    const value = text === undefined ? Number.NaN : Number.parseInt(text, 10);
    return Number.isNaN(value) ? fallback : value;
  };
  const readUs = (name: string, seconds: number): number => read(name, seconds) * 1_000_000;
  const readStates = (prefix: string, rows: readonly (readonly [string, string, number])[]) =>
    Object.fromEntries(rows.map(([state, name, s]) => [state, readUs(`${prefix}${name}`, s)]));
  return {
    tcp: readStates("tcp_timeout_", tcpSeconds),
    sctp: readStates("sctp_timeout_", sctpSeconds),
    udpUs: readUs("udp_timeout", 30),
    udpStreamUs: readUs("udp_timeout_stream", 120),
    icmpUs: readUs("icmp_timeout", 30),
    icmpv6Us: readUs("icmpv6_timeout", 30),
    genericUs: readUs("generic_timeout", 600),
    tcpLoose: read("tcp_loose", 1) !== 0,
    tcpBeLiberal: read("tcp_be_liberal", 0) !== 0,
    tcpIgnoreInvalidRst: read("tcp_ignore_invalid_rst", 0) !== 0,
    tcpMaxRetransmissions: read("tcp_max_retrans", 3),
    maxEntries: read("max", 262144),
  };
}

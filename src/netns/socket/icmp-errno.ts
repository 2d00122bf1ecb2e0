/**
 * Which error an ICMP message becomes for the socket whose packet it quotes.
 */
import type { Family } from "../../addr/index.js";
import type { Icmp } from "../../wire/index.js";

/** An error, and whether it ends a connected socket's wait (`fatal`). */
export interface SocketError {
  readonly errno: string;
  readonly fatal: boolean;
}

function hard(errno: string): SocketError {
  return { errno, fatal: true };
}

function soft(errno: string): SocketError {
  return { errno, fatal: false };
}

/** Linux net/ipv4/icmp.c `icmp_err_convert`, by code of "destination unreachable". */
const UNREACHABLE4: readonly SocketError[] = [
  soft("ENETUNREACH"),
  soft("EHOSTUNREACH"),
  hard("ENOPROTOOPT"),
  hard("ECONNREFUSED"),
  soft("EMSGSIZE"),
  soft("EOPNOTSUPP"),
  hard("ENETUNREACH"),
  hard("EHOSTDOWN"),
  hard("ENONET"),
  hard("ENETUNREACH"),
  hard("EHOSTUNREACH"),
  soft("ENETUNREACH"),
  soft("EHOSTUNREACH"),
  hard("EHOSTUNREACH"),
  hard("EHOSTUNREACH"),
  hard("EHOSTUNREACH"),
];

/** Linux net/ipv6/icmp.c `tab_unreach`, by code of "destination unreachable". */
const UNREACHABLE6: readonly SocketError[] = [
  soft("ENETUNREACH"),
  hard("EACCES"),
  soft("EHOSTUNREACH"),
  soft("EHOSTUNREACH"),
  hard("ECONNREFUSED"),
  hard("EACCES"),
  hard("EACCES"),
];

/** Types of the errors (RFC 792, RFC 4443). */
const TYPES = {
  ip4: { unreachable: 3, timeExceeded: 11, parameterProblem: 12 },
  ip6: { unreachable: 1, tooBig: 2, timeExceeded: 3, parameterProblem: 4 },
} as const;

/**
 * The error a message stands for; undefined when sockets are not told.
 *
 * Follows: Linux 6.18 net/ipv4/icmp.c `icmp_err_convert`; net/ipv6/icmp.c `icmpv6_err_convert`.
 */
export function socketErrorOf(family: Family, { type, code }: Icmp): SocketError | undefined {
  if (family === "ip4") {
    if (type === TYPES.ip4.unreachable) return UNREACHABLE4[code];
    if (type === TYPES.ip4.timeExceeded) return soft("EHOSTUNREACH");
    return type === TYPES.ip4.parameterProblem ? hard("EPROTO") : undefined;
  }
  if (type === TYPES.ip6.unreachable) return UNREACHABLE6[code] ?? hard("EPROTO");
  if (type === TYPES.ip6.tooBig) return soft("EMSGSIZE");
  if (type === TYPES.ip6.timeExceeded) return soft("EHOSTUNREACH");
  return type === TYPES.ip6.parameterProblem ? hard("EPROTO") : undefined;
}

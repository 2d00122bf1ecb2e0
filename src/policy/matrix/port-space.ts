/**
 * Protocols and ports as one line of points, so that what a rule or a pair of ends allows is one set:
 *
 *   0 …… 65535 │ 65536 … 131071 │ … │ the last 65536
 *   protocol 6   protocol 17     …   every protocol that no policy names
 */
import type { Member } from "../model/members.js";
import type { Policy, PortRange } from "../model/policy.js";
import { PointSet } from "./point-set.js";

const PORTS = 65536;

/** The protocols that policies can always name: TCP, UDP, SCTP. */
const USUAL = [6, 17, 132];

/** The line of points of some policies. */
export class PortSpace {
  /** Protocols in the order of their numbers; all others share the place behind the last. */
  readonly protocols: readonly number[];
  /** Every point. */
  readonly all: PointSet;
  readonly #baseOf = new Map<number, number>();
  readonly #otherBase: number;

  constructor(protocols: Iterable<number>) {
    this.protocols = [...new Set([...USUAL, ...protocols])].sort((a, b) => a - b);
    this.protocols.forEach((protocol, i) => {
      this.#baseOf.set(protocol, i * PORTS);
    });
    this.#otherBase = this.protocols.length * PORTS;
    this.all = PointSet.run(0, this.#otherBase + PORTS - 1);
  }

  /** The point of a protocol and port. No rule tells ports of an unnamed protocol apart. */
  point(protocol: number, port: number): number {
    return (this.#baseOf.get(protocol) ?? this.#otherBase) + port;
  }

  /** The points of some ports of a protocol. */
  ports(protocol: number, first: number, last: number): PointSet {
    return PointSet.run(this.point(protocol, first), this.point(protocol, last));
  }

  /** What a set holds of one protocol, as ports. */
  portsIn(set: PointSet, protocol: number): PointSet {
    const base = this.point(protocol, 0);
    const runs = set.and(PointSet.run(base, base + PORTS - 1)).runs();
    return runs.reduce(
      (ports, { first, last }) => ports.or(PointSet.run(first - base, last - base)),
      PointSet.EMPTY,
    );
  }
}

/** The line of points on which these policies, asked about these members, can be told apart. */
export function portSpaceOf(policies: readonly Policy[], members: readonly Member[]): PortSpace {
  const protocols = new Set<number>();
  for (const member of members) for (const { protocol } of member.ports) protocols.add(protocol);
  for (const { ingress = [], egress = [] } of policies) {
    for (const rule of [...ingress, ...egress]) addProtocols(rule.ports ?? [], protocols);
  }
  return new PortSpace(protocols);
}

function addProtocols(ports: readonly PortRange[], protocols: Set<number>): void {
  for (const { protocol } of ports) if (protocol !== undefined) protocols.add(protocol);
}

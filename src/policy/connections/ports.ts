/** Protocols and ports as people list them. */
import { PointSet } from "../matrix/point-set.js";
import type { PortSpace } from "../matrix/port-space.js";

/** The runs of ports of one protocol. */
export interface ProtocolPorts {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly ranges: readonly { readonly first: number; readonly last: number }[];
}

/** Protocols by name, each with its ports; protocols without any are left out. */
export type PortList = readonly ProtocolPorts[];

const NAMED = [
  ["SCTP", 132],
  ["TCP", 6],
  ["UDP", 17],
] as const;

/** Port 0 is nobody's. */
const EVERY_PORT = PointSet.run(1, 65535);

/** What a set of points is, of the protocols that policies can always name. */
export function portListOf(set: PointSet, space: PortSpace): PortList {
  return NAMED.flatMap(([protocol, number]) => {
    const ranges = space.portsIn(set, number).and(EVERY_PORT).runs();
    return ranges.length === 0 ? [] : [{ protocol, ranges }];
  });
}

/** Whether it is every port of all three protocols. */
export function isEveryPort(ports: PortList): boolean {
  return (
    ports.length === NAMED.length &&
    ports.every(({ ranges }) => ranges[0]?.first === 1 && ranges[0].last === 65535)
  );
}

/**
 * As `All Connections` or `TCP 80,443,UDP 53`: protocols by name, ranges as `8000-8080`.
 *
 * @example
 * printPorts([{ protocol: "TCP", ranges: [{ first: 80, last: 80 }, { first: 8000, last: 8080 }] }]);
 * // "TCP 80,8000-8080"
 */
export function printPorts(ports: PortList): string {
  if (isEveryPort(ports)) return "All Connections";
  if (ports.length === 0) return "No Connections";
  return ports
    .map(({ protocol, ranges }) => `${protocol} ${ranges.map(printRange).join(",")}`)
    .join(",");
}

function printRange({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

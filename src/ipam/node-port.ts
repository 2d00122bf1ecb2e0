/** Node ports: a range of port numbers with a lower band for those who choose their own. */
import { type Random, RefusedError } from "../base/index.js";
import { type Band, createBand, freeCount, releaseNumber, takeAny, takeNumber } from "./band.js";

/** The node ports of a cluster. Immutable. */
export interface NodePorts {
  readonly first: number;
  readonly last: number;
  readonly band: Band;
}

/** The range of kube-apiserver's `--service-node-port-range` by default. */
export const DEFAULT_NODE_PORTS = { first: 30000, last: 32767 } as const;

/**
 * Node ports with nothing taken.
 *
 * Follows: Kubernetes v1.35 pkg/registry/core/service/portallocator/allocator.go
 * `New`, `calculateRangeOffset`.
 */
export function createNodePorts(range: { first: number; last: number }): NodePorts {
  const size = range.last - range.first + 1;
  const { first, last } = range;
  return { first, last, band: createBand(BigInt(size), BigInt(staticPortBandSize(size))) };
}

/** Size of the lower band: a thirty-second of the range, at least 16, at most 128; none if tiny. */
export function staticPortBandSize(size: number): number {
  if (size <= 16) return 0;
  return Math.min(Math.max(16, Math.floor(size / 32)), 128);
}

/** How many ports are free. */
export function freeNodePorts(ports: NodePorts): number {
  return Number(freeCount(ports.band));
}

/**
 * Takes the port a Service asks for.
 *
 * Errors: `RefusedError` `EEXIST` when it is taken, `ERANGE` when it is not of the range.
 */
export function takeNodePort(ports: NodePorts, port: number): NodePorts {
  if (port < ports.first || port > ports.last) {
    const words = `provided port is not in the valid range. The range of valid ports is`;
    throw new RefusedError("ERANGE", `${words} ${ports.first}-${ports.last}`, { port });
  }
  const band = takeNumber(ports.band, BigInt(port - ports.first));
  if (band === undefined) {
    throw new RefusedError("EEXIST", "provided port is already allocated", { port });
  }
  return { ...ports, band };
}

/**
 * Takes any port.
 *
 * Errors: `RefusedError` `ENOSPC` when none is left.
 */
export function takeAnyNodePort(
  ports: NodePorts,
  random: Random,
): { readonly ports: NodePorts; readonly port: number } {
  const got = takeAny(ports.band, random);
  if (got === undefined) throw new RefusedError("ENOSPC", "range is full");
  return { ports: { ...ports, band: got.band }, port: ports.first + Number(got.n) };
}

/** Gives a port back; harmless when it was not taken. */
export function releaseNodePort(ports: NodePorts, port: number): NodePorts {
  return { ...ports, band: releaseNumber(ports.band, BigInt(port - ports.first)) };
}

/** True when the port is taken. */
export function hasNodePort(ports: NodePorts, port: number): boolean {
  return ports.band.taken.has(BigInt(port - ports.first));
}

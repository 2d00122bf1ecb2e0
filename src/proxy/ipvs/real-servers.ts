/**
 * Bringing virtual servers from what the kernel holds to what is wanted. A real server that is no
 * longer wanted while connections lead to it is kept with weight 0 until they have ended.
 */
import { type RealServer, type VirtualServer, virtualServerKey } from "../../ipvs/index.js";
import type { IpvsOperation } from "./operation.js";

/** Counts the connections that lead to a real server, as IPVS does. */
export type CountConnections = (server: VirtualServer, real: RealServer) => number;

/** Real servers on their way out, by the key of their virtual server. */
export type Terminating = ReadonlyMap<string, readonly RealServer[]>;

/** No real server has connections. */
export const NO_CONNECTIONS: CountConnections = () => 0;

/** Two virtual servers of one key; `undefined` where there is none. */
export interface ServerChange {
  readonly before: VirtualServer | undefined;
  readonly after: VirtualServer | undefined;
}

/** What bringing virtual servers to their new state asks, and who is left on the way out. */
export interface ServerOperations {
  /** Sent first: what is new or different. */
  readonly changes: readonly IpvsOperation[];
  /** Sent last: virtual servers nobody wants. */
  readonly deletions: readonly IpvsOperation[];
  readonly terminating: Terminating;
}

/**
 * Works out the operations for some virtual servers.
 *
 * Shape: changes are handled in the order given. A real server that comes back while it is on its
 * way out is deleted and added again.
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `syncService`, `syncEndpoint`,
 * `cleanLegacyService`; graceful_termination.go `GracefulDeleteRS`.
 */
export function changeServers(
  changes: readonly ServerChange[],
  terminating: Terminating,
  count: CountConnections,
): ServerOperations {
  const operations: IpvsOperation[] = [];
  const deletions: IpvsOperation[] = [];
  const next = new Map(terminating);
  for (const { before, after } of changes) {
    if (after === undefined) {
      if (before === undefined) continue;
      deletions.push({ kind: "delete-server", server: before });
      next.delete(virtualServerKey(before));
      continue;
    }
    if (before === undefined) operations.push({ kind: "add-server", server: after });
    else if (!haveSameSettings(before, after)) {
      operations.push({ kind: "update-server", server: after });
    }
    const key = virtualServerKey(after);
    const leaving = changeReals({ before, after, leaving: next.get(key) ?? [] }, count, operations);
    if (leaving.length > 0) next.set(key, leaving);
    else next.delete(key);
  }
  return { changes: operations, deletions, terminating: next };
}

/**
 * Deletes the real servers on their way out whose connections have ended; kube-proxy looks once a
 * minute.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/graceful_termination.go `tryDeleteRs`.
 */
export function expireReals(
  terminating: Terminating,
  servers: (key: string) => VirtualServer | undefined,
  count: CountConnections,
): { readonly operations: readonly IpvsOperation[]; readonly terminating: Terminating } {
  const operations: IpvsOperation[] = [];
  const next = new Map<string, readonly RealServer[]>();
  for (const [key, reals] of terminating) {
    const server = servers(key);
    if (server === undefined) continue;
    const staying = reals.filter((real) => count(server, real) > 0);
    for (const real of reals) {
      if (!staying.includes(real)) operations.push({ kind: "delete-real", server, real });
    }
    if (staying.length > 0) next.set(key, staying);
  }
  return { operations, terminating: next };
}

function changeReals(
  {
    before,
    after,
    leaving,
  }: {
    readonly before: VirtualServer | undefined;
    readonly after: VirtualServer;
    readonly leaving: readonly RealServer[];
  },
  count: CountConnections,
  operations: IpvsOperation[],
): readonly RealServer[] {
  if (before?.realServers === after.realServers && leaving.length === 0) return leaving;
  const wanted = new Set(after.realServers.map(realKey));
  const had = new Set(before?.realServers.map(realKey));
  const going = new Map(leaving.map((real) => [realKey(real), real]));
  for (const real of after.realServers) {
    const key = realKey(real);
    const back = going.get(key);
    if (back !== undefined) {
      operations.push({ kind: "delete-real", server: after, real: back });
      going.delete(key);
    } else if (had.has(key)) continue;
    operations.push({ kind: "add-real", server: after, real });
  }
  for (const real of before?.realServers ?? []) {
    const key = realKey(real);
    if (wanted.has(key)) continue;
    const idle: RealServer = { ...real, weight: 0 };
    // Connections of UDP and SCTP go elsewhere with their next packet (`expire_nodest_conn`).
    if (after.protocol === "tcp" && count(after, real) > 0) {
      operations.push({ kind: "update-real", server: after, real: idle });
      going.set(key, idle);
    } else operations.push({ kind: "delete-real", server: after, real });
  }
  return [...going.values()];
}

function realKey({ addr, port }: RealServer): string {
  return `${addr.key()}|${port}`;
}

/** Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/util/ipvs.go `VirtualServer.Equal`. */
function haveSameSettings(a: VirtualServer, b: VirtualServer): boolean {
  return (
    a.scheduler === b.scheduler &&
    a.persistentSeconds === b.persistentSeconds &&
    (a.schedulerFlags ?? []).join() === (b.schedulerFlags ?? []).join()
  );
}

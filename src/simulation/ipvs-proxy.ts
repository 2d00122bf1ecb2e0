/**
 * kube-proxy of one node in ipvs mode, at the moment its rules change: it edits the virtual servers
 * that are there, and does not make them anew. A real server that goes while TCP connections lead to
 * it stays with weight 0 until they have ended; kube-proxy looks once a minute.
 */
import { type Ipvs, type VirtualServer, virtualServerKey } from "../ipvs/index.js";
import {
  type CountConnections,
  changeServers,
  expireReals,
  type IpvsOperation,
  type Terminating,
} from "../proxy/index.js";

/** How often real servers on their way out are looked at (`rsCheckDeleteInterval`), microseconds. */
export const TERMINATION_CHECK_US = 60_000_000;

/** The proxy of one node. */
export class IpvsProxy {
  #terminating: Terminating = new Map();

  /** Whether real servers are on their way out. */
  get isTerminating(): boolean {
    return this.#terminating.size > 0;
  }

  /**
   * Brings a running IPVS from what was wanted to what is.
   *
   * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `syncProxyRules`.
   */
  follow(ipvs: Ipvs, before: readonly VirtualServer[], after: readonly VirtualServer[]): void {
    const old = new Map(before.map((server) => [virtualServerKey(server), server]));
    const wanted = new Set(after.map(virtualServerKey));
    const kept = after.map((server) => ({
      before: old.get(virtualServerKey(server)),
      after: server,
    }));
    const gone = before
      .filter((server) => !wanted.has(virtualServerKey(server)))
      .map((server) => ({ before: server, after: undefined }));
    const made = changeServers([...kept, ...gone], this.#terminating, counter(ipvs));
    for (const operation of [...made.changes, ...made.deletions]) carryOut(ipvs, operation);
    this.#terminating = made.terminating;
  }

  /**
   * Takes out the real servers whose connections have ended.
   *
   * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/graceful_termination.go `tryDeleteRs`.
   */
  expire(ipvs: Ipvs): void {
    ipvs.expire();
    const find = (key: string) =>
      ipvs.config.virtualServers.find((server) => virtualServerKey(server) === key);
    const { operations, terminating } = expireReals(this.#terminating, find, counter(ipvs));
    for (const operation of operations) carryOut(ipvs, operation);
    this.#terminating = terminating;
  }
}

function counter(ipvs: Ipvs): CountConnections {
  return (server, real) => ipvs.services.find(server)?.find(real)?.total ?? 0;
}

/** Sets and addresses are part of the configuration; only virtual servers are edited. */
function carryOut(ipvs: Ipvs, operation: IpvsOperation): void {
  switch (operation.kind) {
    case "add-server":
      ipvs.addService({ ...operation.server, realServers: [] });
      break;
    case "update-server":
      ipvs.editService(operation.server);
      break;
    case "delete-server":
      ipvs.removeService(operation.server);
      break;
    case "add-real":
      ipvs.addServer(operation.server, operation.real);
      break;
    case "update-real":
      ipvs.setWeight(operation.server, operation.real, operation.real.weight);
      break;
    case "delete-real":
      ipvs.removeServer(operation.server, operation.real);
      break;
    default:
  }
}

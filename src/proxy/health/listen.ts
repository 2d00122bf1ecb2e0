/** Where kube-proxy listens for health checks on a node: two proxies, one for each family, on one host. */
import type { Addr } from "../../addr/index.js";
import { nodePortAddrs, readNodePortAddresses, resolvePrimary } from "../node-port-addresses.js";
import type { ProxyNode, ProxySettings } from "../settings.js";

/** One Service's health-check port. */
export interface HealthPort {
  /** `ns/name`. */
  readonly service: string;
  readonly port: number;
}

/** The health-check ports of one family's proxy. */
export interface FamilyHealthPorts {
  readonly ports: readonly HealthPort[];
  /** Undefined: all addresses, of both families. */
  readonly addrs: readonly Addr[] | undefined;
}

/** One listening socket for health checks. */
export interface HealthSocket extends HealthPort {
  /** Undefined: all addresses, of both families. */
  readonly addr?: Addr;
}

/**
 * The addresses on which a node's proxy answers health checks, the same that take node ports.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/healthcheck/service_health.go `newServiceHealthServer`.
 */
export function healthCheckAddrs(
  settings: ProxySettings,
  node: ProxyNode,
): readonly Addr[] | undefined {
  const addresses = readNodePortAddresses(resolvePrimary(settings, node), settings.family);
  return addresses.matchAll ? undefined : nodePortAddrs(addresses, node.addrs);
}

/**
 * The sockets that the proxies of a node open, the IPv4 one first.
 *
 * Shape: a proxy that meets a port of which the other has an address it wants opens none of that
 * Service: Go's listener on all addresses takes both families.
 * Follows: Kubernetes v1.35.4 pkg/proxy/healthcheck/service_health.go `listenAndServeAll`.
 */
export function healthCheckSockets(
  families: readonly FamilyHealthPorts[],
): readonly HealthSocket[] {
  const taken = new Map<number, "all" | "some">();
  const sockets: HealthSocket[] = [];
  for (const { ports, addrs } of families) {
    for (const { service, port } of ports) {
      const held = taken.get(port);
      if (held === "all" || (held === "some" && addrs === undefined)) continue;
      if (addrs === undefined) sockets.push({ service, port });
      else sockets.push(...addrs.map((addr) => ({ service, port, addr })));
      if (addrs === undefined) taken.set(port, "all");
      else if (addrs.length > 0) taken.set(port, "some");
    }
  }
  return sockets;
}

/**
 * What kube-proxy answers on a Service's health-check node port: whether this node has endpoints of
 * its own, so that a load balancer knows where to send traffic of policy Local.
 */
import { type Endpoint, isLocalTo } from "../endpoints/endpoint.js";
import type { ProxyModel } from "../model.js";
import type { HealthPort } from "./listen.js";

/** A port that kube-proxy listens on, and what it would say. */
export interface HealthCheckPort extends HealthPort {
  /** Addresses of this node's own ready endpoints, each counted once over all ports. */
  readonly localEndpoints: number;
}

/** An answer over HTTP. */
export interface HealthAnswer {
  readonly status: 200 | 404 | 503;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/**
 * The health-check ports of a node, in order of Services.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/servicechangetracker.go `HealthCheckNodePorts`,
 * endpointschangetracker.go `LocalReadyEndpoints`.
 */
export function healthCheckPorts(model: ProxyModel, nodeName: string): readonly HealthCheckPort[] {
  return healthPorts(model).map(({ service, port }) => {
    return { service, port, localEndpoints: countLocalReady(model, service, nodeName) };
  });
}

/** The health-check ports of all nodes, in order of Services. */
export function healthPorts(model: ProxyModel): readonly HealthPort[] {
  const found: HealthPort[] = [];
  for (const { service, ports } of model.services.values) {
    const port = ports.find((p) => p.healthCheckNodePort !== 0)?.healthCheckNodePort;
    if (port !== undefined) found.push({ service, port });
  }
  return found;
}

/** How many addresses of ready endpoints a Service has on a node, over all its ports. */
export function countLocalReady(model: ProxyModel, service: string, nodeName: string): number {
  const addrs = new Set<string>();
  for (const endpoint of readyEndpoints(model, service)) {
    if (isLocalTo(endpoint, nodeName)) addrs.add(endpoint.addr.key());
  }
  return addrs.size;
}

/** The nodes that have ready endpoints of a Service: those whose `countLocalReady` is not 0. */
export function localReadyNodes(model: ProxyModel, service: string): ReadonlySet<string> {
  const nodes = new Set<string>();
  for (const { nodeName } of readyEndpoints(model, service))
    if (nodeName !== "") nodes.add(nodeName);
  return nodes;
}

function* readyEndpoints(model: ProxyModel, service: string): Iterable<Endpoint> {
  for (const { list, contested } of model.services.get(service)?.byPort.values() ?? []) {
    for (const endpoint of list) if (endpoint.ready) yield endpoint;
    for (const endpoint of contested) if (endpoint.ready) yield endpoint;
  }
}

/**
 * What is answered on a health-check port; `proxyHealthy` is whether syncs succeed in time.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/healthcheck/service_health.go `ServeHTTP`.
 */
export function answerHealthCheck(port: HealthCheckPort, proxyHealthy: boolean): HealthAnswer {
  const [namespace = "", name = ""] = port.service.split("/");
  const body = [
    "{",
    '\t"service": {',
    `\t\t"namespace": ${JSON.stringify(namespace)},`,
    `\t\t"name": ${JSON.stringify(name)}`,
    "\t},",
    `\t"localEndpoints": ${port.localEndpoints},`,
    `\t"serviceProxyHealthy": ${proxyHealthy}`,
    "}",
  ].join("\n");
  return {
    status: port.localEndpoints > 0 && proxyHealthy ? 200 : 503,
    headers: [
      ["Content-Type", "application/json"],
      ["X-Content-Type-Options", "nosniff"],
      ["X-Load-Balancing-Endpoint-Weight", String(port.localEndpoints)],
    ],
    body,
  };
}

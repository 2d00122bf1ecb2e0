/**
 * What kube-proxy answers on a Service's health-check node port: whether this node has endpoints of
 * its own, so that a load balancer knows where to send traffic of policy Local.
 */
import { isLocalTo } from "../endpoints/endpoint.js";
import type { ProxyModel } from "../model.js";

/** A port that kube-proxy listens on, and what it would say. */
export interface HealthCheckPort {
  /** `ns/name`. */
  readonly service: string;
  readonly port: number;
  /** Addresses of this node's own ready endpoints, each counted once over all ports. */
  readonly localEndpoints: number;
}

/** An answer over HTTP. */
export interface HealthAnswer {
  readonly status: 200 | 503;
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
  const found: HealthCheckPort[] = [];
  for (const { service, ports } of model.services.values) {
    const port = ports.find((p) => p.healthCheckNodePort !== 0)?.healthCheckNodePort;
    if (port === undefined) continue;
    found.push({ service, port, localEndpoints: countLocalReady(model, service, nodeName) });
  }
  return found;
}

/** How many addresses of ready endpoints a Service has on a node, over all its ports. */
export function countLocalReady(model: ProxyModel, service: string, nodeName: string): number {
  const addrs = new Set<string>();
  for (const { list, contested } of model.services.get(service)?.byPort.values() ?? []) {
    for (const endpoint of contested.length === 0 ? list : [...list, ...contested]) {
      if (endpoint.ready && isLocalTo(endpoint, nodeName)) addrs.add(endpoint.addr.key());
    }
  }
  return addrs.size;
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

/**
 * What was worked out for Service ports before, so that nodes share it and a change costs only what
 * it touches. A memo changes no answer; whoever compiles many nodes keeps one and hands it in.
 */
import type { PortEndpoints } from "./endpoints/endpoint.js";
import { endpointsOf, type ProxyModel } from "./model.js";
import { type ServicePort, usesLocalEndpoints } from "./services/service-port.js";
import type { ProxyNode } from "./settings.js";

/** Remembers one kind of result per Service port, endpoints and circumstances. */
export class PortMemo<Result> {
  readonly #byPort = new WeakMap<ServicePort, Map<string, Remembered<Result>>>();

  /**
   * The result for a Service port, if one was kept under the same circumstances and the endpoints
   * are still the same object.
   */
  find(port: ServicePort, endpoints: PortEndpoints, circumstances: string): Result | undefined {
    const old = this.#byPort.get(port)?.get(circumstances);
    return old?.endpoints === endpoints ? old.result : undefined;
  }

  /** Keeps a result in place of what was kept under the same circumstances. */
  keep(
    port: ServicePort,
    endpoints: PortEndpoints,
    made: { readonly circumstances: string; readonly result: Result },
  ): void {
    const { circumstances, result } = made;
    const known = this.#byPort.get(port) ?? new Map<string, Remembered<Result>>();
    this.#byPort.set(port, known.set(circumstances, { endpoints, result }));
  }
}

interface Remembered<Result> {
  readonly endpoints: PortEndpoints;
  readonly result: Result;
}

/** Whether the rules of a Service port differ from node to node. */
export function dependsOnNode(port: ServicePort, endpoints: PortEndpoints): boolean {
  return (
    usesLocalEndpoints(port) ||
    endpoints.hinted ||
    endpoints.contested.length > 0 ||
    (port.sourceRanges.length > 0 && port.loadBalancerVIPs.length > 0)
  );
}

/** Text that is equal for nodes with equal answers. */
export function nodeKey({ name, zone, primaryAddr }: ProxyNode): string {
  return `${name}|${zone}|${primaryAddr?.toString() ?? ""}`;
}

/** Whether some Service port's rules differ from node to node. */
export function hasDifferingNodes(model: ProxyModel): boolean {
  return model.services.values.some((state) =>
    state.ports.some((port) => dependsOnNode(port, endpointsOf(state, port))),
  );
}

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
   * The result for a Service port: remembered if the endpoints are the same object and were asked
   * for under the same circumstances, else worked out.
   */
  get(
    port: ServicePort,
    endpoints: PortEndpoints,
    asked: { readonly circumstances: string; readonly work: () => Result },
  ): Result {
    let known = this.#byPort.get(port);
    if (known === undefined) {
      known = new Map();
      this.#byPort.set(port, known);
    }
    const old = known.get(asked.circumstances);
    if (old !== undefined && old.endpoints === endpoints) return old.result;
    const result = asked.work();
    known.set(asked.circumstances, { endpoints, result });
    return result;
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

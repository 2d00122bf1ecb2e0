/** The sockets on which kube-proxy of each node answers health checks of Services. */
import type { Addr } from "../../../addr/index.js";
import type { Listener } from "../../../netns/index.js";
import {
  type FamilyHealthPorts,
  type HealthPort,
  healthCheckSockets,
  healthPorts,
  type ProxyModel,
} from "../../../proxy/index.js";

/** What a listener of kube-proxy's is called; the simulation answers for it. */
export const HEALTH_CHECK = "health-check";

/** One family's health-check ports: the same list as long as they are the same. */
export class HealthPorts {
  #ports: readonly HealthPort[] = [];
  readonly #onNode = new Map<string, { readonly key: string; readonly made: FamilyHealthPorts }>();

  /** Takes over a model. */
  watch(model: ProxyModel): void {
    const ports = healthPorts(model);
    const text = (list: readonly HealthPort[]) => list.map((p) => `${p.service} ${p.port}`).join();
    if (text(ports) !== text(this.#ports)) this.#ports = ports;
  }

  /** Whether a node's sockets depend on where it listens. */
  get isEmpty(): boolean {
    return this.#ports.length === 0;
  }

  /** The ports with a node's addresses: the same object as long as they are the same. */
  on(node: string, addrs: readonly Addr[] | undefined): FamilyHealthPorts {
    const key = addrs?.join() ?? "all";
    const old = this.#onNode.get(node);
    if (old?.key === key && old.made.ports === this.#ports) return old.made;
    const made = { ports: this.#ports, addrs };
    this.#onNode.set(node, { key, made });
    return made;
  }
}

/** What a family without health-check ports has on any node. */
export const NO_HEALTH_PORTS: FamilyHealthPorts = { ports: [], addrs: undefined };

/** A node's sockets for health checks of Services; the families in the order ip4, ip6. */
export function healthListeners(families: readonly FamilyHealthPorts[]): readonly Listener[] {
  return healthCheckSockets(families).map(({ service, port, addr }): Listener => {
    const [namespace = "", name = ""] = service.split("/");
    const origin = { kind: "Service", namespace, name, part: "healthCheckNodePort" };
    const where = addr === undefined ? {} : { addr };
    return { protocol: "tcp", port, ...where, service: HEALTH_CHECK, origin };
  });
}

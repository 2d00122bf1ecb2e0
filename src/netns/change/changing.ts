/**
 * The configurations of several namespaces while a command changes them: what it does to one can reach
 * others, by the far ends of veth pairs.
 */
import type { Addr } from "../../addr/index.js";
import { FibSysctls, type RouteConfig } from "../../fib/index.js";
import type { LinkConfig, NeighborConfig } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";

/** One link of one namespace. */
export interface LinkPlace {
  readonly netns: string;
  readonly link: string;
}

/** Configurations that change; those that were handed in stay as they were. */
export class Changing {
  readonly #configs: Map<string, NetnsConfig>;
  readonly #changed = new Set<string>();
  readonly #gone = new Set<string>();
  /** Links that came up, oldest first: they announce themselves. */
  readonly cameUp: LinkPlace[] = [];

  constructor(configs: Iterable<NetnsConfig>) {
    this.#configs = new Map([...configs].map((config) => [config.name, config]));
  }

  /** What is another configuration now. */
  changed(): NetnsConfig[] {
    return [...this.#changed].map((name) => this.get(name));
  }

  /** The namespaces that are gone. */
  gone(): string[] {
    return [...this.#gone];
  }

  has(netns: string): boolean {
    return this.#configs.has(netns);
  }

  get(netns: string): NetnsConfig {
    const config = this.#configs.get(netns);
    if (config === undefined) throw new Error(`there is no namespace ${JSON.stringify(netns)}`);
    return config;
  }

  remove(netns: string): void {
    this.#configs.delete(netns);
    this.#changed.delete(netns);
    this.#gone.add(netns);
  }

  /** Replaces parts of a configuration. */
  update(netns: string, parts: Partial<NetnsConfig>): void {
    this.#configs.set(netns, { ...this.get(netns), ...parts });
    this.#changed.add(netns);
  }

  link(netns: string, name: string | undefined): LinkConfig | undefined {
    return this.get(netns).links.find((link) => link.name === name);
  }

  /** Replaces parts of a link; returns it as it is now. */
  updateLink({ netns, link }: LinkPlace, parts: Partial<LinkConfig>): void {
    const links = this.get(netns).links.map((l) => (l.name === link ? { ...l, ...parts } : l));
    this.update(netns, { links });
  }

  /** The far end of a veth pair. */
  peer({ netns, link }: LinkPlace): LinkPlace | undefined {
    const kind = this.link(netns, link)?.kind;
    if (kind?.kind !== "veth" || kind.peer === undefined) return undefined;
    const there = { netns: kind.peer.netns ?? netns, link: kind.peer.link };
    return this.has(there.netns) && this.link(there.netns, there.link) ? there : undefined;
  }

  ports({ netns, link }: LinkPlace): readonly LinkConfig[] {
    return this.get(netns).links.filter((l) => l.master === link);
  }

  keepRoutes(netns: string, keeps: (route: RouteConfig) => boolean): void {
    const { routes } = this.get(netns);
    const kept = routes.filter(keeps);
    if (kept.length < routes.length) this.update(netns, { routes: kept });
  }

  keepNeighbors(netns: string, keeps: (neighbor: NeighborConfig) => boolean): void {
    const { neighbors } = this.get(netns);
    const kept = neighbors.filter(keeps);
    if (kept.length < neighbors.length) this.update(netns, { neighbors: kept });
  }

  sysctls(netns: string): FibSysctls {
    return new FibSysctls(this.get(netns).sysctls);
  }
}

/** Whether a namespace has an address on some link. */
export function hasAddr(config: NetnsConfig, addr: Addr): boolean {
  return config.links.some((l) => l.addresses.some((a) => a.address.addr.equals(addr)));
}

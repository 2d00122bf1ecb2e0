/**
 * All links of one namespace, by name and by number, with an index of the addresses set on them.
 */
import type { Addr } from "../addr/index.js";
import type { LinkConfig } from "./config.js";
import { createLink, type Link } from "./link.js";

/** The links of one namespace. */
export class LinkTable {
  readonly #byName = new Map<string, Link>();
  readonly #byIndex = new Map<number, Link>();
  readonly #owners = new Map<string, Link>();
  readonly #ports = new Map<string, Link[]>();

  constructor(configs: readonly LinkConfig[]) {
    for (const config of [...configs].sort((a, b) => a.index - b.index)) {
      const link = createLink(config);
      this.#byName.set(link.name, link);
      this.#byIndex.set(link.index, link);
      if (link.master !== undefined) this.#portList(link.master).push(link);
      this.#indexAddrs(link);
    }
  }

  /** All links, by number. */
  all(): IterableIterator<Link> {
    return this.#byName.values();
  }

  /** The link of a name, if there is one. */
  find(name: string | undefined): Link | undefined {
    return name === undefined ? undefined : this.#byName.get(name);
  }

  /** The link of a number, if there is one. */
  findIndex(index: number): Link | undefined {
    return this.#byIndex.get(index);
  }

  /** The ports of a bridge, by number. */
  ports(master: string): readonly Link[] {
    return this.#ports.get(master) ?? [];
  }

  /** The first link an address is set on, if it is set anywhere. */
  owner(addr: Addr): Link | undefined {
    return this.#owners.get(addr.key());
  }

  #portList(master: string): Link[] {
    let list = this.#ports.get(master);
    if (list === undefined) {
      list = [];
      this.#ports.set(master, list);
    }
    return list;
  }

  #indexAddrs(link: Link): void {
    for (const { address } of link.addresses) {
      const key = address.addr.key();
      if (!this.#owners.has(key)) this.#owners.set(key, link);
    }
  }
}

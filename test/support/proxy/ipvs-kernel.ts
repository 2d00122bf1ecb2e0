/** A kernel that does what ipvs mode asks of it, no more: operations applied one after the other. */
import { virtualServerKey } from "../../../src/ipvs/index.js";
import type { IpvsOperation, IpvsProxyRules } from "../../../src/proxy/index.js";

/** Servers, set entries and addresses; asking for something impossible throws, as the kernel refuses. */
export class IpvsKernel {
  readonly #servers = new Map<string, { settings: string; readonly reals: Map<string, number> }>();
  readonly #entries = new Set<string>();
  readonly #addrs = new Set<string>();

  apply(operation: IpvsOperation): void {
    switch (operation.kind) {
      case "add-server":
      case "update-server":
      case "delete-server":
        this.#applyServer(operation);
        break;
      case "add-real":
      case "update-real":
      case "delete-real": {
        const server = this.#servers.get(virtualServerKey(operation.server));
        const name = `${operation.real.addr}:${operation.real.port}`;
        must(server !== undefined, "the virtual server is there");
        must(
          server?.reals.has(name) === (operation.kind !== "add-real"),
          `${name}: EEXIST, ENOENT`,
        );
        if (operation.kind === "delete-real") server?.reals.delete(name);
        else server?.reals.set(name, operation.real.weight);
        break;
      }
      case "bind":
        add(this.#addrs, operation.addr.toString());
        break;
      case "unbind":
        must(this.#addrs.delete(operation.addr.toString()), "the address was bound");
        break;
      case "add-entry":
        add(this.#entries, `${operation.set} ${operation.entry}`);
        break;
      case "delete-entry":
        must(this.#entries.delete(`${operation.set} ${operation.entry}`), "it was there");
        break;
    }
  }

  /** Everything, in order. */
  print(): string {
    const servers = [...this.#servers].map(([key, { settings, reals }]) =>
      JSON.stringify([key, settings, [...reals].sort()]),
    );
    return [...servers.sort(), ...[...this.#entries].sort(), ...[...this.#addrs].sort()].join("\n");
  }

  #applyServer(operation: Extract<IpvsOperation, { server: object; real?: never }>): void {
    const key = virtualServerKey(operation.server);
    const old = this.#servers.get(key);
    must((old === undefined) === (operation.kind === "add-server"), `${key}: EEXIST, ESRCH`);
    if (operation.kind === "delete-server") this.#servers.delete(key);
    else {
      const settings = settingsText(operation.server);
      this.#servers.set(key, { settings, reals: old?.reals ?? new Map() });
    }
  }
}

/** What a kernel holds that was told everything at once. */
export function printIpvsRules({ virtualServers, sets, dummyAddrs }: IpvsProxyRules): string {
  const servers = virtualServers.map((server) => {
    const reals = server.realServers.map(({ addr, port, weight }) => [`${addr}:${port}`, weight]);
    return JSON.stringify([virtualServerKey(server), settingsText(server), reals.sort()]);
  });
  const entries = sets.flatMap(({ name, entries }) => entries.map((e) => `${name} ${e.text}`));
  const addrs = dummyAddrs.map((addr) => addr.toString());
  return [...servers.sort(), ...entries.sort(), ...addrs.sort()].join("\n");
}

function settingsText(server: IpvsProxyRules["virtualServers"][number]): string {
  return JSON.stringify([server.scheduler, server.persistentSeconds, server.schedulerFlags]);
}

function add(set: Set<string>, text: string): void {
  must(!set.has(text), `${text} is new`);
  set.add(text);
}

function must(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(sentence);
}

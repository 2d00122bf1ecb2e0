/** What the create and update paths of Services take addresses and ports from, on a cluster. */
import type { Addr, Family } from "../../addr/index.js";
import type { Allocator, IPFamily } from "../../objects/index.js";
import type { AddressBook } from "./addresses.js";

/** Names a Service. */
export interface ServiceOwner {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Hands out to one Service, from the allocations of a cluster.
 *
 * Laws: what is chosen depends on the Service's name and on what is taken, not on who came before.
 */
export class ServiceShare implements Allocator {
  readonly #book: AddressBook;
  readonly #owner: string;
  /** How many node ports the Service has; each choice is drawn from a stream of its own. */
  #portCount: number;

  constructor(book: AddressBook, { namespace, name }: ServiceOwner, portCount: number) {
    this.#book = book;
    this.#owner = `${namespace}/${name}`;
    this.#portCount = portCount;
  }

  get families(): readonly IPFamily[] {
    return this.#book.serviceFamilies.map((f) => (f === "ip6" ? "IPv6" : "IPv4"));
  }

  takeIp(addr: Addr): void {
    this.#book.takeClusterIP(addr);
  }

  nextIp(family: IPFamily): Addr {
    const word: Family = family === "IPv6" ? "ip6" : "ip4";
    return this.#book.takeAnyClusterIP(word, `cluster-ip/${this.#owner}/${word}`);
  }

  takePort(port: number): void {
    this.#book.takeNodePort(port);
    this.#portCount++;
  }

  nextPort(): number {
    return this.#book.takeAnyNodePort(`node-port/${this.#owner}/${this.#portCount++}`);
  }

  releaseIp(addr: Addr): void {
    this.#book.releaseClusterIP(addr);
  }

  releasePort(port: number): void {
    this.#book.releaseNodePort(port);
  }
}

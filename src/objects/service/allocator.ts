/**
 * What Services are given: cluster IPs out of the Service ranges, node ports out of their range. Who
 * hands out is state of the control plane and stands elsewhere (`cluster`); here is what the create and
 * update paths ask of it, and the transaction in which they take and give back.
 */
import type { Addr } from "../../addr/index.js";
import { assert } from "../../base/index.js";
import { parseOldAddr } from "../check/addresses.js";
import type { IPFamily } from "../kinds/enums.js";

/** What hands out cluster IPs and node ports. */
export interface Allocator {
  /** The families that the cluster has, the primary one first. */
  readonly families: readonly IPFamily[];
  /** Takes an address that was asked for. Errors: `RefusedError` with the server's words. */
  takeIp(addr: Addr): void;
  /** Takes any free address of a family. Errors: `RefusedError` when none is left. */
  nextIp(family: IPFamily): Addr;
  /** Takes a node port that was asked for. Errors: `RefusedError` with the server's words. */
  takePort(port: number): void;
  /** Takes any free node port. Errors: `RefusedError` when none is left. */
  nextPort(): number;
  /** Gives an address back; one that was never taken is ignored. */
  releaseIp(addr: Addr): void;
  /** Gives a node port back; one that was never taken is ignored. */
  releasePort(port: number): void;
}

/**
 * What is taken and given back on behalf of one Service. Things are taken at once and given back at
 * the end; whoever is refused gets back to where it began.
 */
export class Taken {
  readonly #allocator: Allocator;
  readonly #ips: Addr[] = [];
  readonly #ports: number[] = [];
  readonly #oldIps: Addr[] = [];
  readonly #oldPorts: number[] = [];

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /** Takes the address that is wanted, or any of the family where none is. */
  ip(family: IPFamily, wanted: string): string {
    if (wanted === "") {
      const addr = this.#allocator.nextIp(family);
      this.#ips.push(addr);
      return addr.toString();
    }
    const asked = parseOldAddr(wanted);
    assert(asked !== undefined, "an address that is taken was checked before");
    this.#allocator.takeIp(asked);
    this.#ips.push(asked);
    return wanted;
  }

  /** Takes the port that is wanted, or any where it is 0. */
  port(wanted: number): number {
    let port = wanted;
    if (wanted === 0) port = this.#allocator.nextPort();
    else this.#allocator.takePort(wanted);
    this.#ports.push(port);
    return port;
  }

  /** Notes an address that is given back when all goes well. */
  releaseIp(ip: string): void {
    const addr = parseOldAddr(ip);
    if (addr !== undefined) this.#oldIps.push(addr);
  }

  /** Notes a port that is given back when all goes well. */
  releasePort(port: number): void {
    this.#oldPorts.push(port);
  }

  /** Keeps what was taken, and gives back what is of no use any more. */
  commit(): void {
    for (const ip of this.#oldIps) this.#allocator.releaseIp(ip);
    for (const port of this.#oldPorts) this.#allocator.releasePort(port);
  }

  /** Gives back what was taken. */
  revert(): void {
    for (const ip of this.#ips) this.#allocator.releaseIp(ip);
    for (const port of this.#ports) this.#allocator.releasePort(port);
  }
}

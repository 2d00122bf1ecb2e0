/**
 * An allocator for one Service that is looked at and not created: every address is in range, and
 * only its own node ports can collide.
 */
import { type Addr, parseAddr } from "../../addr/index.js";
import { RefusedError } from "../../base/index.js";
import type { IPFamily } from "../kinds/enums.js";
import type { Allocator } from "./allocator.js";

const ANY_IPV4 = parseAddr("192.0.2.1");
const ANY_IPV6 = parseAddr("2001:db8::1");
const FAMILIES: readonly IPFamily[] = ["IPv4", "IPv6"];

/** Hands out placeholders. */
export class ScratchAllocator implements Allocator {
  readonly families = FAMILIES;
  readonly #ports = new Set<number>();
  #next = 40000;

  takeIp(): void {}

  nextIp(family: IPFamily): Addr {
    return family === "IPv4" ? ANY_IPV4 : ANY_IPV6;
  }

  takePort(port: number): void {
    if (port < 1 || port > 65535) {
      throw new RefusedError(
        "EINVAL",
        "provided port is not in the valid range. The range of valid ports is 1-65535",
      );
    }
    if (this.#ports.has(port)) {
      throw new RefusedError("EEXIST", "provided port is already allocated");
    }
    this.#ports.add(port);
  }

  nextPort(): number {
    while (this.#ports.has(this.#next)) this.#next++;
    this.#ports.add(this.#next);
    return this.#next;
  }

  releaseIp(): void {}

  releasePort(): void {}
}

/**
 * What routing learnt of single destinations: a smaller path MTU, or a better gateway.
 */
import type { Addr } from "../../addr/index.js";

interface Exception {
  mtu: number | undefined;
  gateway: Addr | undefined;
  expiresUs: number;
}

/** Linux net/ipv4/route.c `DEFAULT_MTU_EXPIRES`, 10 minutes; `DEFAULT_MIN_PMTU`. */
const EXPIRES_US = 600_000_000;
const MIN_PMTU4 = 552;
/** RFC 8200 §5: every IPv6 link carries packets of this size. */
const MIN_PMTU6 = 1280;

/**
 * Exceptions by destination.
 *
 * Follows: Linux 6.18 net/ipv4/route.c `update_or_create_fnhe`, `__ip_rt_update_pmtu`,
 * `__ip_do_redirect`.
 * Not modelled: exceptions per route: one of a destination holds for every route to it.
 */
export class HopExceptions {
  readonly #byDst = new Map<string, Exception>();

  /** The path MTU learnt for a destination, if one was. */
  mtu(dst: Addr, nowUs: number): number | undefined {
    return this.#byDst.size === 0 ? undefined : this.#find(dst, nowUs)?.mtu;
  }

  /** The gateway a redirect named for a destination, if one did. */
  gateway(dst: Addr, nowUs: number): Addr | undefined {
    return this.#byDst.size === 0 ? undefined : this.#find(dst, nowUs)?.gateway;
  }

  /** Learns a path MTU: only a smaller one than is known, never below the family's minimum. */
  learnMtu(dst: Addr, mtu: number, nowUs: number): void {
    const bounded = Math.max(mtu, dst.family === "ip4" ? MIN_PMTU4 : MIN_PMTU6);
    const entry = this.#get(dst, nowUs);
    if (entry.mtu === undefined || bounded < entry.mtu) entry.mtu = bounded;
  }

  /** Learns a gateway from a redirect. */
  learnGateway(dst: Addr, gateway: Addr, nowUs: number): void {
    this.#get(dst, nowUs).gateway = gateway;
  }

  #find(dst: Addr, nowUs: number): Exception | undefined {
    const entry = this.#byDst.get(dst.key());
    return entry !== undefined && entry.expiresUs > nowUs ? entry : undefined;
  }

  #get(dst: Addr, nowUs: number): Exception {
    let entry = this.#find(dst, nowUs);
    if (entry === undefined) {
      entry = { mtu: undefined, gateway: undefined, expiresUs: 0 };
      this.#byDst.set(dst.key(), entry);
    }
    entry.expiresUs = nowUs + EXPIRES_US;
    return entry;
  }
}

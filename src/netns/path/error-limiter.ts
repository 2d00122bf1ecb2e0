/**
 * How often ICMP errors may be sent to one receiver: a bucket of tokens per receiver.
 */
import type { Addr } from "../../addr/index.js";

interface Bucket {
  tokensUs: number;
  lastUs: number;
}

/** Linux net/ipv4/inetpeer.c `XRLIM_BURST_FACTOR`. */
const BURST = 6;

/**
 * Decides whether one more error may be sent to a receiver.
 *
 * Follows: Linux 6.18 net/ipv4/inetpeer.c `inet_peer_xrlim_allow`.
 * Not modelled: the limit over all receivers (`icmp_msgs_per_sec`), which draws random numbers.
 */
export class ErrorLimiter {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one token worth `intervalUs`; 0 switches the limit off. */
  allow(receiver: Addr, intervalUs: number, nowUs: number): boolean {
    if (intervalUs === 0) return true;
    const key = receiver.key();
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { tokensUs: BURST * intervalUs, lastUs: nowUs };
      this.#buckets.set(key, bucket);
    }
    const grown = bucket.tokensUs + nowUs - bucket.lastUs;
    bucket.tokensUs = Math.min(grown, BURST * intervalUs);
    bucket.lastUs = nowUs;
    if (bucket.tokensUs < intervalUs) return false;
    bucket.tokensUs -= intervalUs;
    return true;
  }
}

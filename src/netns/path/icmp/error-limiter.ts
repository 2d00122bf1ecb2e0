/**
 * How often a receiver is told of errors and better ways: one record per receiver, which the three
 * limits share, so that a redirect can silence an error that follows closely.
 */
import type { Addr } from "../../../addr/index.js";

/** Linux `struct inet_peer`, as far as limits go. */
interface Peer {
  tokensUs: number;
  lastUs: number;
  redirects: number;
}

/** Linux net/ipv4/inetpeer.c `XRLIM_BURST_FACTOR`. */
const BURST = 6;
/** A new peer starts as if nothing was sent to it for this long (`inet_getpeer`). */
const FRESH_US = 60_000_000;
/** Linux net/ipv4/route.c `ip_rt_error_cost` and `ip_rt_error_burst`. */
const ERROR_COST_US = 1_000_000;
const ERROR_BURST_US = 5_000_000;
/** Linux net/ipv4/route.c `ip_rt_redirect_load`, `_number` and `_silence`. */
const REDIRECT_LOAD_US = 20_000;
const REDIRECT_NUMBER = 9;
const REDIRECT_SILENCE_US = 20_480_000;

/**
 * Decides whether one more message may be sent to a receiver.
 *
 * Not modelled: the limit over all receivers (`icmp_msgs_per_sec`), which draws random numbers.
 */
export class ErrorLimiter {
  readonly #peers = new Map<string, Peer>();

  /**
   * An ICMP error at most every `intervalUs`; 0 switches the limit off.
   *
   * Follows: Linux 6.18 net/ipv4/inetpeer.c `inet_peer_xrlim_allow`.
   */
  allow(receiver: Addr, intervalUs: number, nowUs: number): boolean {
    if (intervalUs === 0) return true;
    return take(this.#get(receiver, nowUs), {
      costUs: intervalUs,
      burstUs: BURST * intervalUs,
      nowUs,
    });
  }

  /** An error about a missing route. Follows: Linux 6.18 net/ipv4/route.c `ip_error`. */
  allowRouteError(receiver: Addr, nowUs: number): boolean {
    const peer = this.#get(receiver, nowUs);
    return take(peer, { costUs: ERROR_COST_US, burstUs: ERROR_BURST_US, nowUs });
  }

  /** A redirect. Follows: Linux 6.18 net/ipv4/route.c `ip_rt_send_redirect`. */
  allowRedirect(receiver: Addr, nowUs: number): boolean {
    const peer = this.#get(receiver, nowUs);
    if (nowUs > peer.lastUs + REDIRECT_SILENCE_US) {
      peer.tokensUs = 0;
      peer.redirects = 0;
    }
    if (peer.redirects >= REDIRECT_NUMBER) {
      peer.lastUs = nowUs;
      return false;
    }
    const nextUs = peer.lastUs + REDIRECT_LOAD_US * 2 ** peer.redirects;
    if (peer.redirects > 0 && nowUs <= nextUs) return false;
    peer.lastUs = nowUs;
    peer.redirects++;
    return true;
  }

  #get(receiver: Addr, nowUs: number): Peer {
    const key = receiver.key();
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      peer = { tokensUs: 0, lastUs: nowUs - FRESH_US, redirects: 0 };
      this.#peers.set(key, peer);
    }
    return peer;
  }
}

function take(
  peer: Peer,
  { costUs, burstUs, nowUs }: { costUs: number; burstUs: number; nowUs: number },
): boolean {
  peer.tokensUs = Math.min(peer.tokensUs + nowUs - peer.lastUs, burstUs);
  peer.lastUs = nowUs;
  if (peer.tokensUs < costUs) return false;
  peer.tokensUs -= costUs;
  return true;
}

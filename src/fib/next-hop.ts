/**
 * Which next hop of a route a flow takes: hops that are unusable for it are left out, then one is
 * chosen by the flow's hash, in proportion to the hops' weights.
 *
 * The real hash is keyed with a secret the kernel draws at boot, so nobody can foretell which hop a
 * flow takes; ours has no secret and is the same on every run. Both keep one flow on one hop.
 */
import type { Addr } from "../addr/index.js";
import type { NextHopConfig, RouteConfig } from "./config.js";
import type { Fib } from "./fib.js";
import type { Flow } from "./flow.js";

/** How strictly a next hop is judged. */
export interface HopRules {
  /** The route makes addresses local: those of a link that is down are ours all the same. */
  readonly isLocal?: boolean;
  /** Next hops on links without carrier are taken even where a sysctl forbids it. */
  readonly ignoreLinkState?: boolean;
}

/**
 * Whether a next hop can be taken at all: its link is up, has a carrier where that is asked for, and
 * is the one the flow is bound to (IPv4).
 *
 * Follows: Linux 6.18 net/ipv4/fib_trie.c `fib_lookup_good_nhc`; net/ipv6/route.c `find_match`;
 * net/ipv4/fib_semantics.c `fib_sync_down_dev`, which leaves local routes alone.
 */
export function isUsableHop(
  fib: Fib,
  hop: NextHopConfig,
  oif: string | undefined,
  rules: HopRules = {},
): boolean {
  if (rules.isLocal !== true && isDead(fib, hop)) return false;
  if (!rules.ignoreLinkState && isIgnored(fib, hop)) return false;
  return oif === undefined || oif === hop.link;
}

function isDead(fib: Fib, hop: NextHopConfig): boolean {
  if (hop.dead) return true;
  return hop.link !== undefined && fib.link(hop.link)?.up === false;
}

function isLinkDown(fib: Fib, hop: NextHopConfig): boolean {
  if (hop.linkdown) return true;
  return hop.link !== undefined && fib.link(hop.link)?.carrier === false;
}

function isIgnored(fib: Fib, hop: NextHopConfig): boolean {
  return (
    hop.link !== undefined &&
    isLinkDown(fib, hop) &&
    fib.sysctls.either(hop.link, "ignore_routes_with_linkdown")
  );
}

/**
 * Chooses one of several next hops of equal cost.
 *
 * Shape: the first hop whose share of the hash space holds the flow's hash; a hop whose own source
 * address is the one the packet has goes before others (`sources`, absent for packets that came in).
 * Follows: Linux 6.18 net/ipv4/fib_semantics.c `fib_select_multipath`, `fib_rebalance`.
 * Not modelled: `fib_multipath_use_neigh`; hash policies 2 and 3.
 */
export function chooseHop(
  fib: Fib,
  route: RouteConfig,
  flow: Flow,
  sources?: (hop: NextHopConfig) => Addr | undefined,
): NextHopConfig | undefined {
  const bounds = upperBounds(fib, route);
  const hash = hashFlow(fib, flow);
  let best: NextHopConfig | undefined;
  let bestScore = -1;
  for (const [i, hop] of route.nextHops.entries()) {
    const bound = bounds[i] as number;
    if (bound < 0) continue;
    const hasSource = flow.src !== undefined && sources?.(hop)?.equals(flow.src) === true;
    const score = (hasSource ? 2 : 0) + (hash <= bound ? 1 : 0);
    if (score <= bestScore) continue;
    best = hop;
    bestScore = score;
    if (score === 3 || (score === 1 && sources === undefined)) break;
    if (score === 1 && flow.src === undefined) break;
  }
  return best;
}

/** The highest hash each hop takes, of 2^31; below zero for hops that take none. */
function upperBounds(fib: Fib, route: RouteConfig): number[] {
  const usable = route.nextHops.map((hop) => !isDead(fib, hop) && !isIgnored(fib, hop));
  const total = route.nextHops.reduce((sum, hop, i) => sum + (usable[i] ? hop.weight : 0), 0);
  let weight = 0;
  return route.nextHops.map((hop, i) => {
    if (!usable[i]) return -1;
    weight += hop.weight;
    return Math.round((weight * 2 ** 31) / total) - 1;
  });
}

/**
 * A flow's hash, from 0 to 2^31 - 1, over what `fib_multipath_hash_policy` names: the addresses
 * (policy 0), or also protocol and ports (policy 1).
 */
export function hashFlow(fib: Fib, flow: Flow): number {
  const family = flow.dst.family === "ip4" ? "ipv4" : "ipv6";
  const policy = fib.sysctls.get(`net.${family}.fib_multipath_hash_policy`);
  let hash = mixAddr(mixAddr(0x811c9dc5, flow.src), flow.dst);
  if (policy === 1) {
    hash = mix(mix(mix(hash, flow.protocol ?? 0), flow.sport ?? 0), flow.dport ?? 0);
  }
  return finish(hash) >>> 1;
}

function mixAddr(hash: number, addr: Addr | undefined): number {
  if (addr === undefined) return mix(hash, 0);
  return mix(mix(mix(mix(hash, addr.s0), addr.s1), addr.s2), addr.s3);
}

/** One round of MurmurHash3 over a word. */
function mix(hash: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const mixed = hash ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const LOCAL: HopRules = { isLocal: true };
const LOCAL_WHATEVER_STATE: HopRules = { isLocal: true, ignoreLinkState: true };

/** How strictly the next hops of a route are judged: a local one's need no link that is up. */
export function rulesFor({ kind }: RouteConfig, rules: HopRules): HopRules {
  if (kind !== "local") return rules;
  return rules.ignoreLinkState ? LOCAL_WHATEVER_STATE : LOCAL;
}

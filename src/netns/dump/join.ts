/**
 * Which veth ends of different namespaces belong together. `ip link` tells of each end its own index
 * and the far end's, but not the far end's namespace by a name that others know.
 */
import type { VethPeer } from "../../link/index.js";

/** What of a device of `ip -j link` tells about its far end. */
export interface JoinableLink {
  readonly ifname?: unknown;
  readonly ifindex?: unknown;
  readonly link_index?: unknown;
  readonly link_netnsid?: unknown;
}

interface End {
  readonly netns: string;
  readonly link: string;
  readonly index: number;
  readonly far: number;
}

/**
 * Joins the ends that name each other's index, where exactly one other end fits.
 *
 * Returns: for each namespace, the far ends by the near end's name.
 * Not modelled: ends for which several others fit; they stay without a far end.
 */
export function joinVeths(
  netnses: ReadonlyMap<string, readonly JoinableLink[]>,
): ReadonlyMap<string, ReadonlyMap<string, VethPeer>> {
  const ends = [...netnses].flatMap(([netns, links]) => endsOf(netns, links));
  const byIndices = new Map<string, End[]>();
  for (const end of ends) {
    const key = `${end.index} ${end.far}`;
    byIndices.set(key, [...(byIndices.get(key) ?? []), end]);
  }
  const joined = new Map<string, Map<string, VethPeer>>();
  for (const end of ends) {
    const fitting = byIndices.get(`${end.far} ${end.index}`) ?? [];
    const others = fitting.filter((other) => other.netns !== end.netns);
    const peer = others[0];
    if (peer === undefined || others.length > 1) continue;
    const own = joined.get(end.netns) ?? new Map<string, VethPeer>();
    joined.set(end.netns, own.set(end.link, { netns: peer.netns, link: peer.link }));
  }
  return joined;
}

function endsOf(netns: string, links: readonly JoinableLink[]): End[] {
  return links.flatMap((link) => {
    const { ifname, ifindex, link_index: far, link_netnsid: id } = link;
    const isEnd = typeof ifname === "string" && typeof ifindex === "number";
    if (!isEnd || typeof far !== "number" || id === undefined) return [];
    return [{ netns, link: ifname, index: ifindex, far }];
  });
}

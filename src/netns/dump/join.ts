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

/** What one namespace tells about the far ends of its links. */
export interface JoinableNetns {
  readonly links: readonly JoinableLink[];
  /** `ip -j netns list-id`. */
  readonly ids?: unknown;
  /** What others call it. */
  readonly name?: string;
}

interface End {
  readonly netns: string;
  readonly link: string;
  readonly index: number;
  readonly far: number;
  /** What its own namespace is called, and what it calls the one of the far end; where that is told. */
  readonly own: string | undefined;
  readonly there: string | undefined;
}

/**
 * Joins the ends that name each other's index. Where several others fit, the names of namespaces tell
 * which it is, or else that they come from one machine (`node-1`, `node-1/web-0`).
 *
 * Returns: for each namespace, the far ends by the near end's name.
 * Not modelled: ends for which several others fit all the same; they stay without a far end.
 */
export function joinVeths(
  netnses: ReadonlyMap<string, JoinableNetns>,
): ReadonlyMap<string, ReadonlyMap<string, VethPeer>> {
  const ends = [...netnses].flatMap(([netns, told]) => endsOf(netns, told));
  const byIndices = new Map<string, End[]>();
  for (const end of ends) {
    const key = `${end.index} ${end.far}`;
    byIndices.set(key, [...(byIndices.get(key) ?? []), end]);
  }
  const joined = new Map<string, Map<string, VethPeer>>();
  for (const end of ends) {
    const others = (byIndices.get(`${end.far} ${end.index}`) ?? []).filter((other) => {
      return other.netns !== end.netns && canBe(end, other) && canBe(other, end);
    });
    const near = others.filter((other) => machineOf(other) === machineOf(end));
    const [peer, another] = near.length > 0 ? near : others;
    if (peer === undefined || another !== undefined) continue;
    const own = joined.get(end.netns) ?? new Map<string, VethPeer>();
    joined.set(end.netns, own.set(end.link, { netns: peer.netns, link: peer.link }));
  }
  return joined;
}

function canBe(end: End, other: End): boolean {
  return end.there === undefined || other.own === undefined || end.there === other.own;
}

function machineOf({ netns }: End): string {
  return netns.split("/")[0] as string;
}

function endsOf(netns: string, { links, ids, name }: JoinableNetns): End[] {
  const own = name === undefined || name === "" ? undefined : name;
  return links.flatMap((link) => {
    const { ifname, ifindex, link_index: far, link_netnsid: id } = link;
    const isEnd = typeof ifname === "string" && typeof ifindex === "number";
    if (!isEnd || typeof far !== "number" || id === undefined) return [];
    return [{ netns, link: ifname, index: ifindex, far, own, there: nameOf(ids, id) }];
  });
}

/** What `ip netns list-id` says is called by a number. */
function nameOf(ids: unknown, id: unknown): string | undefined {
  if (!Array.isArray(ids)) return undefined;
  const found: unknown = ids.find((one) => (one as { nsid?: unknown } | null)?.nsid === id);
  const name = (found as { name?: unknown } | undefined)?.name;
  return typeof name === "string" ? name : undefined;
}

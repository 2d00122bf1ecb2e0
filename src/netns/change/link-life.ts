/** Links that end, get another name, another master. */
import type { LinkConfig } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";
import type { Changing, LinkPlace } from "./changing.js";
import { dropIp6, dropRoutes4 } from "./kernel-made.js";
import { setLinkDown, setLinkUp, updateBridge } from "./link-state.js";

/**
 * A link ends, and with one end of a veth pair the other.
 *
 * Follows: Linux 6.18 net/core/dev.c `unregister_netdevice_many`, drivers/net/veth.c `veth_dellink`.
 */
export function deleteLink(changing: Changing, place: LinkPlace): void {
  const peer = changing.peer(place);
  unregister(changing, place);
  if (peer !== undefined) unregister(changing, peer);
}

function unregister(changing: Changing, place: LinkPlace): void {
  const { netns, link } = place;
  const config = changing.link(netns, link);
  if (config === undefined) return;
  setLinkDown(changing, place);
  dropRoutes4(changing, place, true);
  dropIp6(changing, place, false);
  for (const port of changing.ports(place)) {
    const { master: _master, port: _flags, ...free } = port;
    changing.update(netns, {
      links: changing.get(netns).links.map((l) => (l.name === port.name ? free : l)),
    });
  }
  const { links, fdb } = changing.get(netns);
  changing.update(netns, {
    links: links.filter((l) => l.name !== link),
    fdb: fdb.filter((e) => e.link !== link && e.master !== link),
  });
  changing.keepNeighbors(netns, (n) => n.link !== link);
  if (config.master !== undefined) updateBridge(changing, { netns, link: config.master });
}

/** A namespace ends: its links do, and the far ends of its veth pairs. */
export function deleteNetns(changing: Changing, netns: string): void {
  for (const { name } of [...changing.get(netns).links]) {
    if (changing.link(netns, name) !== undefined) deleteLink(changing, { netns, link: name });
  }
  changing.remove(netns);
}

/** A link gets another name; addresses, routes and neighbours follow it, rules keep the name they know. */
export function renameLink(changing: Changing, place: LinkPlace, name: string): void {
  const { netns, link } = place;
  const peer = changing.peer(place);
  const rename = (old: string) => (old === link ? name : old);
  const config = changing.get(netns);
  changing.update(netns, renamed(config, rename));
  if (peer === undefined) return;
  const there = changing.link(peer.netns, peer.link);
  if (there?.kind.kind !== "veth" || there.kind.peer === undefined) return;
  changing.updateLink(peer, { kind: { kind: "veth", peer: { ...there.kind.peer, link: name } } });
}

function renamed(config: NetnsConfig, rename: (name: string) => string): Partial<NetnsConfig> {
  return {
    links: config.links.map((l) => ({
      ...l,
      name: rename(l.name),
      ...(l.master === undefined ? {} : { master: rename(l.master) }),
    })),
    routes: config.routes.map((r) => ({
      ...r,
      nextHops: r.nextHops.map((h) => (h.link === undefined ? h : { ...h, link: rename(h.link) })),
    })),
    neighbors: config.neighbors.map((n) => ({ ...n, link: rename(n.link) })),
    fdb: config.fdb.map((e) => ({
      ...e,
      link: rename(e.link),
      ...(e.master === undefined ? {} : { master: rename(e.master) }),
    })),
  };
}

/** A link becomes a port of a bridge, or of none. */
export function setMaster(changing: Changing, place: LinkPlace, master: string | undefined): void {
  const { netns, link } = place;
  const config = changing.link(netns, link);
  if (config === undefined) return;
  const { master: before, port: _port, ...free } = config;
  const next: LinkConfig =
    master === undefined ? free : { ...free, master, port: { ...PORT_DEFAULTS } };
  const { links, fdb } = changing.get(netns);
  changing.update(netns, {
    links: links.map((l) => (l.name === link ? next : l)),
    fdb: fdb.filter((e) => e.link !== link || e.self),
  });
  for (const bridge of [before, master]) {
    if (bridge !== undefined) updateBridge(changing, { netns, link: bridge });
  }
}

const PORT_DEFAULTS = { hairpin: false, isolated: false, learning: true, flood: true } as const;

export { setLinkDown, setLinkUp };

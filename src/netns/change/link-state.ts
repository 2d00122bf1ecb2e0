/**
 * Links going up and down: what it does to addresses, routes and neighbours here, to the carrier of the
 * far end, and to the bridge that one of them is a port of.
 */
import { isLinkDownRoute } from "./carrier.js";
import type { Changing, LinkPlace } from "./changing.js";
import { addLinkLocal, addMissingRoutes, doesIp6, dropIp6, dropRoutes4 } from "./kernel-made.js";

/**
 * A link goes down.
 *
 * Follows: Linux 6.18 net/core/dev.c `dev_close`; net/ipv4/fib_frontend.c `fib_netdev_event`,
 * net/ipv6/addrconf.c `addrconf_notify`, net/core/neighbour.c `neigh_ifdown`.
 */
export function setLinkDown(changing: Changing, place: LinkPlace): void {
  const { netns, link } = place;
  if (changing.link(netns, link)?.up !== true) return;
  changing.updateLink(place, { up: false, carrier: false });
  dropRoutes4(changing, place, false);
  const keeps = changing.sysctls(netns).ofLink6(link, "keep_addr_on_down") > 0;
  dropIp6(changing, place, keeps);
  changing.keepNeighbors(netns, (n) => n.link !== link || n.proxy === true);
  const peer = changing.peer(place);
  if (peer !== undefined) setCarrier(changing, peer, false);
  updateMaster(changing, place);
}

/**
 * A link comes up: the routes of its addresses come back, others do not.
 *
 * Follows: Linux 6.18 net/core/dev.c `dev_open`; net/ipv4/fib_frontend.c `fib_netdev_event`
 * (NETDEV_UP), net/ipv6/addrconf.c `addrconf_notify`.
 */
export function setLinkUp(changing: Changing, place: LinkPlace): void {
  const { netns, link } = place;
  const config = changing.link(netns, link);
  if (config === undefined || config.up) return;
  const peer = changing.peer(place);
  const isPeerUp = peer === undefined || changing.link(peer.netns, peer.link)?.up === true;
  const carrier = config.kind.kind === "bridge" ? hasLivePort(changing, place) : isPeerUp;
  changing.updateLink(place, { up: true, carrier });
  revive(changing, place);
  addLinkLocal(changing, place);
  addMissingRoutes(changing, place);
  changing.cameUp.push(place);
  if (peer !== undefined && isPeerUp) setCarrier(changing, peer, true);
  updateMaster(changing, place);
}

/** The far end, or the last port, went away or came back. */
function setCarrier(changing: Changing, place: LinkPlace, carrier: boolean): void {
  const { netns, link } = place;
  const config = changing.link(netns, link);
  if (config === undefined || !config.up || (config.carrier ?? config.up) === carrier) return;
  changing.updateLink(place, { carrier });
  const routes = changing.get(netns).routes.map((r) => isLinkDownRoute(r, link, !carrier));
  changing.update(netns, { routes });
  // What was set by hand stays (`neigh_carrier_down`).
  if (!carrier) {
    changing.keepNeighbors(netns, (n) => n.link !== link || n.state === "permanent" || !!n.proxy);
  }
  updateMaster(changing, place);
}

/** A bridge has a carrier as long as one of its ports has. */
export function updateMaster(changing: Changing, { netns, link }: LinkPlace): void {
  const master = changing.link(netns, changing.link(netns, link)?.master);
  if (master?.kind.kind === "bridge") updateBridge(changing, { netns, link: master.name });
}

/** Looks again whether a bridge has a carrier. */
export function updateBridge(changing: Changing, place: LinkPlace): void {
  setCarrier(changing, place, hasLivePort(changing, place));
}

function hasLivePort(changing: Changing, place: LinkPlace): boolean {
  return changing.ports(place).some((port) => port.up && (port.carrier ?? port.up));
}

function revive(changing: Changing, { netns, link }: LinkPlace): void {
  const routes = changing.get(netns).routes.map((route) => ({
    ...route,
    nextHops: route.nextHops.map(({ dead, ...hop }) =>
      dead === true && hop.link !== link ? { ...hop, dead } : hop,
    ),
  }));
  changing.update(netns, { routes });
}

/** Smallest and largest MTU by kind of link (Linux `dev->min_mtu`, `dev->max_mtu`); 0: no limit. */
const MTU_LIMITS: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  veth: { min: 68, max: 65535 },
  bridge: { min: 68, max: 65535 },
  vxlan: { min: 68, max: 65535 },
  ipip: { min: 68, max: 65515 },
  physical: { min: 68, max: 65535 },
};

/**
 * Sets the MTU of a link. Returns ip(8)'s error, if there is one.
 *
 * Follows: Linux 6.18 net/core/dev.c `dev_validate_mtu`, net/ipv6/addrconf.c `addrconf_notify`
 * (NETDEV_CHANGEMTU).
 */
export function setMtu(changing: Changing, place: LinkPlace, mtu: number): string | undefined {
  const config = changing.link(place.netns, place.link);
  if (config === undefined) return undefined;
  const { min, max } = MTU_LIMITS[config.kind.kind] ?? { min: 0, max: 0 };
  if (mtu < min) return "Error: mtu less than device minimum.";
  if (max > 0 && mtu > max) return "Error: mtu greater than device maximum.";
  const did = doesIp6(changing, place);
  changing.updateLink(place, { mtu });
  const does = doesIp6(changing, place);
  if (did && !does) dropIp6(changing, place, false);
  if (!did && does && config.up) {
    addLinkLocal(changing, place);
    addMissingRoutes(changing, place);
  }
  return undefined;
}

/** Addresses that are set and taken away. */
import type { Addr, LinkAddr } from "../../addr/index.js";
import type { AddressConfig } from "../../link/index.js";
import { type Changing, hasAddr, type LinkPlace } from "./changing.js";
import { changeAddresses, doesIp6, dropRoutes4 } from "./kernel-made.js";

const NO_IP6 = "Error: ipv6: IPv6 is disabled on this device.";

/**
 * Sets an address. Returns ip(8)'s error, if there is one.
 *
 * Follows: Linux 6.18 net/ipv4/devinet.c `__inet_insert_ifa`; net/ipv6/addrconf.c `inet6_addr_add`.
 */
export function addAddress(
  changing: Changing,
  place: LinkPlace,
  added: AddressConfig,
): string | undefined {
  const addresses = changing.link(place.netns, place.link)?.addresses ?? [];
  const { address } = added;
  if (address.family === "ip6" && !doesIp6(changing, place)) return NO_IP6;
  const isSame = ({ address: a }: AddressConfig) =>
    address.family === "ip4" ? a.equals(address) : a.addr.equals(address.addr);
  if (addresses.some(isSame)) {
    return address.family === "ip4"
      ? "Error: ipv4: Address already assigned."
      : "Error: ipv6: address already assigned.";
  }
  changeAddresses(changing, place, [...addresses, added]);
  return undefined;
}

/**
 * Takes an address away; with the first of a subnet the others go as well, unless they are promoted.
 *
 * Returns: ip(8)'s error, if there is one.
 * Follows: Linux 6.18 net/ipv4/devinet.c `__inet_del_ifa`, net/ipv4/fib_frontend.c
 * `fib_inetaddr_event`; net/ipv6/addrconf.c `inet6_addr_del`.
 */
export function deleteAddress(
  changing: Changing,
  place: LinkPlace,
  gone: LinkAddr,
): string | undefined {
  const addresses = changing.link(place.netns, place.link)?.addresses ?? [];
  const { family } = gone;
  if (family === "ip6" && !doesIp6(changing, place)) return NO_IP6;
  const at = addresses.findIndex(({ address }) => address.equals(gone));
  if (at < 0) {
    return family === "ip4" ? "Error: ipv4: Address not found." : "Error: ipv6: address not found.";
  }
  const kept = family === "ip4" ? withoutPrimary(changing, place, at) : without(addresses, at);
  const lost = addresses.filter((a) => !kept.includes(a)).map((a) => a.address.addr);
  changeAddresses(changing, place, kept);
  for (const addr of lost) forgetSource(changing, place.netns, addr);
  if (family === "ip4" && !kept.some((a) => a.address.family === "ip4")) {
    dropRoutes4(changing, place, true);
    changing.keepNeighbors(
      place.netns,
      (n) => n.link !== place.link || n.addr.family !== "ip4" || n.proxy === true,
    );
  }
  return undefined;
}

function without(addresses: readonly AddressConfig[], at: number): AddressConfig[] {
  return addresses.filter((_, i) => i !== at);
}

function withoutPrimary(changing: Changing, place: LinkPlace, at: number): AddressConfig[] {
  const addresses = changing.link(place.netns, place.link)?.addresses ?? [];
  const gone = addresses[at] as AddressConfig;
  const isSibling = (a: AddressConfig) =>
    a.address.family === "ip4" &&
    a.address.bits === gone.address.bits &&
    a.address.prefix().contains(gone.address.addr);
  const isPrimary = addresses.findIndex(isSibling) === at;
  const promotes = changing.sysctls(place.netns).either(place.link, "promote_secondaries");
  if (!isPrimary || promotes) return without(addresses, at);
  return addresses.filter((a) => !isSibling(a));
}

/** Routes that would send from an address that is gone (`fib_sync_down_addr`, `rt6_remove_prefsrc`). */
function forgetSource(changing: Changing, netns: string, addr: Addr): void {
  if (hasAddr(changing.get(netns), addr)) return;
  if (addr.family === "ip4") {
    changing.keepRoutes(netns, (r) => r.family === "ip6" || r.src?.equals(addr) !== true);
    return;
  }
  const routes = changing.get(netns).routes.map((route) => {
    if (route.src?.equals(addr) !== true) return route;
    const { src: _src, ...rest } = route;
    return rest;
  });
  changing.update(netns, { routes });
}

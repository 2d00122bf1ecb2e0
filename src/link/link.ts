/**
 * A running link: the configuration of one network device together with what changes while the
 * namespace runs (up, carrier, MTU). `link-table.ts` holds all links of a namespace.
 */
import type { Addr, Family, Mac } from "../addr/index.js";
import type { AddressConfig, LinkConfig, LinkIndex, LinkKind } from "./config.js";

/** One device of a running namespace. Mutable: it belongs to one `LinkTable`. */
export interface Link {
  readonly index: LinkIndex;
  readonly name: string;
  readonly kind: LinkKind;
  readonly mac: Mac | undefined;
  mtu: number;
  /** Administratively up. */
  up: boolean;
  /** The far end is up as well. */
  carrier: boolean;
  /** The bridge or VRF it is a port of. */
  master: string | undefined;
  addresses: readonly AddressConfig[];
  readonly config: LinkConfig;
}

/** Makes the running form of a configured link. */
export function createLink(config: LinkConfig): Link {
  return {
    index: config.index,
    name: config.name,
    kind: config.kind,
    mac: config.mac,
    mtu: config.mtu,
    up: config.up,
    carrier: config.carrier ?? config.up,
    master: config.master,
    addresses: config.addresses,
    config,
  };
}

/**
 * Tells whether neighbours on a link have link-layer addresses that must be asked for.
 *
 * Follows: Linux `IFF_NOARP` and `IFF_LOOPBACK`; tunnels and WireGuard devices have none.
 */
export function usesNeighbors(link: Link): boolean {
  switch (link.kind.kind) {
    case "loopback":
    case "ipip":
    case "wireguard":
    case "vrf":
      return false;
    default:
      return link.mac !== undefined;
  }
}

/**
 * Chooses a source address on one link for a destination: an address whose subnet holds it, else
 * the first one whose scope is not narrower than asked for.
 *
 * Follows: Linux net/ipv4/devinet.c `inet_select_addr` (the part for one device).
 */
export function selectAddr(
  link: Link,
  family: Family,
  dst: Addr | undefined,
  widestScope: AddressConfig["scope"],
): Addr | undefined {
  let first: Addr | undefined;
  for (const { address, scope } of link.addresses) {
    if (address.addr.family !== family || SCOPE_RANK[scope] > SCOPE_RANK[widestScope]) continue;
    if (dst === undefined || address.prefix().contains(dst)) return address.addr;
    first ??= address.addr;
  }
  return first;
}

/** include/uapi/linux/rtnetlink.h `rt_scope_t`: the higher, the narrower. */
const SCOPE_RANK = { global: 0, site: 200, link: 253, host: 254 } as const;

/**
 * The links of one network namespace as plain data: what `ip -d link`, `bridge -d link`,
 * `ip address`, `ip neighbour` and `bridge fdb` would show. Running links are in the rest of this folder.
 */
import type { Addr, LinkAddr, Mac } from "../addr/index.js";
import type { Origin } from "../base/index.js";

/** The device's number, from 1. */
export type LinkIndex = number;

/** One network device. */
export interface LinkConfig {
  readonly index: LinkIndex;
  readonly name: string;
  /** Absent on devices without a link-layer address (loopback, tunnels). */
  readonly mac?: Mac;
  /** Largest network-layer packet, bytes. */
  readonly mtu: number;
  /** Administratively up. */
  readonly up: boolean;
  /** The far end is up as well (`LOWER_UP`); default: as `up`. */
  readonly carrier?: boolean;
  /** It takes frames for everybody (`IFF_PROMISC`). */
  readonly promiscuous?: boolean;
  /** Device group, by name or number; absent: `default`, which is 0. */
  readonly group?: string;
  readonly kind: LinkKind;
  /** Name of the bridge (or VRF) this link is a port of. */
  readonly master?: string;
  /** How the bridge treats this port; absent unless the master is a bridge. */
  readonly port?: BridgePort;
  /** Addresses in the order they were set: the first of a subnet is its primary one. */
  readonly addresses: readonly AddressConfig[];
  readonly origin?: Origin;
}

/** What kind of device a link is. */
export type LinkKind =
  | { readonly kind: "loopback" }
  | { readonly kind: "veth"; readonly peer?: VethPeer }
  | {
      readonly kind: "bridge";
      readonly ageingUs?: number;
      readonly stp?: boolean;
      readonly vlanFiltering?: boolean;
    }
  | VxlanKind
  | { readonly kind: "dummy" }
  | IpipKind
  | { readonly kind: "wireguard" }
  | { readonly kind: "vrf"; readonly table: number }
  /** A physical device: what is at its other end only the fabric knows. */
  | { readonly kind: "physical" }
  | { readonly kind: "unknown"; readonly name: string };

/** The far end of a veth pair. */
export interface VethPeer {
  /** Namespace name in the fabric; absent: the same namespace. */
  readonly netns?: string;
  readonly link: string;
}

/** A VXLAN device (Linux `drivers/net/vxlan`). */
export interface VxlanKind {
  readonly kind: "vxlan";
  readonly vni: number;
  /** Outer source address, if fixed. */
  readonly local?: Addr;
  /** Link the outer packets leave by, if fixed. */
  readonly dev?: string;
  readonly port: number;
  /** `nolearning` absent. */
  readonly learning: boolean;
  /** Default remote or group. */
  readonly remote?: Addr;
  readonly ttl?: number;
  /** Outer don't-fragment: `unset` (default), `set`, `inherit`. */
  readonly df?: "unset" | "set" | "inherit";
  readonly udpChecksum?: boolean;
}

/** An IP-in-IP device. */
export interface IpipKind {
  readonly kind: "ipip";
  readonly local?: Addr;
  readonly remote?: Addr;
  readonly ttl?: number;
  readonly pmtuDiscovery?: boolean;
}

/** Bridge port flags (`bridge -d link`). */
export interface BridgePort {
  readonly hairpin: boolean;
  readonly isolated: boolean;
  readonly learning: boolean;
  readonly flood: boolean;
  readonly neighSuppress?: boolean;
  /** `forwarding` unless spanning tree or an operator says otherwise. */
  readonly state?: "disabled" | "listening" | "learning" | "forwarding" | "blocking";
}

/** An address on a link. */
export interface AddressConfig {
  readonly address: LinkAddr;
  readonly scope: "global" | "link" | "host" | "site";
  /** Far end of a point-to-point address. */
  readonly peer?: LinkAddr;
  readonly broadcast?: Addr;
  readonly label?: string;
  /** IPv6 duplicate address detection has not finished, or was switched off. */
  readonly tentative?: boolean;
  readonly nodad?: boolean;
  readonly noprefixroute?: boolean;
  readonly deprecated?: boolean;
  readonly origin?: Origin;
}

/** An entry of the ARP or neighbour table. */
export interface NeighborConfig {
  readonly addr: Addr;
  readonly link: string;
  readonly mac?: Mac;
  readonly state:
    | "permanent"
    | "noarp"
    | "reachable"
    | "stale"
    | "delay"
    | "probe"
    | "failed"
    | "incomplete";
  /** `ip neigh add proxy`. */
  readonly proxy?: boolean;
  readonly origin?: Origin;
}

/** An entry of a bridge's or VXLAN device's forwarding database. */
export interface FdbConfig {
  readonly mac: Mac;
  /** Bridge port, or the VXLAN device itself. */
  readonly link: string;
  /** `self`: the device's own table (VXLAN); otherwise the table of the bridge `link` is a port of. */
  readonly self: boolean;
  readonly master?: string;
  /** VXLAN: the tunnel end. */
  readonly dst?: Addr;
  readonly port?: number;
  readonly vni?: number;
  /** VXLAN: the link that outer packets leave by; absent: whichever their route names. */
  readonly via?: string;
  readonly state: "permanent" | "static" | "reachable" | "stale";
  readonly vlan?: number;
  readonly origin?: Origin;
}

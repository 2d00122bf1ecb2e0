/**
 * A VXLAN device: which tunnel end a link-layer address is behind, and the outer packet's ports.
 * Building and sending the outer packet needs routes, so `netns` does it.
 */
import type { Addr, Family, Mac } from "../addr/index.js";
import type { FdbConfig, VxlanKind } from "./config.js";
import type { Link } from "./link.js";

/** A tunnel end. */
export interface VxlanRemote {
  readonly addr: Addr;
  readonly port: number;
  readonly vni: number;
  /** The link that the outer packet leaves by; only the device's default remote has one of itself. */
  readonly via?: string;
}

/** Linux drivers/net/vxlan `FDB_AGE_DEFAULT`, 300 s. */
const AGEING_US = 300_000_000;

/** The entry of all-zero address: where frames go that no other entry is for. */
const DEFAULT_KEY = "default";

interface LearntRemote {
  readonly remote: VxlanRemote;
  seenUs: number;
}

/**
 * The forwarding database of one VXLAN device.
 *
 * Follows: Linux 6.18 drivers/net/vxlan/vxlan_core.c `vxlan_xmit`, `vxlan_snoop`.
 * Not modelled: ARP suppression by the device (`proxy`, `l2miss`), multicast groups.
 */
export class VxlanDevice {
  readonly link: Link;
  readonly kind: VxlanKind;
  /** Family of the outer packets: that of its addresses, IPv4 if it has none (`VXLAN_F_IPV6`). */
  readonly family: Family;
  readonly #fixed = new Map<string, VxlanRemote[]>();
  readonly #learnt = new Map<string, LearntRemote>();

  constructor(link: Link, kind: VxlanKind, fdb: readonly FdbConfig[]) {
    this.link = link;
    this.kind = kind;
    this.family = (kind.local ?? kind.remote)?.family ?? "ip4";
    for (const entry of fdb) {
      if (entry.link !== link.name || entry.dst === undefined) continue;
      const key = entry.mac.isZero() ? DEFAULT_KEY : entry.mac.key();
      const { via } = entry;
      const remote = this.#remote(entry.dst, entry.port, entry.vni);
      this.#add(key, via === undefined ? remote : { ...remote, via });
    }
    // A dump lists the default remote as an entry of its own; a built configuration need not.
    if (kind.remote !== undefined && !this.#fixed.has(DEFAULT_KEY)) {
      const via = kind.dev === undefined ? {} : { via: kind.dev };
      this.#add(DEFAULT_KEY, { ...this.#remote(kind.remote), ...via });
    }
  }

  /** The tunnel ends a frame for this address goes to: none means that it is dropped. */
  remotes(dst: Mac, nowUs: number): readonly VxlanRemote[] {
    const key = dst.key();
    const fixed = this.#fixed.get(key);
    if (fixed !== undefined) return fixed;
    const learnt = this.#learnt.get(key);
    if (learnt !== undefined && nowUs - learnt.seenUs <= AGEING_US) return [learnt.remote];
    return this.#fixed.get(DEFAULT_KEY) ?? [];
  }

  /** Learns from a frame that came out of the tunnel. */
  learn(src: Mac, outerSrc: Addr, nowUs: number): void {
    if (!this.kind.learning || this.#fixed.has(src.key())) return;
    this.#learnt.set(src.key(), { remote: this.#remote(outerSrc), seenUs: nowUs });
  }

  #remote(addr: Addr, port = this.kind.port, vni = this.kind.vni): VxlanRemote {
    return { addr, port, vni };
  }

  #add(key: string, remote: VxlanRemote): void {
    const list = this.#fixed.get(key);
    if (list === undefined) this.#fixed.set(key, [remote]);
    else list.push(remote);
  }
}

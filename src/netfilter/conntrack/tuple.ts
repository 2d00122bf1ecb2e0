/** The five fields that name one direction of a connection (`struct nf_conntrack_tuple`). */
import type { Addr, Family } from "../../addr/index.js";

/**
 * One direction of a connection. For ICMP echo and its like `sport` and `dport` both hold the
 * identifier, and `icmp` the type and code; for protocols without ports both ports are 0.
 */
export interface Tuple {
  readonly family: Family;
  /** IP protocol number. */
  readonly protocol: number;
  readonly src: Addr;
  readonly dst: Addr;
  readonly sport: number;
  readonly dport: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** `ct zone`; 0 by default. */
  readonly zone: number;
}

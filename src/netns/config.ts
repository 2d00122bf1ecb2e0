/**
 * `NetnsConfig`: everything one kernel would be configured with, for one network namespace. It is the
 * narrow waist of kubewire: compilers make it, dumps are parsed into it, the kernel model and the
 * printers read it. Plain data only.
 */
import type { Addr } from "../addr/index.js";
import type { Origin } from "../base/index.js";
import type { FibRuleConfig, RouteConfig } from "../fib/index.js";
import type { IpvsConfig } from "../ipvs/index.js";
import type { FdbConfig, LinkConfig, NeighborConfig } from "../link/index.js";
import type { IpsetConfig, IptablesRuleset, NftRuleset } from "../netfilter/index.js";

/** The configuration of one network namespace. */
export interface NetnsConfig {
  /** Unique in its fabric: a node's name, or `namespace/pod`. */
  readonly name: string;
  readonly links: readonly LinkConfig[];
  /** All tables, both families, in the order the kernel keeps them. */
  readonly routes: readonly RouteConfig[];
  /** Both families, by priority. */
  readonly rules: readonly FibRuleConfig[];
  readonly neighbors: readonly NeighborConfig[];
  readonly fdb: readonly FdbConfig[];
  /** `net.ipv4.ip_forward` → "1". What is absent has the kernel's default. */
  readonly sysctls: ReadonlyMap<string, string>;
  readonly iptables: IptablesRuleset;
  readonly ip6tables: IptablesRuleset;
  readonly nftables: NftRuleset;
  readonly ipsets: readonly IpsetConfig[];
  /** Absent: IPVS is not in use. */
  readonly ipvs?: IpvsConfig;
  readonly listeners: readonly Listener[];
  /** What a dump held and we did not model, by name and place. */
  readonly unmodelled: readonly Unmodelled[];
}

/** A socket that waits for connections or datagrams. */
export interface Listener {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly port: number;
  /** Absent: every address of the namespace, both families. */
  readonly addr?: Addr;
  /** What answers: `echo`, `http`, `dns`, … The simulation gives it meaning. */
  readonly service?: string;
  /** Why we believe that it listens. */
  readonly origin?: Origin;
}

/** A construct that was parsed but is not modelled. */
export interface Unmodelled {
  readonly feature: string;
  readonly file?: string;
  readonly line?: number;
}

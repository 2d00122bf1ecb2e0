/** The pieces of a dump of one namespace, named as in recordings. */

/** What the tools printed: values of JSON, or text. All pieces may be absent but `ip_link`. */
export interface NetnsDump {
  /** `ip -d -j link`. */
  readonly ip_link: unknown;
  /** `ip -j addr`. */
  readonly ip_addr?: unknown;
  /** `ip -j -4 route show table all`; without `-4` it may hold both families. */
  readonly ip_route?: unknown;
  /** `ip -j -6 route show table all`. */
  readonly ip6_route?: unknown;
  /** `ip -j -4 rule`. */
  readonly ip_rule?: unknown;
  /** `ip -j -6 rule`. */
  readonly ip6_rule?: unknown;
  /** `ip -j neigh`. */
  readonly ip_neigh?: unknown;
  /** `bridge -j fdb`. */
  readonly bridge_fdb?: unknown;
  /** `bridge -d -j link`. */
  readonly bridge_link?: unknown;
  /** `iptables-save`. */
  readonly iptables_save?: string;
  /** `ip6tables-save`. */
  readonly ip6tables_save?: string;
  /** `ipset save`. */
  readonly ipset_save?: string;
  /** `nft list ruleset`. */
  readonly nft?: string;
  /** `nft -j list ruleset`. */
  readonly nft_json?: unknown;
  /** `ipvsadm -Sn`. */
  readonly ipvs?: string;
  /** `ss -Hlntu`: what listens. */
  readonly ss?: string;
  /** `ip -j netns list-id`: which numbers this namespace gives to others. */
  readonly netns_ids?: unknown;
  /** `ip netns identify`: what others call this one. */
  readonly netns_name?: string;
  readonly sysctl?: Readonly<Record<string, string | number>>;
}

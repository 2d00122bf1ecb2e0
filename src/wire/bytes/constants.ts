/** Numbers that encoding and decoding share. */

/** Ethernet types (IEEE 802). */
export const EtherType = { ip4: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100 } as const;

/** UDP ports that VXLAN uses: IANA's, and Linux' own, which flannel keeps. */
export const VXLAN_PORTS: readonly number[] = [4789, 8472];

/** The flag of a VXLAN header that says the network identifier is there (RFC 7348 §5). */
export const VXLAN_FLAG = 0x08;

/** Neighbour discovery options (RFC 4861 §4.6.1). */
export const NdOption = { sourceLinkAddr: 1, targetLinkAddr: 2 } as const;

/** Options of TCP (RFC 9293 §3.2, RFC 2018, RFC 7323). */
export const TCP_OPTION = {
  end: 0,
  nop: 1,
  mss: 2,
  windowScale: 3,
  sackPermitted: 4,
  timestamps: 8,
} as const;

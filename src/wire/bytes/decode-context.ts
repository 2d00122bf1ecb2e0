/** What is decoded at one depth of nesting. */

/** Settings that travel down while packets in packets are read. */
export interface DecodeContext {
  readonly verify: boolean;
  readonly vxlanPorts: readonly number[];
  readonly depth: number;
  /** Inside an ICMP error: lengths may reach beyond the bytes, checksums beyond the quote. */
  readonly isQuote: boolean;
}

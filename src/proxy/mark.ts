/** The packet mark that asks for masquerading, and how it is written. */

/** How a mark is written; kube-proxy pads it to eight characters. */
export type MarkPrinter = (mark: number) => string;

/**
 * Writes a mark as kube-proxy does: `0x` and at least six digits.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `NewProxier` (`%#08x`).
 */
export function printPaddedMark(mark: number): string {
  return `0x${mark.toString(16).padStart(6, "0")}`;
}

/** The mark of a configured bit. */
export function masqueradeMark({ masqueradeBit }: { readonly masqueradeBit: number }): number {
  return 2 ** masqueradeBit;
}

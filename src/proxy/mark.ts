/** The packet mark that asks for masquerading, and how it is written. */

/** How a mark is written; kube-proxy pads it to eight digits. */
export type MarkPrinter = (mark: number) => string;

/**
 * Writes a mark as kube-proxy does: `0x` and at least eight digits, `0x00004000`.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `NewProxier` (`%#08x`: Go counts the
 * digits alone when it pads with zeros).
 */
export function printPaddedMark(mark: number): string {
  return `0x${mark.toString(16).padStart(8, "0")}`;
}

/** The mark of a configured bit. */
export function masqueradeMark({ masqueradeBit }: { readonly masqueradeBit: number }): number {
  return 2 ** masqueradeBit;
}

/** The hashes in kube-proxy's names: base32 of SHA-256, cut. */
import { sha256Words } from "./sha256.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** All pairs of base32 characters: two are ten bits. */
const PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, i) => `${ALPHABET[i >> 5]}${ALPHABET[i & 31]}`,
);

/**
 * The first 16 characters of base32(sha256(text)): what the iptables chain names end in.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `portProtoHash`; RFC 4648 §6.
 */
export function hash16(text: string): string {
  const [a, b, c] = sha256Words(text);
  return bits40(a, b) + bits40((b << 8) | (c >>> 24), c << 8);
}

/**
 * The first 8 characters of base32(sha256(text)): what the nftables chain names begin with.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `hashAndTruncate`.
 */
export function hash8(text: string): string {
  const [a, b] = sha256Words(text);
  return bits40(a, b);
}

/** The first 40 of 64 bits, five to a character. */
function bits40(high: number, low: number): string {
  return (
    (PAIRS[high >>> 22] as string) +
    (PAIRS[(high >>> 12) & 1023] as string) +
    (PAIRS[(high >>> 2) & 1023] as string) +
    (PAIRS[((high & 3) << 8) | (low >>> 24)] as string)
  );
}

/** The hashes in kube-proxy's names: base32 of SHA-256, cut. */
import { sha256Words } from "./sha256.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Character codes of base32. */
const CODES = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));

/**
 * The first 16 characters of base32(sha256(text + more)): what the iptables chain names end in.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `portProtoHash`; RFC 4648 §6.
 */
export function hash16(text: string, more = ""): string {
  const [a, b, c] = sha256Words(text, more);
  const codes = CODES;
  // One call makes one flat string; adding up letters would make a tree that is flattened later.
  return String.fromCharCode(
    codes[a >>> 27] as number,
    codes[(a >>> 22) & 31] as number,
    codes[(a >>> 17) & 31] as number,
    codes[(a >>> 12) & 31] as number,
    codes[(a >>> 7) & 31] as number,
    codes[(a >>> 2) & 31] as number,
    codes[((a & 3) << 3) | (b >>> 29)] as number,
    codes[(b >>> 24) & 31] as number,
    codes[(b >>> 19) & 31] as number,
    codes[(b >>> 14) & 31] as number,
    codes[(b >>> 9) & 31] as number,
    codes[(b >>> 4) & 31] as number,
    codes[((b & 15) << 1) | (c >>> 31)] as number,
    codes[(c >>> 26) & 31] as number,
    codes[(c >>> 21) & 31] as number,
    codes[(c >>> 16) & 31] as number,
  );
}

/**
 * The first 8 characters of base32(sha256(text + more)): what the nftables chain names begin with.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `hashAndTruncate`.
 */
export function hash8(text: string, more = ""): string {
  const [a, b] = sha256Words(text, more);
  const codes = CODES;
  return String.fromCharCode(
    codes[a >>> 27] as number,
    codes[(a >>> 22) & 31] as number,
    codes[(a >>> 17) & 31] as number,
    codes[(a >>> 12) & 31] as number,
    codes[(a >>> 7) & 31] as number,
    codes[(a >>> 2) & 31] as number,
    codes[((a & 3) << 3) | (b >>> 29)] as number,
    codes[(b >>> 24) & 31] as number,
  );
}

/** Names of addresses in `in-addr.arpa` and `ip6.arpa` (RFC 1035 §3.5, RFC 3596 §2.5). */
import type { Addr } from "../../addr/index.js";
import { parseHost } from "./record.js";

const suffix4 = ".in-addr.arpa.";
const suffix6 = ".ip6.arpa.";

/**
 * The address a reverse name in lower case is about; undefined when it is about none.
 *
 * Follows: CoreDNS v1.15.0 plugin/pkg/dnsutil/reverse.go `ExtractAddressFromReverse`.
 */
export function addrOfReverseName(name: string): Addr | undefined {
  if (name.endsWith(suffix4)) {
    const labels = name.slice(0, -suffix4.length).split(".").reverse();
    const addr = parseHost(labels.join("."));
    return addr?.family === "ip4" ? addr : undefined;
  }
  if (!name.endsWith(suffix6)) return undefined;
  const labels = name.slice(0, -suffix6.length).split(".").reverse();
  const groups: string[] = [];
  for (let at = 0; at + 4 <= labels.length; at += 4) groups.push(labels.slice(at, at + 4).join(""));
  return parseHost(groups.join(":"));
}

/** The reverse name of an address. */
export function reverseNameOf(addr: Addr): string {
  if (addr.family === "ip4") {
    const bytes = [0, 8, 16, 24].map((shift) => (addr.w3 >>> shift) & 0xff);
    return `${bytes.join(".")}${suffix4}`;
  }
  const nibbles = [addr.w0, addr.w1, addr.w2, addr.w3]
    .map((word) => word.toString(16).padStart(8, "0"))
    .join("");
  return `${[...nibbles].reverse().join(".")}${suffix6}`;
}

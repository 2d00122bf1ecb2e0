/** Labels of IPv6 addresses: source and destination should have the same one (RFC 6724 §2.1). */
import { type Addr, PrefixMap, parsePrefix } from "../../addr/index.js";

/** Linux 6.18 net/ipv6/addrlabel.c `ip6addrlbl_init_table`. */
const LABELS: readonly (readonly [string, number])[] = [
  ["::/0", 1],
  ["fc00::/7", 5],
  ["fec0::/10", 11],
  ["2002::/16", 2],
  ["3ffe::/16", 12],
  ["2001::/32", 6],
  ["2001:10::/28", 7],
  ["::ffff:0:0/96", 4],
  ["::/96", 3],
  ["::1/128", 0],
];

const TABLE = makeTable();

function makeTable(): PrefixMap<number> {
  const table = new PrefixMap<number>();
  for (const [prefix, label] of LABELS) table.set(parsePrefix(prefix), label);
  return table;
}

/** The label of an address by the kernel's default table. */
export function labelOf(addr: Addr): number {
  return TABLE.lookup(addr)?.value ?? 1;
}

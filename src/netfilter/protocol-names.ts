/** Names and numbers of IP protocols, as iptables and nft spell them (Debian 12 /etc/protocols). */

const NUMBERS: ReadonlyMap<string, number> = new Map([
  ["all", 0],
  ["ip", 0],
  ["hopopt", 0],
  ["icmp", 1],
  ["igmp", 2],
  ["ggp", 3],
  ["ipencap", 4],
  ["st", 5],
  ["tcp", 6],
  ["egp", 8],
  ["igp", 9],
  ["udp", 17],
  ["dccp", 33],
  ["ipv6", 41],
  ["ipv6-route", 43],
  ["ipv6-frag", 44],
  ["rsvp", 46],
  ["gre", 47],
  ["esp", 50],
  ["ipv6-crypt", 50],
  ["ah", 51],
  ["ipv6-auth", 51],
  ["skip", 57],
  ["ipv6-icmp", 58],
  ["icmpv6", 58],
  ["ipv6-nonxt", 59],
  ["ipv6-opts", 60],
  ["ospf", 89],
  ["ipip", 94],
  ["etherip", 97],
  ["encap", 98],
  ["pim", 103],
  ["ipcomp", 108],
  ["vrrp", 112],
  ["l2tp", 115],
  ["sctp", 132],
  ["mobility-header", 135],
  ["ipv6-mh", 135],
  ["udplite", 136],
]);

const NAMES: ReadonlyMap<number, string> = new Map(
  [...NUMBERS].reverse().map(([name, number]) => [number, name]),
);

/** The number of a protocol given by name or number. */
export function protocolNumber(word: string): number | undefined {
  const named = NUMBERS.get(word);
  if (named !== undefined) return named;
  if (!/^[0-9]{1,3}$/.test(word)) return undefined;
  const number = Number(word);
  return number <= 255 ? number : undefined;
}

/** The first name of a protocol number; the number itself where it has none. */
export function protocolName(number: number): string {
  return NAMES.get(number) ?? String(number);
}

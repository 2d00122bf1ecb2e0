/** Facts about routing: selectors and actions of rules, kinds of routes, source checks, proxy ARP. */
import type { Fact, FactFamily } from "./fact.js";

/** `s` has the address that routes of table 100 lead to; main sends it to `t`, which has it not. */
const FAR = [
  "{route} add {far} via {s} table 100",
  "{route} add {far} via {t}",
  "s: ip addr add {far}/{max} dev lo",
];
const BOTH = ["c udp far:53", "c tcp far:80", "r udp far:53"];

function rules(rows: readonly (readonly [string, FactFamily?])[]): Fact[] {
  return rows.map(([rule, only]) => ({
    title: `rule ${rule}`,
    ...(only && { only }),
    steps: [...FAR, `{rule} add pref 1000 ${rule}`],
    probes: BOTH,
  }));
}

const RULES: readonly Fact[] = rules([
  ["from {cnet} lookup 100"],
  ["from {t} lookup 100"],
  ["to {far} lookup 100"],
  ["to {snet} lookup 100"],
  ["iif e0 lookup 100"],
  ["iif lo lookup 100"],
  ["oif e1 lookup 100"],
  ["not from {cnet} lookup 100"],
  ["fwmark 0x1 lookup 100"],
  ["fwmark 0x0/0xff lookup 100"],
  ["ipproto udp lookup 100"],
  ["ipproto tcp dport 80 lookup 100"],
  ["dport 50-60 lookup 100"],
  ["sport 40000 lookup 100"],
  ["tos 0x10 lookup 100", "ip4"],
  ["uidrange 0-0 lookup 100"],
  ["uidrange 1-9 lookup 100"],
  ["from {cnet} blackhole"],
  ["from {cnet} unreachable"],
  ["from {cnet} prohibit"],
  ["iif lo blackhole"],
  ["iif lo unreachable"],
  ["iif lo prohibit"],
  ["goto 2000"],
  ["from {all} lookup 100 suppress_prefixlength 0"],
  ["from {all} lookup 100 suppress_prefixlength {max}"],
  ["from {all} lookup 100 suppress_ifgroup 0"],
]);

const GOTO: readonly Fact[] = [
  {
    title: "goto skips the rules between",
    steps: [
      ...FAR,
      "{rule} add pref 1001 prohibit",
      "{rule} add pref 2000 lookup 100",
      "{rule} add pref 1000 goto 2000",
    ],
    probes: BOTH,
  },
  {
    title: "no rule is left",
    steps: ["{rule} del pref 32766"],
    probes: ["c udp s:53", "r udp s:53"],
  },
];

function routes(rows: readonly (readonly [string, FactFamily?])[]): Fact[] {
  return rows.map(([route, only]) => ({
    title: `route ${route}`,
    ...(only && { only }),
    steps: ["s: ip addr add {far}/{max} dev lo", `{route} add ${route}`],
    probes: BOTH,
  }));
}

const ROUTES: readonly Fact[] = [
  ...routes([
    ["blackhole {far}"],
    ["unreachable {far}"],
    ["prohibit {far}"],
    ["{far} via {s}"],
    ["{farnet} via {s} metric 7"],
    ["{far} via {s} mtu 1300"],
    ["local {far} dev lo"],
    ["{far} dev e1"],
    ["{far} via {vip} dev e1 onlink"],
    ["{far} via {s} src {r2}", "ip4"],
    ["{far} via inet6 fd00:2::2 dev e1", "ip4"],
    ["broadcast {far} dev e1", "ip4"],
  ]),
  {
    title: "throw goes on with the next rule",
    steps: [
      "{route} add throw {far} table 100",
      "{route} add {far} via {s}",
      "{rule} add pref 1000 lookup 100",
      "s: ip addr add {far}/{max} dev lo",
    ],
    probes: BOTH,
  },
  {
    title: "the lower metric wins, the longer prefix before it",
    steps: [
      "{route} add {farnet} via {t} metric 1",
      "{route} add {far} via {s} metric 900",
      "{route} add {far} via {t} metric 901",
      "s: ip addr add {far}/{max} dev lo",
    ],
    probes: BOTH,
  },
  {
    title: "a route with a gateway of our own goes straight to the destination",
    only: "ip4",
    steps: [
      "c: ip route replace default via 10.0.1.2",
      "sysctl -qw net.ipv4.conf.e0.proxy_arp=1 net.ipv4.neigh.e0.proxy_delay=0",
    ],
    probes: ["c udp s:53", "c tcp r:80"],
  },
  { title: "no route", probes: ["c udp far:53", "r tcp far:80", "r udp far:53"] },
  {
    title: "TTL",
    probes: ["c udp s:53 ttl=1", "c udp s:53 ttl=2", "c tcp s:80 ttl=1", "c udp r:53 ttl=1"],
  },
  {
    title: "a smaller link: fragments, or an error with don't-fragment",
    steps: ["ip link set e1 mtu 1300", "s: ip link set eth0 mtu 1300"],
    probes: [
      "c udp s:53 size=1400 df=false",
      "c udp s:53 size=1400 df=true",
      "c udp s:53 size=1400 df=true",
      "r udp s:53 size=1400 df=true",
    ],
  },
  {
    title: "a link without carrier, a link that is down",
    steps: ["s: ip link set eth0 down", "ip link set e2 down"],
    probes: ["c udp s:53", "c udp t:53", "r udp t:53"],
  },
  {
    title: "forwarding is off",
    steps: ["sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"],
    probes: ["c udp s:53", "c udp r1:53"],
  },
  {
    title: "special destinations",
    only: "ip4",
    probes: [
      "c udp 255.255.255.255:53",
      "c udp 10.0.1.255:53",
      "c udp 240.0.0.1:53",
      "c udp 0.0.0.0:53",
      "c udp 127.0.0.1:53",
    ],
  },
  {
    title: "special destinations",
    only: "ip6",
    probes: ["c udp ::1:53", "c udp ff02::1:53", "c tcp :::80"],
  },
];

/** `c` sends from an address that the router knows behind `e2`, or nowhere. */
function spoofed(rows: readonly (readonly [string, readonly string[]])[]): Fact[] {
  return rows.map(([title, steps]) => ({
    title: `source check: ${title}`,
    only: "ip4",
    steps: [
      "c: ip addr add 198.51.100.1/32 dev lo",
      "c: ip addr add 198.51.100.2/32 dev lo",
      "ip route add 198.51.100.1 via 10.0.3.2",
      ...steps,
    ],
    probes: [
      "c udp s:53 src=198.51.100.1",
      "c udp s:53 src=198.51.100.2",
      "c udp r:53 src=198.51.100.1",
      "c udp s:53",
    ],
  }));
}

const filters = (all: number, link: number) =>
  [
    `rp_filter all=${all} link=${link}`,
    [`sysctl -qw net.ipv4.conf.all.rp_filter=${all} net.ipv4.conf.e0.rp_filter=${link}`],
  ] as const;

const SOURCES: readonly Fact[] = [
  ...spoofed([
    filters(0, 0),
    filters(0, 1),
    filters(0, 2),
    filters(1, 0),
    filters(1, 1),
    filters(1, 2),
    filters(2, 0),
    filters(2, 1),
    filters(2, 2),
    [
      "loose, with a default route",
      ["sysctl -qw net.ipv4.conf.all.rp_filter=2", "ip route add default via 10.0.2.2"],
    ],
    [
      "strict, asked with the mark",
      ["sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.e0.src_valid_mark=1"],
    ],
  ]),
  {
    title: "a source that is our own",
    only: "ip4",
    steps: ["ip addr add 198.51.100.1/32 dev lo", "c: ip addr add 198.51.100.1/32 dev lo"],
    probes: ["c udp s:53 src=198.51.100.1"],
  },
  {
    title: "a source that is our own, with accept_local",
    only: "ip4",
    steps: [
      "ip addr add 198.51.100.1/32 dev lo",
      "c: ip addr add 198.51.100.1/32 dev lo",
      "sysctl -qw net.ipv4.conf.e0.accept_local=1",
    ],
    probes: ["c udp s:53 src=198.51.100.1"],
  },
  {
    title: "a source that is our own, without source checks",
    only: "ip6",
    steps: ["ip addr add 2001:db8:7::1/128 dev lo", "c: ip addr add 2001:db8:7::1/128 dev lo"],
    probes: ["c udp s:53 src=2001:db8:7::1"],
  },
  {
    title: "loopback addresses from a wire are martians",
    only: "ip4",
    nat: ["-A PREROUTING -d 10.96.0.10 -j DNAT --to-destination 127.0.0.1"],
    probes: ["c udp vip:53", "c tcp vip:80"],
  },
  {
    title: "loopback addresses from a wire, with route_localnet",
    only: "ip4",
    steps: ["sysctl -qw net.ipv4.conf.e0.route_localnet=1"],
    nat: ["-A PREROUTING -d 10.96.0.10 -j DNAT --to-destination 127.0.0.1"],
    probes: ["c udp vip:53", "c tcp vip:80"],
  },
  {
    title: "127.0.0.1 leaves by a link, with route_localnet and MASQUERADE",
    only: "ip4",
    steps: ["sysctl -qw net.ipv4.conf.all.route_localnet=1"],
    nat: [
      "-A OUTPUT -d 127.0.0.1 -p tcp --dport 9999 -j DNAT --to-destination 10.0.2.2:80",
      "-A POSTROUTING -s 127.0.0.0/8 -o e1 -j MASQUERADE",
    ],
    probes: ["r tcp 127.0.0.1:9999"],
  },
  {
    title: "proxy ARP answers for what is behind another link",
    only: "ip4",
    steps: [
      "sysctl -qw net.ipv4.conf.e0.proxy_arp=1 net.ipv4.neigh.e0.proxy_delay=0",
      "c: ip route replace default dev eth0",
    ],
    probes: ["c udp s:53", "c tcp t:80", "c udp r1:53"],
  },
  {
    title: "without proxy ARP nobody answers",
    only: "ip4",
    steps: ["c: ip route replace default dev eth0"],
    probes: ["c udp s:53", "c udp r1:53"],
  },
  ...["1", "2", "8"].map(
    (level): Fact => ({
      title: `arp_ignore ${level}`,
      only: "ip4",
      steps: [
        `sysctl -qw net.ipv4.conf.e0.arp_ignore=${level}`,
        "c: ip route replace default dev eth0",
      ],
      probes: ["c udp r1:53", "c udp r:53"],
    }),
  ),
];

/** All facts of this file. */
export const ROUTING_FACTS: readonly Fact[] = [...RULES, ...GOTO, ...ROUTES, ...SOURCES];

/** Facts about nftables: sets, maps, expressions, statements, several base chains on one hook. */
import type { Fact, FactFamily } from "./fact.js";

const ASKED = ["c udp s:53", "c tcp s:80", "t tcp s:8080"];

/** One rule on forward, for packets to the server; `{def}` stands before it in the table. */
function rules(rows: readonly (readonly [string, string?, FactFamily?])[]): Fact[] {
  return rows.map(([rule, definition = "", only]) => ({
    title: `nft ${rule}${/typeof|timeout/.test(definition) ? ` with${definition}` : ""}`,
    ...(only && { only }),
    nft: `table {ip} t {\n${definition}\n chain f { type filter hook forward priority 0;\n  {ip} daddr {s} ${rule}\n }\n}`,
    probes: ASKED,
  }));
}

const HOSTS = " set hosts { type {addr}; elements = { {c}, {vip} } }";
const NETS = " set nets { type {addr}; flags interval; elements = { {cnet} } }";
const PAIRS =
  " set pairs { type {addr} . inet_proto . inet_service; elements = { {s} . tcp . 80 } }";
const RANGES =
  " set ranges { type {addr} . inet_service; flags interval; elements = { {cnet} . 50-60, {cnet} . 81-9000 } }";
const VERDICTS = " map vm { type {addr} : verdict; elements = { {c} : drop, {t} : accept } }";
const MARKS = " map marks { type {addr} : mark; elements = { {c} : 0x7 } }";

const EXPRESSIONS: readonly Fact[] = rules([
  ["{ip} saddr @hosts drop", HOSTS],
  ["{ip} saddr != @hosts drop", HOSTS],
  ["{ip} saddr @nets drop", NETS],
  ["{ip} daddr . meta l4proto . th dport @pairs drop", PAIRS],
  ["{ip} saddr . th dport @ranges drop", RANGES],
  ["{ip} saddr vmap @vm", VERDICTS],
  ["{ip} saddr vmap { {cnet} : drop, {t} : accept }"],
  ["{ip} saddr . meta l4proto vmap { {c} . tcp : drop, {c} . udp : accept }"],
  ["meta mark set {ip} saddr map @marks meta mark 0x7 drop", MARKS],
  ["th dport vmap { 1-60 : drop, * : accept }"],
  ["tcp dport { 80, 90-9000 } reject with tcp reset"],
  ["tcp dport != 80 drop"],
  ["udp sport 40000-40100 drop"],
  ["meta l4proto { tcp, udp } ct state new drop"],
  ["ct state invalid,untracked drop"],
  ["ct direction reply drop"],
  ["ct original {ip} saddr {c} drop"],
  ["ct original protocol udp drop"],
  ["ct reply {ip} saddr {s} ct protocol tcp drop"],
  ["ct mark set 0x5 ct mark 0x5 drop"],
  ["ct zone 0 drop"],
  ["ct expiration > 1s drop"],
  ["fib saddr type local drop"],
  ["fib saddr . iif oif exists drop"],
  ["fib saddr . iif oif missing drop"],
  ['fib daddr oifname "e1" drop'],
  ["fib daddr . mark type unicast drop"],
  ['iifname "e0" oifname "e1" drop'],
  ['iifname { "e0", "lo" } drop'],
  ['iif "e0" drop'],
  ["meta pkttype host drop"],
  ["meta length < 50 drop"],
  ["numgen inc mod 2 vmap { 0 : drop, 1 : accept }"],
  ["numgen random mod 1 vmap { 0 : drop }"],
  ["jhash {ip} saddr mod 2 seed 0xabcd vmap { 0 : drop, 1 : accept }"],
  ["tcp flags & (syn|ack) == syn drop"],
  ["tcp flags syn drop"],
  ["tcp flags ! syn drop"],
  ["@th,16,16 80 drop"],
  ["{ip} dscp cs0 drop"],
  ["ip ttl 63 drop", "", "ip4"],
  ["ip6 hoplimit 63 drop", "", "ip6"],
  ["ether saddr 02:00:00:00:00:00 drop"],
  ["limit rate 1/hour burst 1 packets accept"],
  ["limit rate over 1/hour burst 1 packets drop"],
  ["counter drop"],
  ['log prefix "x" drop'],
  ["return"],
  ["continue"],
  ["reject"],
  ["reject with icmp type net-unreachable", "", "ip4"],
  ["reject with icmp type host-unreachable", "", "ip4"],
  ["reject with icmp type prot-unreachable", "", "ip4"],
  ["reject with icmp type net-prohibited", "", "ip4"],
  ["reject with icmp type host-prohibited", "", "ip4"],
  ["reject with icmpv6 type no-route", "", "ip6"],
  ["reject with icmpv6 type addr-unreachable", "", "ip6"],
  ["reject with icmpv6 type policy-fail", "", "ip6"],
  ["reject with icmpv6 type reject-route", "", "ip6"],
]);

const ICMPX: readonly Fact[] = [
  "port-unreachable",
  "admin-prohibited",
  "no-route",
  "host-unreachable",
].map((code) => ({
  title: `nft inet reject with icmpx ${code}`,
  nft: `table inet t {\n chain f { type filter hook forward priority 0;\n  {ip} daddr {s} reject with icmpx type ${code}\n }\n}`,
  probes: ASKED,
}));

const RARE: readonly Fact[] = rules([
  ["{ip} saddr @s drop", " set s { typeof {ip} saddr; elements = { {c} } }"],
  [
    "{ip} saddr . tcp dport @s drop",
    " set s { typeof {ip} saddr . tcp dport; elements = { {c} . 80 } }",
  ],
  ["ct mark @s drop", " set s { typeof ct mark; elements = { 0x0 } }"],
  ["{ip} saddr @s drop", " set s { type {addr}; timeout 1h; elements = { {c} timeout 2h } }"],
  ["ct zone set 5"],
]);

const DYNAMIC: readonly Fact[] = [
  {
    title: "a set that rules fill",
    nft: "table {ip} t {\n set seen { type {addr}; size 16; flags dynamic,timeout; timeout 1m; }\n chain f { type filter hook forward priority 0;\n  udp dport 53 update @seen { {ip} saddr }\n  tcp dport 80 {ip} saddr @seen reject\n }\n}",
    probes: ["c tcp s:80", "c udp s:53", "c tcp s:80", "t tcp s:80"],
  },
  {
    title: "a full set ends the rule",
    nft: "table {ip} t {\n set seen { type {addr}; size 1; flags dynamic; }\n chain f { type filter hook forward priority 0;\n  {ip} daddr {s} add @seen { {ip} saddr } accept\n  {ip} daddr {s} reject\n }\n}",
    probes: ["c tcp s:80", "t tcp s:80", "c udp s:53"],
  },
  {
    title: "an element with a limit of its own",
    nft: "table {ip} t {\n set m { type {addr}; size 16; flags dynamic; }\n chain f { type filter hook forward priority 0;\n  {ip} daddr {s} add @m { {ip} saddr limit rate over 1/hour burst 1 packets } drop\n }\n}",
    probes: ["c udp s:53", "c udp s:53", "t udp s:53"],
  },
  {
    title: "an element deleted by a rule",
    nft: "table {ip} t {\n set seen { type {addr}; size 16; flags dynamic; elements = { {c} } }\n chain f { type filter hook forward priority 0;\n  udp dport 53 delete @seen { {ip} saddr }\n  {ip} saddr @seen tcp dport 80 drop\n }\n}",
    probes: ["c tcp s:80", "c udp s:53", "c tcp s:80"],
  },
];

const BASE_CHAINS: readonly Fact[] = [
  {
    title: "accept ends one base chain, drop ends all",
    nft: "table {ip} a {\n chain f { type filter hook forward priority -5; {ip} daddr {s} tcp dport 80 accept; udp dport 53 drop; }\n}\ntable {ip} b {\n chain f { type filter hook forward priority 5; {ip} daddr {s} tcp dport 80 reject; }\n}",
    probes: ASKED,
  },
  {
    title: "policies of several base chains",
    nft: "table {ip} a {\n chain f { type filter hook forward priority 0; policy drop; {ip} daddr {s} udp dport 53 accept; {ip} saddr {s} accept; }\n}\ntable {ip} b {\n chain f { type filter hook forward priority 0; policy accept; }\n}",
    probes: ASKED,
  },
  {
    title: "equal priorities: the chain made later is asked first",
    nft: "table {ip} a {\n chain f { type filter hook forward priority 0; {ip} daddr {s} meta mark 0x1 drop; {ip} daddr {s} meta mark set 0x2; }\n chain g { type filter hook forward priority 0; {ip} daddr {s} meta mark 0x2 reject; {ip} daddr {s} meta mark set 0x1; }\n}",
    probes: ASKED,
  },
  {
    title: "inet sees both families, priorities by name",
    nft: "table inet a {\n chain f { type filter hook prerouting priority mangle; meta l4proto udp meta mark set 0x3; }\n chain g { type filter hook forward priority filter; meta mark 0x3 drop; }\n}",
    probes: ASKED,
  },
  {
    title: "notrack before tracking, state untracked after",
    nft: "table {ip} a {\n chain p { type filter hook prerouting priority raw; udp dport 53 notrack; }\n chain f { type filter hook forward priority filter; ct state untracked reject; ct state new accept; }\n}",
    probes: ASKED,
  },
  {
    title: "a chain of type route routes again",
    steps: [
      "{route} add {far} via {s} table 100",
      "{route} add unreachable {far}",
      "{rule} add fwmark 0x9 lookup 100",
      "s: ip addr add {far}/{max} dev lo",
    ],
    nft: "table {ip} a {\n chain o { type route hook output priority mangle; {ip} daddr {far} tcp dport 80 meta mark set 0x9; }\n}",
    probes: ["r udp far:53", "r tcp far:80"],
  },
  {
    title: "iptables beside nft: each has its say",
    nft: "table {ip} a {\n chain f { type filter hook forward priority 10; tcp dport 8080 drop; }\n}",
    filter: ["-A FORWARD -d {s} -p udp -j REJECT", "-A FORWARD -d {s} -p tcp -j ACCEPT"],
    probes: ASKED,
  },
  {
    title: "a dormant table is not asked",
    nft: "table {ip} a {\n flags dormant\n chain f { type filter hook forward priority 0; policy drop; }\n}",
    probes: ASKED,
  },
];

const NAT: readonly Fact[] = [
  {
    title: "nft dnat, masquerade",
    nft: "table {ip} n {\n chain p { type nat hook prerouting priority dstnat; {ip} daddr {vip} tcp dport 80 dnat to {server}:8080; {ip} daddr {vip} dnat to {s}; }\n chain q { type nat hook postrouting priority srcnat; {ip} daddr {s} masquerade; }\n}",
    probes: ["c tcp vip:80", "c udp vip:53", "c tcp s:80"],
  },
  {
    title: "nft dnat through maps",
    nft: "table {ip} n {\n map to { type {addr} . inet_service : {addr} . inet_service; elements = { {vip} . 80 : {s} . 8080 } }\n chain p { type nat hook prerouting priority dstnat; meta l4proto tcp dnat to {ip} daddr . tcp dport map @to; }\n}",
    probes: ["c tcp vip:80", "c tcp vip:81"],
  },
  {
    title: "nft verdict map of services",
    nft: "table {ip} n {\n chain svc { {ip} saddr != {cnet} meta mark set meta mark | 0x4000; meta l4proto tcp dnat to {server}:8080; }\n map svcs { type {addr} . inet_proto . inet_service : verdict; elements = { {vip} . tcp . 80 : goto svc } }\n chain p { type nat hook prerouting priority dstnat; {ip} daddr . meta l4proto . th dport vmap @svcs; }\n chain q { type nat hook postrouting priority srcnat; meta mark & 0x4000 == 0x4000 meta mark set meta mark ^ 0x4000 masquerade; }\n}",
    probes: ["c tcp vip:80", "t tcp vip:80", "c udp vip:80"],
  },
  {
    title: "nft snat, redirect",
    nft: "table {ip} n {\n chain p { type nat hook prerouting priority dstnat; {ip} daddr {vip} tcp dport 81 redirect to :80; }\n chain q { type nat hook postrouting priority srcnat; {ip} daddr {s} snat to {r2}; }\n}",
    probes: ["c tcp vip:81", "c udp s:53"],
  },
];

/** All facts of this file. */
export const NFT_FACTS: readonly Fact[] = [
  ...EXPRESSIONS,
  ...ICMPX,
  ...RARE,
  ...DYNAMIC,
  ...BASE_CHAINS,
  ...NAT,
];

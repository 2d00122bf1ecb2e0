/** Facts about iptables: every REJECT and what a socket hears of it, matches, marks, NAT. */
import type { Fact, FactFamily } from "./fact.js";

const ASKED = ["c udp s:53", "c tcp s:80", "c udp s:9"];

function rejects(only: FactFamily, types: readonly string[]): Fact[] {
  return types.flatMap((type): Fact[] => {
    const target = `-j REJECT --reject-with ${type}`;
    const proto = type === "tcp-reset" ? "-p tcp " : "";
    return [
      {
        title: `FORWARD REJECT ${type}`,
        only,
        filter: [`-A FORWARD -d {s} ${proto}${target}`],
        probes: ASKED,
      },
      {
        title: `INPUT REJECT ${type}`,
        only,
        filter: [`-A INPUT ${proto}${target}`],
        probes: ["c tcp r:80", "r tcp r:80"],
      },
      {
        title: `OUTPUT REJECT ${type}`,
        only,
        filter: [`-A OUTPUT -d {s} ${proto}${target}`],
        probes: ["r udp s:53", "r tcp s:80"],
      },
    ];
  });
}

const REJECTS: readonly Fact[] = [
  ...rejects("ip4", [
    "icmp-net-unreachable",
    "icmp-host-unreachable",
    "icmp-port-unreachable",
    "icmp-proto-unreachable",
    "icmp-net-prohibited",
    "icmp-host-prohibited",
    "icmp-admin-prohibited",
    "tcp-reset",
  ]),
  ...rejects("ip6", [
    "icmp6-no-route",
    "icmp6-adm-prohibited",
    "icmp6-addr-unreachable",
    "icmp6-port-unreachable",
    "icmp6-policy-fail",
    "icmp6-reject-route",
    "tcp-reset",
  ]),
];

/** A match that a packet to the server is dropped by, or not. */
function matches(rows: readonly (readonly [string, FactFamily?])[]): Fact[] {
  return rows.map(([match, only]) => ({
    title: `match ${match}`,
    ...(only && { only }),
    filter: [`-A FORWARD -d {s} ${match} -j DROP`],
    probes: ["c udp s:53", "c tcp s:80", "t tcp s:8080"],
  }));
}

const MATCHES: readonly Fact[] = matches([
  ["-m addrtype --dst-type UNICAST"],
  ["-m addrtype --src-type LOCAL"],
  ["-m addrtype ! --src-type LOCAL --limit-iface-in", "ip4"],
  ["-m addrtype --dst-type BLACKHOLE", "ip4"],
  ["-p tcp -m multiport --dports 22,80:90"],
  ["-p tcp -m multiport ! --dports 22,80:90"],
  ["-p udp -m multiport --ports 53"],
  ["-p tcp -m tcp --tcp-flags SYN,ACK SYN"],
  ["-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK ACK"],
  ["-p tcp -m tcp ! --syn"],
  ["-p udp -m udp --dport 50:40"],
  ["-p udp -m udp ! --dport 50:40"],
  ["-p udp -m udp --sport 40000:40001"],
  ["-m conntrack --ctstate NEW"],
  ["-m conntrack --ctproto 6 --ctdir ORIGINAL"],
  ["-m conntrack --ctorigdstport 53"],
  ["-m conntrack --ctorigdst {s} --ctorigsrc {c}"],
  ["-m connmark --mark 0x0"],
  ["-m mark --mark 0x0/0xff"],
  ["-m mark ! --mark 0x0/0xff"],
  ["-m length --length 0:50"],
  ["-m length --length 56"],
  ["-m pkttype --pkt-type unicast"],
  ["-m pkttype --pkt-type multicast"],
  ['-m comment --comment "a b"'],
  ["-m limit --limit 1/hour --limit-burst 1"],
  ["-m mac --mac-source 02:00:00:00:00:00"],
  ["-m dscp --dscp 0x00"],
  ["-m tos --tos 0x00/0xff"],
  ["-m ttl --ttl-eq 63", "ip4"],
  ["-m ttl --ttl-lt 63", "ip4"],
  ["-m hl --hl-eq 63", "ip6"],
  ["-m hl --hl-gt 63", "ip6"],
  ["-m iprange --src-range 10.0.1.0-10.0.1.9", "ip4"],
  ["-m iprange ! --dst-range 10.0.2.0-10.0.2.9", "ip4"],
  ["-m iprange --src-range fd00:1::-fd00:1::9", "ip6"],
  ["-m iprange --src-range 10.0.1.9-10.0.1.1", "ip4"],
  ["-m statistic --mode nth --every 2 --packet 0"],
  ["-m statistic --mode nth --every 2 --packet 1"],
  ["-m statistic --mode random --probability 1"],
  ["-m statistic --mode random --probability 0"],
  ["-m statistic --mode random ! --probability 0"],
  ["-i e0"],
  ["-i e+"],
  ["! -i e0"],
  ["-o e1"],
  ["-o lo"],
  ["-p 17"],
  ["! -p tcp"],
  ["-m connbytes --connbytes 1: --connbytes-dir both --connbytes-mode packets"],
  ["-m state --state NEW"],
]);

const CHAINS: readonly Fact[] = [
  {
    title: "goto does not come back",
    filter: ["-A FORWARD -d {s} -g u", "-A FORWARD -j ACCEPT", "-A u -p udp -j DROP"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "a called chain returns to the rule behind the call",
    filter: [
      "-A FORWARD -d {s} -j u",
      "-A FORWARD -d {s} -j DROP",
      "-A u -p udp -j RETURN",
      "-A u -p tcp -j ACCEPT",
    ],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "goto from a called chain returns to the caller of that chain",
    filter: [
      "-A FORWARD -d {s} -j u",
      "-A FORWARD -d {s} -j DROP",
      "-A u -g w",
      "-A u -j ACCEPT",
      "-A w -p tcp -j ACCEPT",
    ],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "what filter FORWARD accepts, mangle POSTROUTING still may drop",
    filter: ["-A FORWARD -j ACCEPT"],
    mangle: ["-A POSTROUTING -d {s} -p udp -j DROP"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "raw drops before connections are tracked",
    raw: ["-A PREROUTING -d {s} -p udp -j DROP"],
    filter: ["-A FORWARD -m conntrack --ctstate NEW -j ACCEPT"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
];

const MARKS: readonly Fact[] = [
  {
    title: "an established connection is dropped: its client has connected, and hears nothing",
    filter: ["-A FORWARD -d {s} -m conntrack --ctstate ESTABLISHED -j DROP"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "NOTRACK: state UNTRACKED, and no entry",
    raw: ["-A PREROUTING -p udp -j CT --notrack"],
    filter: [
      "-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT",
      "-A FORWARD -m conntrack --ctstate NEW -j ACCEPT",
    ],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "NOTRACK in OUTPUT: no NAT for that packet",
    raw: ["-A OUTPUT -p udp -j NOTRACK"],
    nat: [
      "-A OUTPUT -d {vip} -p udp -j DNAT --to-destination {s}",
      "-A OUTPUT -d {vip} -p tcp -j DNAT --to-destination {s}",
    ],
    steps: ["{route} add {vip} via {s}"],
    probes: ["r udp vip:53", "r tcp vip:80"],
  },
  {
    title: "CONNMARK --set-xmark marks the connection, not the packet",
    mangle: ["-A PREROUTING -d {s} -j CONNMARK --set-xmark 0x7/0xff"],
    filter: [
      "-A FORWARD -m mark --mark 0x7 -j DROP",
      "-A FORWARD -m connmark --mark 0x7/0xff -j ACCEPT",
    ],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "CONNMARK --save-mark and --restore-mark",
    mangle: [
      "-A PREROUTING -s {s} -j CONNMARK --restore-mark --nfmask 0xf0 --ctmask 0xf0",
      "-A PREROUTING -d {s} -j MARK --set-xmark 0xab/0xffffffff",
      "-A PREROUTING -d {s} -j CONNMARK --save-mark --nfmask 0xf0 --ctmask 0xff",
    ],
    filter: ["-A FORWARD -s {s} -m mark --mark 0xa0 -j DROP"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "MARK: and, or, xor",
    mangle: [
      "-A PREROUTING -j MARK --set-xmark 0xf0/0xffffffff",
      "-A PREROUTING -j MARK --and-mark 0x3f",
      "-A PREROUTING -j MARK --or-mark 0x5",
      "-A PREROUTING -j MARK --xor-mark 0x1",
    ],
    filter: [
      "-A FORWARD -m mark --mark 0x34 -p udp -j REJECT",
      "-A FORWARD -m mark ! --mark 0x34 -j DROP",
    ],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "a mark of mangle OUTPUT leads to another table of routes",
    steps: [
      "{route} add {far} via {s} table 100",
      "{route} add unreachable {far}",
      "{rule} add fwmark 0x9 lookup 100",
      "s: ip addr add {far}/{max} dev lo",
    ],
    mangle: ["-A OUTPUT -d {far} -p tcp -j MARK --set-xmark 0x9"],
    probes: ["r udp far:53", "r tcp far:80"],
  },
  {
    title: "TTL and DSCP are rewritten",
    only: "ip4",
    mangle: [
      "-A PREROUTING -p udp -j TTL --ttl-set 2",
      "-A PREROUTING -p tcp -j TTL --ttl-dec 63",
      "-A PREROUTING -j DSCP --set-dscp 0x0a",
    ],
    filter: ["-A FORWARD -m dscp ! --dscp 0x0a -j DROP"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "the hop limit is rewritten",
    only: "ip6",
    mangle: ["-A PREROUTING -p udp -j HL --hl-set 2", "-A PREROUTING -p tcp -j HL --hl-dec 63"],
    probes: ["c udp s:53", "c tcp s:80"],
  },
  {
    title: "recent: a source that asked once is refused later",
    filter: [
      "-A FORWARD -d {s} -m recent --name seen --update --seconds 60 --hitcount 2 -j REJECT",
      "-A FORWARD -d {s} -m recent --name seen --set -j ACCEPT",
    ],
    probes: ["c udp s:53", "c udp s:53", "c udp s:53", "t udp s:53"],
  },
  {
    title: "recent: --rcheck does not count, --remove forgets",
    filter: [
      "-A FORWARD -p udp --dport 9 -m recent --name a --remove -j REJECT",
      "-A FORWARD -d {s} -m recent --name a --rcheck -j DROP",
      "-A FORWARD -d {s} -m recent --name a --set",
    ],
    probes: ["c udp s:53", "c udp s:53", "c udp s:9", "c udp s:5353"],
  },
  {
    title: "limit: one packet an hour",
    filter: [
      "-A FORWARD -d {s} -p udp -m limit --limit 1/hour --limit-burst 2 -j ACCEPT",
      "-A FORWARD -d {s} -p udp -j REJECT",
    ],
    probes: ["c udp s:53", "t udp s:53", "c udp s:53"],
  },
];

const NAT: readonly Fact[] = [
  {
    title: "DNAT to an address and port",
    nat: ["-A PREROUTING -d {vip} -p tcp -m tcp --dport 80 -j DNAT --to-destination {server}:8080"],
    probes: ["c tcp vip:80", "s tcp vip:80"],
  },
  {
    title: "DNAT keeps the port",
    nat: ["-A PREROUTING -d {vip} -j DNAT --to-destination {s}"],
    probes: ["c udp vip:53", "c tcp vip:80", "c udp vip:9"],
  },
  {
    title: "DNAT back to where it came from, without SNAT",
    nat: ["-A PREROUTING -d {vip} -j DNAT --to-destination {c}"],
    probes: ["c tcp vip:80", "c udp vip:53"],
  },
  {
    title: "DNAT back to where it came from, with MASQUERADE",
    nat: [
      "-A PREROUTING -d {vip} -j DNAT --to-destination {c}",
      "-A POSTROUTING -s {c} -d {c} -j MASQUERADE",
    ],
    probes: ["c tcp vip:80", "c udp vip:53"],
  },
  {
    title: "DNAT in OUTPUT",
    nat: ["-A OUTPUT -d {vip} -j DNAT --to-destination {s}"],
    steps: ["{route} add default via {t}"],
    probes: ["r tcp vip:80", "r udp vip:53", "c udp vip:53"],
  },
  {
    title: "DNAT in OUTPUT without a route: no packet",
    nat: ["-A OUTPUT -d {vip} -j DNAT --to-destination {s}"],
    probes: ["r tcp vip:80"],
  },
  {
    title: "MASQUERADE takes the address of the link",
    nat: ["-A POSTROUTING -o e1 -j MASQUERADE"],
    probes: ["c tcp s:80", "c udp s:53", "c udp t:53"],
  },
  {
    title: "MASQUERADE to a port",
    nat: ["-A POSTROUTING -o e1 -p udp -j MASQUERADE --to-ports 6000"],
    probes: ["c udp s:53"],
  },
  {
    title: "SNAT to another address",
    nat: ["-A POSTROUTING -d {s} -j SNAT --to-source {r2}"],
    probes: ["c tcp s:80", "c udp s:53"],
  },
  {
    title: "SNAT to an address nobody has",
    nat: ["-A POSTROUTING -d {s} -j SNAT --to-source {vip}"],
    probes: ["c tcp s:80", "c udp s:53"],
  },
  {
    title: "SNAT in INPUT",
    nat: ["-A INPUT -p udp -j SNAT --to-source {vip}"],
    probes: ["c udp r:53", "c tcp r:80"],
  },
  {
    title: "REDIRECT to a port of our own",
    nat: [
      "-A PREROUTING -d {vip} -p tcp -j REDIRECT --to-ports 80",
      "-A OUTPUT -d {s} -p udp -j REDIRECT",
    ],
    probes: ["c tcp vip:5", "r udp s:53"],
  },
  {
    title: "NETMAP maps a network",
    nat: ["-A PREROUTING -d {farnet} -j NETMAP --to {snet}"],
    probes: ["c udp far:53", "c tcp far2:80"],
  },
  {
    title: "NAT decides with the first packet only",
    nat: [
      "-A PREROUTING -d {vip} -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination {s}",
      "-A PREROUTING -d {vip} -j DNAT --to-destination {t}",
    ],
    probes: ["c tcp vip:80", "c tcp vip:80", "c udp vip:53"],
  },
  {
    title: "an accepted packet of nat PREROUTING is not rewritten below",
    nat: [
      "-A PREROUTING -d {vip} -p udp -j ACCEPT",
      "-A PREROUTING -d {vip} -j DNAT --to-destination {s}",
    ],
    probes: ["c udp vip:53", "c tcp vip:80"],
  },
  {
    title: "an ICMP error is translated back",
    nat: [
      "-A PREROUTING -d {vip} -j DNAT --to-destination {s}",
      "-A POSTROUTING -d {s} -j MASQUERADE",
    ],
    probes: ["c udp vip:9", "c tcp vip:9"],
  },
  {
    title: "related: errors pass where new connections do not",
    filter: ["-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT", "-A FORWARD -s {s} -j DROP"],
    probes: ["c udp s:9", "c tcp s:80"],
  },
];

/** All facts of this file. */
export const IPTABLES_FACTS: readonly Fact[] = [
  ...REJECTS,
  ...MATCHES,
  ...CHAINS,
  ...MARKS,
  ...NAT,
];

/** Where facts are asked: namespaces, their wires, and how they are set up before a fact adds to it. */
import type { Scenario } from "../differential/scenario.js";

/** Namespaces, wires and listeners. */
export interface Topology {
  readonly name: string;
  /** The namespace that a fact's rules are loaded in. */
  readonly middle: string;
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly veths: Scenario["veths"];
  readonly listeners: Scenario["listeners"];
  /** What braces stand for here, where that is not as on the router. */
  readonly names?: Readonly<Record<"ip4" | "ip6", Readonly<Record<string, string>>>>;
}

const FORWARDING = "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1";

function address(link: string, ip4: string, ip6: string): string[] {
  return [
    `ip addr add ${ip4}/24 dev ${link}`,
    `ip -6 addr add ${ip6}/64 dev ${link} nodad`,
    `ip link set ${link} up`,
  ];
}

function defaults(ip4: string, ip6: string): string[] {
  return [`ip route add default via ${ip4}`, `ip -6 route add default via ${ip6}`];
}

function listenersOn(hosts: readonly string[]): Scenario["listeners"] {
  return hosts.flatMap((host) => [
    [host, "tcp", 80] as const,
    [host, "tcp", 8080] as const,
    [host, "udp", 53] as const,
    [host, "udp", 5353] as const,
  ]);
}

/** A router `r` with a host on each of three links. */
export const ROUTER: Topology = {
  name: "router",
  middle: "r",
  hosts: {
    r: [
      FORWARDING,
      ...address("e0", "10.0.1.1", "fd00:1::1"),
      ...address("e1", "10.0.2.1", "fd00:2::1"),
      ...address("e2", "10.0.3.1", "fd00:3::1"),
    ],
    c: [...address("eth0", "10.0.1.2", "fd00:1::2"), ...defaults("10.0.1.1", "fd00:1::1")],
    s: [...address("eth0", "10.0.2.2", "fd00:2::2"), ...defaults("10.0.2.1", "fd00:2::1")],
    t: [...address("eth0", "10.0.3.2", "fd00:3::2"), ...defaults("10.0.3.1", "fd00:3::1")],
  },
  veths: [
    ["c", "eth0", "r", "e0"],
    ["s", "eth0", "r", "e1"],
    ["t", "eth0", "r", "e2"],
  ],
  listeners: listenersOn(["c", "s", "t", "r"]),
};

/** A node `n` with three pods on its bridge, and a host `x` outside. */
export const BRIDGE: Topology = {
  name: "bridge",
  middle: "n",
  hosts: {
    n: [
      FORWARDING,
      "ip link add br0 type bridge",
      "ip link set br0 address 02:00:00:ff:00:01",
      ...address("br0", "10.0.1.1", "fd00:1::1"),
      ...address("up0", "10.0.2.1", "fd00:2::1"),
      "sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1",
      ...[0, 1, 2].flatMap((i) => [`ip link set v${i} master br0`, `ip link set v${i} up`]),
    ],
    p0: [...address("eth0", "10.0.1.10", "fd00:1::10"), ...defaults("10.0.1.1", "fd00:1::1")],
    p1: [...address("eth0", "10.0.1.11", "fd00:1::11"), ...defaults("10.0.1.1", "fd00:1::1")],
    p2: [...address("eth0", "10.0.1.12", "fd00:1::12"), ...defaults("10.0.1.1", "fd00:1::1")],
    x: [...address("eth0", "10.0.2.2", "fd00:2::2"), ...defaults("10.0.2.1", "fd00:2::1")],
  },
  veths: [
    ["p0", "eth0", "n", "v0"],
    ["p1", "eth0", "n", "v1"],
    ["p2", "eth0", "n", "v2"],
    ["x", "eth0", "n", "up0"],
  ],
  listeners: listenersOn(["p0", "p1", "p2", "n", "x"]),
  names: {
    ip4: { p0: "10.0.1.10", p1: "10.0.1.11", p2: "10.0.1.12", n: "10.0.1.1", x: "10.0.2.2" },
    ip6: { p0: "fd00:1::10", p1: "fd00:1::11", p2: "fd00:1::12", n: "fd00:1::1", x: "fd00:2::2" },
  },
};

function overlayNode(i: number): string[] {
  const [own, other] = [i + 1, 2 - i];
  return [
    FORWARDING,
    ...address("eth0", `192.0.2.${own}`, `2001:db8::${own}`),
    ...address("v0", `10.0.${own}.1`, `fd00:${own}::1`),
    `ip link add vx type vxlan id 7 dstport 4789 local 192.0.2.${own} dev eth0 nolearning`,
    `ip link set vx address 02:00:00:ee:00:0${own}`,
    "ip link set vx up",
    `bridge fdb append 02:00:00:ee:00:0${other} dev vx dst 192.0.2.${other}`,
    `ip neigh add 10.0.${other}.0 lladdr 02:00:00:ee:00:0${other} dev vx nud permanent`,
    `ip neigh add fd00:${other}:: lladdr 02:00:00:ee:00:0${other} dev vx nud permanent`,
    `ip addr add 10.0.${own}.0/32 dev vx`,
    `ip route add 10.0.${other}.0/24 via 10.0.${other}.0 dev vx onlink`,
    `ip -6 route add fd00:${other}::/64 via fd00:${other}:: dev vx onlink`,
  ];
}

/** Two nodes with a pod each, joined by VXLAN; rules are loaded on the first. */
export const OVERLAY: Topology = {
  name: "overlay",
  middle: "n0",
  hosts: {
    n0: overlayNode(0),
    n1: overlayNode(1),
    p0: [...address("eth0", "10.0.1.2", "fd00:1::2"), ...defaults("10.0.1.1", "fd00:1::1")],
    p1: [...address("eth0", "10.0.2.2", "fd00:2::2"), ...defaults("10.0.2.1", "fd00:2::1")],
  },
  veths: [
    ["n0", "eth0", "n1", "eth0"],
    ["p0", "eth0", "n0", "v0"],
    ["p1", "eth0", "n1", "v0"],
  ],
  listeners: listenersOn(["p0", "p1", "n0", "n1"]),
  names: {
    ip4: { p0: "10.0.1.2", p1: "10.0.2.2", n0: "192.0.2.1", n1: "192.0.2.2" },
    ip6: { p0: "fd00:1::2", p1: "fd00:2::2", n0: "2001:db8::1", n1: "2001:db8::2" },
  },
};

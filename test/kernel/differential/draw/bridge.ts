/** Pods on one bridge of a node, and a host outside. */
import type { Scenario } from "../scenario.js";
import { Dice } from "./dice.js";
import { drawIpsets } from "./ipsets.js";
import { drawIptables } from "./iptables-rules.js";
import { drawProbes, type World } from "./world.js";

const PROBES = 12;

/** Draws a scenario of family `bridge`, or `bridge6`. */
export function drawBridgeScenario(seed: string, isIp6: boolean): Scenario {
  const family = isIp6 ? "bridge6" : "bridge";
  const dice = new Dice(`${family} ${seed}`);
  const addrs = isIp6 ? drawAddrs6(dice) : drawAddrs4(dice);
  const world: World = {
    dice,
    isIp6,
    addrs: [
      ...addrs.pods.map((a, i): [string, string] => [`p${i}`, a]),
      ["n", addrs.gateway],
      ["n", addrs.up],
      ["x", addrs.out],
    ],
    virtual: addrs.virtual,
    links: ["br0", "up0", "v0", "v1", "v2"],
    tcp: [dice.int(1000, 9000)],
    udp: [dice.int(1000, 9000)],
  };
  const key = isIp6 ? "ip6tables" : "iptables";
  const add = isIp6 ? "ip -6 addr add" : "ip addr add";
  const route = isIp6 ? "ip -6 route add" : "ip route add";
  const dad = isIp6 ? " nodad" : "";
  const text = drawIptables(world, {
    ...(dice.chance(0.3) ? { raw: dice.int(1, 2) } : {}),
    ...(dice.chance(0.4) ? { mangle: dice.int(1, 4) } : {}),
    nat: dice.int(0, 3),
    filter: dice.int(0, 6),
  });
  const pods = addrs.pods.map((addr, i) => [
    `p${i}`,
    {
      steps: [
        `${add} ${addr}/${addrs.bits} dev eth0${dad}`,
        "ip link set eth0 up",
        `${route} default via ${addrs.gateway}`,
      ],
    },
  ]);
  return {
    name: `${family}-${seed}`,
    family,
    hosts: {
      n: {
        steps: [
          isIp6 ? "sysctl -qw net.ipv6.conf.all.forwarding=1" : "sysctl -qw net.ipv4.ip_forward=1",
          "ip link add br0 type bridge",
          "ip link set br0 address 02:00:00:ff:00:01",
          `${add} ${addrs.gateway}/${addrs.bits} dev br0${dad}`,
          "ip link set br0 up",
          ...drawNetfilterSysctls(dice),
          `${add} ${addrs.up}/${addrs.bits} dev up0${dad}`,
          "ip link set up0 up",
          ...[0, 1, 2].flatMap((i) => drawPort(dice, i)),
          ...dice.maybe(0.15, () => "ip link set br0 promisc on"),
          ...dice.maybe(0.1, () => "ip link set br0 mtu 1400"),
          ...(isIp6
            ? []
            : dice.maybe(
                0.2,
                () => "sysctl -qw net.ipv4.conf.br0.proxy_arp=1 net.ipv4.neigh.br0.proxy_delay=0",
              )),
          ...(isIp6
            ? []
            : dice.maybe(0.2, () => `sysctl -qw net.ipv4.conf.br0.rp_filter=${dice.int(1, 2)}`)),
          ...(isIp6 ? [] : dice.maybe(0.2, () => "sysctl -qw net.ipv4.conf.all.route_localnet=1")),
        ],
        [key]: addServices(world, text, addrs),
        ipset: drawIpsets(world),
      },
      ...Object.fromEntries(pods),
      x: {
        steps: [
          `${add} ${addrs.out}/${addrs.bits} dev eth0${dad}`,
          "ip link set eth0 up",
          ...dice.maybe(0.6, () => `${route} default via ${addrs.up}`),
        ],
      },
    },
    veths: [
      ["p0", "eth0", "n", "v0"],
      ["p1", "eth0", "n", "v1"],
      ["p2", "eth0", "n", "v2"],
      ["x", "eth0", "n", "up0"],
    ],
    listeners: ["p0", "p1", "p2", "n", "x"].flatMap((host) => [
      ...world.tcp.map((port) => [host, "tcp", port] as const),
      ...world.udp.map((port) => [host, "udp", port] as const),
    ]),
    probes: [
      ...serviceProbes(world),
      ...drawProbes(world, ["p0", "p0", "p1", "p2", "x", "n"], PROBES - 6),
    ],
  };
}

interface Addrs {
  readonly pods: readonly string[];
  readonly gateway: string;
  readonly up: string;
  readonly out: string;
  readonly bits: number;
  readonly virtual: readonly string[];
}

function drawAddrs4(dice: Dice): Addrs {
  const pod = `10.${dice.int(1, 95)}.${dice.int(0, 255)}`;
  const net = `172.${dice.int(16, 31)}.${dice.int(0, 255)}`;
  return {
    pods: [10, 11, 12].map((n) => `${pod}.${n}`),
    gateway: `${pod}.1`,
    up: `${net}.1`,
    out: `${net}.9`,
    bits: 24,
    virtual: dice.times(3, () => `10.96.${dice.int(0, 255)}.${dice.int(1, 254)}`),
  };
}

function drawAddrs6(dice: Dice): Addrs {
  const pod = `fd00:1${dice.hex(3)}:1${dice.hex(3)}`;
  const net = `fd00:2${dice.hex(3)}:2${dice.hex(3)}`;
  return {
    pods: [10, 11, 12].map((n) => `${pod}::${n}`),
    gateway: `${pod}::1`,
    up: `${net}::1`,
    out: `${net}::9`,
    bits: 64,
    virtual: dice.times(3, () => `fd00:96::1${dice.hex(3)}`),
  };
}

function drawNetfilterSysctls(dice: Dice): string[] {
  const call = dice.chance(0.65) ? 1 : 0;
  return [
    `sysctl -qw net.bridge.bridge-nf-call-iptables=${call}`,
    `sysctl -qw net.bridge.bridge-nf-call-ip6tables=${call}`,
  ];
}

function drawPort(dice: Dice, i: number): string[] {
  return [
    `ip link set v${i} master br0`,
    `ip link set v${i} up`,
    ...dice.maybe(0.45, () => `bridge link set dev v${i} hairpin on`),
    ...dice.maybe(0.15, () => `bridge link set dev v${i} isolated on`),
    ...dice.maybe(0.06, () => `bridge link set dev v${i} learning off`),
    ...dice.maybe(0.06, () => `bridge link set dev v${i} flood off`),
    ...dice.maybe(0.06, () => `bridge link set dev v${i} neigh_suppress on`),
  ];
}

function addServices(world: World, text: string, addrs: Addrs): string {
  const { dice, isIp6 } = world;
  const bits = isIp6 ? 128 : 32;
  const lines = addrs.virtual.flatMap((vip, i) => {
    const pod = addrs.pods[i] as string;
    const to = isIp6 ? `[${pod}]` : pod;
    return [
      ...dice.maybe(
        0.4,
        () => `-A SVC -s ${pod}/${bits} -d ${vip}/${bits} -j MARK --or-mark 0x4000`,
      ),
      `-A SVC -d ${vip}/${bits} -p tcp -m tcp --dport 80 -j DNAT --to-destination ${to}:${world.tcp[0]}`,
      `-A SVC -d ${vip}/${bits} -p udp -m udp --dport 53 -j DNAT --to-destination ${to}:${world.udp[0]}`,
    ];
  });
  const net = `${addrs.gateway}/${addrs.bits}`;
  const all = [
    ":SVC - [0:0]",
    "-A PREROUTING -j SVC",
    "-A OUTPUT -j SVC",
    ...lines,
    "-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE",
    ...dice.maybe(0.5, () => `-A POSTROUTING -s ${net} ! -d ${net} -j MASQUERADE`),
    ...dice.maybe(0.3, () => `-A POSTROUTING -s ${net} ! -o br0 -j MASQUERADE`),
  ];
  return text.replace(/(\*nat\n(?::.*\n)*)/, `$1${all.join("\n")}\n`);
}

function serviceProbes(world: World) {
  const { dice, virtual } = world;
  return dice.times(6, () => {
    const proto = dice.pick(["tcp", "udp"] as const);
    return {
      from: dice.pick(["p0", "p1", "p2", "x", "n"]),
      proto,
      dst: dice.pick(virtual),
      dport: proto === "tcp" ? 80 : 53,
      sport: dice.int(20000, 59999),
    };
  });
}

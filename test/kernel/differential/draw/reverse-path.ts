/** Source checks: rp_filter, martians, route_localnet, accept_local, proxy ARP, small links. */
import type { Probe } from "../../../../src/fabric/index.js";
import type { Router } from "./router.js";
import { anyPort } from "./world.js";

/** Draws sysctls, spoofed addresses and MTUs. */
export function drawReversePath({ world, addrs }: Router) {
  const { dice, tcp } = world;
  const [routed, unrouted, shared] = [1, 2, 3].map(
    (i) => `198.18.${dice.int(0, 255)}.${10 * i + dice.int(1, 9)}`,
  ) as [string, string, string];
  const mtu = dice.pick([600, 1000, 1280, 1400]);
  const ofConf = (link: string) =>
    [
      ...dice.maybe(0.7, () => `rp_filter=${dice.int(0, 2)}`),
      ...dice.maybe(0.2, () => `accept_local=${dice.int(0, 1)}`),
      ...dice.maybe(0.3, () => `route_localnet=${dice.int(0, 1)}`),
      ...dice.maybe(0.2, () => `proxy_arp=${dice.int(0, 1)}`),
      ...dice.maybe(0.1, () => `src_valid_mark=${dice.int(0, 1)}`),
      ...dice.maybe(0.1, () => `arp_ignore=${dice.pick([1, 2, 3, 8])}`),
      ...dice.maybe(0.1, () => `arp_announce=${dice.int(1, 2)}`),
      ...dice.maybe(0.1, () => `forwarding=${dice.int(0, 1)}`),
      ...dice.maybe(0.1, () => `send_redirects=${dice.int(0, 1)}`),
    ].map((setting) => `sysctl -qw net.ipv4.conf.${link}.${setting}`);
  const steps = [
    ...ofConf("all"),
    ...world.links.flatMap(ofConf),
    ...world.links.map((link) => `sysctl -qw net.ipv4.neigh.${link}.proxy_delay=0`),
    ...dice.maybe(0.7, () => `ip route add ${routed}/32 via ${dice.pick([addrs.c, addrs.t])}`),
    ...dice.maybe(0.3, () => `ip addr add ${shared}/32 dev lo`),
    ...dice.maybe(0.6, () => `ip link set e1 mtu ${mtu}`),
    ...dice.maybe(0.1, () => `ip route add default via ${addrs.s} metric 50`),
  ];
  const onlink = dice.chance(0.2);
  return {
    routed,
    unrouted,
    shared,
    steps,
    hostSteps: {
      c: [
        `ip addr add ${routed}/32 dev lo`,
        `ip addr add ${unrouted}/32 dev lo`,
        ...dice.maybe(0.4, () => `ip addr add ${shared}/32 dev lo`),
        ...dice.maybe(0.15, () => "ip route add 127.0.0.0/8 dev eth0"),
        ...(onlink ? ["ip route replace default dev eth0"] : []),
      ],
      s: [...dice.maybe(0.6, () => `ip link set eth0 mtu ${mtu}`)],
      t: [...dice.maybe(0.3, () => "ip route replace default dev eth0")],
    } as Partial<Record<"c" | "s" | "t", string[]>>,
    rules: dice.chance(0.6)
      ? {
          iptables: [
            "*nat",
            `-A PREROUTING -p tcp -m tcp --dport 31000 -j DNAT --to-destination 127.0.0.1:${dice.pick(tcp)}`,
            `-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 31001 -j DNAT --to-destination ${addrs.s}:${dice.pick(tcp)}`,
            ...dice.maybe(0.5, () => "-A POSTROUTING -s 127.0.0.0/8 ! -o lo -j MASQUERADE"),
            ...dice.maybe(0.3, () => `-A POSTROUTING -o e1 -j MASQUERADE`),
            "COMMIT",
            "",
          ].join("\n"),
        }
      : {},
  };
}

/** Probes with sources that are not where they seem to be, to odd destinations, of odd sizes. */
export function drawReversePathProbes(
  { world, addrs }: Router,
  spoof: { readonly routed: string; readonly unrouted: string; readonly shared: string },
  count: number,
): Probe[] {
  const { dice } = world;
  const odd = [
    "198.18.9.9",
    "127.0.0.1",
    "127.1.2.3",
    "255.255.255.255",
    "224.0.0.5",
    "0.0.0.0",
    "240.0.0.1",
  ];
  const broadcast = (addr: string) => `${addr.split(".").slice(0, 3).join(".")}.255`;
  return dice.times(count, () => {
    const proto = dice.pick(["tcp", "udp"] as const);
    const from = dice.pick(["c", "c", "c", "s", "t", "r"]);
    const dst = dice.pick([
      addrs.s,
      addrs.s,
      addrs.t,
      addrs.c,
      spoof.routed,
      spoof.unrouted,
      spoof.shared,
      dice.pick(world.addrs)[1],
      dice.pick(odd),
      broadcast(addrs.s),
      broadcast(addrs.c),
    ]);
    const src =
      from === "c" && dice.chance(0.5) ? dice.pick([spoof.routed, spoof.unrouted]) : undefined;
    const isBig = proto === "udp" && dice.chance(0.3);
    return {
      from,
      ...(src === undefined ? {} : { src }),
      proto,
      dst,
      dport: dice.chance(0.2) ? dice.pick([31000, 31001]) : anyPort(world, proto),
      ...(dice.chance(0.12) ? { ttl: dice.int(1, 3) } : {}),
      ...(isBig ? { size: dice.int(500, 2500), df: dice.chance(0.5) } : {}),
      sport: dice.int(20000, 59999),
    };
  });
}

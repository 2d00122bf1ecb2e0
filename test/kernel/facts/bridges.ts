/** Facts about bridges with and without br_netfilter, and about VXLAN. */
import type { Fact } from "./fact.js";
import { BRIDGE, OVERLAY } from "./topology.js";

const SERVICE = ["-A PREROUTING -d {vip} -j DNAT --to-destination {p1}"];
const OFF = "sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0";

const BRIDGES: readonly Fact[] = [
  {
    title: "bridged packets meet the IP hooks",
    filter: ["-A FORWARD -s {p0} -d {p1} -p udp -j DROP"],
    probes: ["p0 udp p1:53", "p0 tcp p1:80"],
  },
  {
    title: "bridged packets meet no IP hook without br_netfilter",
    steps: [OFF],
    filter: ["-A FORWARD -s {p0} -d {p1} -j DROP"],
    probes: ["p0 udp p1:53", "p0 tcp p1:80"],
  },
  {
    title: "a service on the bridge answers through it",
    nat: SERVICE,
    probes: ["p0 tcp vip:80", "p0 udp vip:53", "x tcp vip:80"],
  },
  {
    title: "without br_netfilter the answer comes from the wrong address",
    steps: [OFF],
    nat: SERVICE,
    probes: ["p0 tcp vip:80", "p0 udp vip:53", "x tcp vip:80"],
  },
  {
    title: "a pod reaches itself by its service: no hairpin",
    nat: [...SERVICE, "-A POSTROUTING -s {p1} -d {p1} -j MASQUERADE"],
    probes: ["p1 tcp vip:80"],
  },
  {
    title: "a pod reaches itself by its service: hairpin",
    steps: ["bridge link set dev v1 hairpin on"],
    nat: [...SERVICE, "-A POSTROUTING -s {p1} -d {p1} -j MASQUERADE"],
    probes: ["p1 tcp vip:80", "p1 udp vip:53"],
  },
  {
    title: "a pod reaches itself by its service: hairpin, no MASQUERADE",
    steps: ["bridge link set dev v1 hairpin on"],
    nat: SERVICE,
    probes: ["p1 tcp vip:80"],
  },
  {
    title: "isolated ports do not reach each other",
    steps: ["bridge link set dev v0 isolated on", "bridge link set dev v1 isolated on"],
    probes: ["p0 udp p1:53", "p0 udp p2:53", "p0 udp n:53", "p0 udp x:53"],
  },
  {
    title: "isolated ports reach each other by a service",
    steps: ["bridge link set dev v0 isolated on", "bridge link set dev v1 isolated on"],
    nat: [...SERVICE, "-A POSTROUTING -d {p1} -j MASQUERADE"],
    probes: ["p0 tcp vip:80"],
  },
  {
    title: "a port that does not learn",
    steps: ["bridge link set dev v1 learning off"],
    probes: ["p0 udp p1:53"],
  },
  {
    title: "a port that is not flooded",
    steps: ["bridge link set dev v1 flood off learning off"],
    probes: ["p0 udp p1:53"],
  },
  {
    title: "physdev: in, out, is bridged",
    filter: [
      "-A FORWARD -m physdev --physdev-in v0 --physdev-out v1 -p udp -j REJECT",
      "-A FORWARD -m physdev --physdev-is-bridged -p tcp --dport 8080 -j DROP",
      "-A FORWARD -m physdev ! --physdev-is-in -p tcp --dport 80 -j DROP",
    ],
    probes: ["p0 udp p1:53", "p2 udp p1:53", "p0 tcp p1:8080", "p0 tcp x:8080", "x tcp p0:80"],
  },
  {
    title: "a fragmented datagram through the bridge is put together for the hooks",
    only: "ip4" as const,
    nat: SERVICE,
    filter: ["-A FORWARD -p udp -m udp --dport 5353 -j DROP"],
    probes: [
      "p0 udp p1:53 size=2000 df=false",
      "p0 udp p1:5353 size=2000 df=false",
      "p0 udp n:53 size=2000 df=false",
    ],
  },
  {
    title: "a fragmented datagram through the bridge without br_netfilter",
    only: "ip4" as const,
    steps: [OFF],
    filter: ["-A FORWARD -p udp -m udp --dport 5353 -j DROP"],
    probes: ["p0 udp p1:53 size=2000 df=false", "p0 udp p1:5353 size=2000 df=false"],
  },
  {
    title: "a port with a smaller MTU: br_netfilter splits",
    steps: ["ip link set v1 mtu 1400"],
    filter: ["-A FORWARD -j ACCEPT"],
    probes: ["p0 udp p1:53 size=1450 df=false", "p0 udp p1:53 size=1450 df=true"],
  },
  {
    title: "a port with a smaller MTU: the bridge drops",
    steps: [OFF, "ip link set v1 mtu 1300"],
    probes: ["p0 udp p1:53 size=1450 df=false", "p0 udp p1:53 size=1000 df=false"],
  },
  {
    title: "a promiscuous bridge",
    steps: ["ip link set br0 promisc on"],
    filter: ["-A INPUT -p udp -j DROP"],
    probes: ["p0 udp p1:53", "p0 udp n:53"],
  },
].map((fact) => ({ ...fact, on: BRIDGE }));

const OVERLAYS: readonly Fact[] = [
  {
    title: "VXLAN carries packets between nodes",
    probes: ["p0 udp p1:53", "p0 tcp p1:80", "n0 udp p1:53", "p0 udp p1:9"],
  },
  {
    title: "VXLAN: a packet too big for the tunnel",
    probes: [
      "p0 udp p1:53 size=1450 df=true",
      "p0 udp p1:53 size=1450 df=true",
      "p0 udp p1:53 size=1450 df=false",
    ],
  },
  {
    title: "VXLAN: outer packets meet the rules",
    filter: ["-A OUTPUT -p udp -m udp --dport 4789 -j DROP"],
    only: "ip4" as const,
    probes: ["p0 udp p1:53", "p1 udp p0:53"],
  },
  {
    title: "VXLAN: the far end is not known",
    steps: ["bridge fdb del 02:00:00:ee:00:02 dev vx dst 192.0.2.2"],
    probes: ["p0 udp p1:53"],
  },
  {
    title: "VXLAN: masquerade from the node's own address",
    nat: ["-A POSTROUTING -d {p1} -j MASQUERADE"],
    probes: ["p0 udp p1:53", "p0 tcp p1:80"],
  },
  {
    title: "VXLAN: rules see inner packets on the tunnel's link",
    filter: ["-A FORWARD -o vx -p udp -j REJECT"],
    probes: ["p0 udp p1:53", "p0 tcp p1:80"],
  },
].map((fact) => ({ ...fact, on: OVERLAY }));

/** All facts of this file. */
export const BRIDGE_FACTS: readonly Fact[] = [...BRIDGES, ...OVERLAYS];

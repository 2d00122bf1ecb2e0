/**
 * Two nodes with two pods each, and an outside host, on one switch: pods on a bridge with host routes
 * or VXLAN between nodes, or on links of their own with proxy ARP.
 */
import type { Host, Scenario } from "../scenario.js";
import { Dice } from "./dice.js";
import { drawIpsets } from "./ipsets.js";
import { drawIptables } from "./iptables-rules.js";
import { drawProbes, type World } from "./world.js";

const PROBES = 14;

/** Draws a scenario of family `cluster`. */
export function drawClusterScenario(seed: string): Scenario {
  const dice = new Dice(`cluster ${seed}`);
  const kind = dice.pick(["host-gw", "vxlan", "routed"] as const);
  const net = `192.168.${dice.int(0, 255)}`;
  const podNet = (node: number) => `10.244.${node + 1}`;
  const pods = [0, 1].flatMap((node) =>
    [0, 1].map((i): [string, string] => [`n${node}p${i}`, `${podNet(node)}.${i + 2}`]),
  );
  const world: World = {
    dice,
    isIp6: false,
    addrs: [...pods, ["node0", `${net}.11`], ["node1", `${net}.12`], ["ext", `${net}.99`]],
    virtual: dice.times(3, () => `10.96.${dice.int(0, 255)}.${dice.int(1, 254)}`),
    links: ["eth0", "cni0", "veth0", "veth1", "flannel.1"],
    tcp: [dice.int(1000, 9000)],
    udp: [dice.int(1000, 9000)],
  };
  const nodePorts = dice.times(3, () => dice.int(30000, 32767));
  const services = drawServices(world, pods, nodePorts);
  const node = (i: number): Host => ({
    steps: nodeSteps(dice, { kind, net, i }),
    iptables: nodeRules(world, services, `${podNet(i)}.0/24`),
    ipset: drawIpsets(world),
  });
  const hosts: Record<string, Host> = {
    sw: {
      steps: [
        "ip link add sw0 type bridge",
        "ip link set sw0 up",
        "sysctl -qw net.bridge.bridge-nf-call-iptables=0",
        ...[0, 1, 2].flatMap((i) => [`ip link set s${i} master sw0`, `ip link set s${i} up`]),
      ],
    },
    node0: node(0),
    node1: node(1),
    ext: {
      steps: [
        `ip addr add ${net}.99/24 dev eth0`,
        "ip link set eth0 up",
        ...dice.maybe(0.4, () => `ip route add 10.244.0.0/16 via ${net}.11`),
        ...dice.maybe(0.3, () => `ip route add 10.96.0.0/16 via ${net}.12`),
      ],
    },
  };
  pods.forEach(([name, addr], i) => {
    hosts[name] = { steps: podSteps(kind, addr, podNet(i < 2 ? 0 : 1)) };
  });
  const probes = services.probes.concat(
    drawProbes(world, [...pods.map(([name]) => name), "node0", "node1", "ext"], PROBES - 8),
  );
  return {
    name: `cluster-${seed}`,
    family: "cluster",
    hosts,
    veths: [
      ["node0", "eth0", "sw", "s0"],
      ["node1", "eth0", "sw", "s1"],
      ["ext", "eth0", "sw", "s2"],
      ["n0p0", "eth0", "node0", "veth0"],
      ["n0p1", "eth0", "node0", "veth1"],
      ["n1p0", "eth0", "node1", "veth0"],
      ["n1p1", "eth0", "node1", "veth1"],
    ],
    listeners: [...pods.map(([name]) => name), "node0", "node1", "ext"].flatMap((host) => [
      ...world.tcp.map((port) => [host, "tcp", port] as const),
      ...world.udp.map((port) => [host, "udp", port] as const),
    ]),
    probes,
  };
}

type Kind = "host-gw" | "vxlan" | "routed";

function podSteps(kind: Kind, addr: string, net: string): string[] {
  if (kind === "routed") {
    return [
      `ip addr add ${addr}/32 dev eth0`,
      "ip link set eth0 up",
      "ip route add 169.254.1.1 dev eth0 scope link",
      "ip route add default via 169.254.1.1 dev eth0",
    ];
  }
  return [
    `ip addr add ${addr}/24 dev eth0`,
    "ip link set eth0 up",
    `ip route add default via ${net}.1`,
  ];
}

function nodeSteps(dice: Dice, { kind, net, i }: { kind: Kind; net: string; i: number }): string[] {
  const own = `10.244.${i + 1}`;
  const other = `10.244.${2 - i}`;
  const steps = [
    "sysctl -qw net.ipv4.ip_forward=1",
    `ip addr add ${net}.1${i + 1}/24 dev eth0`,
    "ip link set eth0 up",
    `ip route add default via ${net}.99`,
    ...dice.maybe(0.2, () => `sysctl -qw net.ipv4.conf.all.rp_filter=${dice.int(1, 2)}`),
    ...dice.maybe(0.2, () => "sysctl -qw net.ipv4.conf.all.route_localnet=1"),
  ];
  if (kind === "routed") {
    for (const pod of [0, 1]) {
      steps.push(
        `ip link set veth${pod} up`,
        `ip route add ${own}.${pod + 2}/32 dev veth${pod} scope link`,
      );
      steps.push(
        `sysctl -qw net.ipv4.conf.veth${pod}.proxy_arp=1 net.ipv4.neigh.veth${pod}.proxy_delay=0`,
      );
    }
    if (dice.chance(0.3)) steps.push(`ip route add blackhole ${own}.0/24`);
  } else {
    steps.push(
      "ip link add cni0 type bridge",
      `ip link set cni0 address 02:00:00:ee:0${i}:01`,
      `ip addr add ${own}.1/24 dev cni0`,
      "ip link set cni0 up",
      `sysctl -qw net.bridge.bridge-nf-call-iptables=${dice.chance(0.8) ? 1 : 0}`,
    );
    for (const pod of [0, 1]) {
      steps.push(`ip link set veth${pod} master cni0`, `ip link set veth${pod} up`);
      if (dice.chance(0.7)) steps.push(`bridge link set dev veth${pod} hairpin on`);
    }
  }
  if (kind === "vxlan") {
    steps.push(
      `ip link add flannel.1 type vxlan id 1 dev eth0 local ${net}.1${i + 1} dstport 8472 nolearning`,
      `ip link set flannel.1 address 02:00:00:cc:00:0${i + 1}`,
      `ip addr add ${own}.0/32 dev flannel.1`,
      "ip link set flannel.1 mtu 1450 up",
      `ip neigh add ${other}.0 lladdr 02:00:00:cc:00:0${2 - i} dev flannel.1 nud permanent`,
      `bridge fdb add 02:00:00:cc:00:0${2 - i} dev flannel.1 dst ${net}.1${2 - i}`,
      `ip route add ${other}.0/24 via ${other}.0 dev flannel.1 onlink`,
    );
  } else {
    steps.push(`ip route add ${other}.0/24 via ${net}.1${2 - i} dev eth0`);
  }
  return steps;
}

interface Services {
  readonly lines: readonly string[];
  readonly chains: readonly string[];
  readonly filter: readonly string[];
  readonly probes: Scenario["probes"];
}

function drawServices(
  world: World,
  pods: readonly (readonly [string, string])[],
  nodePorts: readonly number[],
): Services {
  const { dice, virtual } = world;
  const lines: string[] = [];
  const chains: string[] = [];
  const filter: string[] = [];
  const targets: (readonly ["tcp" | "udp", string, number])[] = [];
  const nodes = ["node0", "node1"].map(
    (n) => world.addrs.find(([name]) => name === n)?.[1] as string,
  );
  virtual.forEach((vip, i) => {
    const proto = dice.pick(["tcp", "udp"] as const);
    const port = proto === "tcp" ? 80 : 53;
    const nodePort = nodePorts[i] as number;
    const match = `-d ${vip}/32 -p ${proto} -m ${proto} --dport ${port}`;
    targets.push([proto, vip, port], [proto, dice.pick(nodes), nodePort]);
    if (dice.chance(0.2)) {
      filter.push(`-A KUBE-REJ ${match} -j REJECT`);
      return;
    }
    const [, pod] = dice.pick(pods);
    chains.push(`KUBE-SVC-${i}`, `KUBE-SEP-${i}`, `KUBE-EXT-${i}`);
    lines.push(
      `-A KUBE-SERVICES ${match} -j KUBE-SVC-${i}`,
      `-A KUBE-SVC-${i} ! -s 10.244.0.0/16 ${match} -j KUBE-MARK-MASQ`,
      `-A KUBE-SVC-${i} -j KUBE-SEP-${i}`,
      `-A KUBE-SEP-${i} -s ${pod}/32 -j KUBE-MARK-MASQ`,
      ...(dice.chance(0.3)
        ? [
            `-A KUBE-SEP-${i} -p ${proto} -m recent --name A${i} --set --rsource -m ${proto} -j DNAT --to-destination ${pod}:${world[proto][0]}`,
          ]
        : [
            `-A KUBE-SEP-${i} -p ${proto} -m ${proto} -j DNAT --to-destination ${pod}:${world[proto][0]}`,
          ]),
      `-A KUBE-EXT-${i} -j KUBE-MARK-MASQ`,
      `-A KUBE-EXT-${i} -j KUBE-SVC-${i}`,
      `-A KUBE-NODEPORTS -p ${proto} -m ${proto} --dport ${nodePort} -j KUBE-EXT-${i}`,
    );
  });
  const probes = dice.times(8, () => {
    const [proto, dst, dport] = dice.pick(targets);
    const from = dice.pick([...pods.map(([name]) => name), "node0", "node1", "ext", "ext"]);
    return { from, proto, dst, dport, sport: dice.int(20000, 59999) };
  });
  return { lines, chains, filter, probes };
}

function nodeRules(world: World, services: Services, podNet: string): string {
  const { dice } = world;
  const chains = [
    "KUBE-SERVICES",
    "KUBE-NODEPORTS",
    "KUBE-MARK-MASQ",
    "KUBE-POSTROUTING",
    ...services.chains,
  ];
  const nat = [
    "*nat",
    ...chains.map((name) => `:${name} - [0:0]`),
    "-A PREROUTING -j KUBE-SERVICES",
    "-A OUTPUT -j KUBE-SERVICES",
    "-A POSTROUTING -j KUBE-POSTROUTING",
    ...dice.maybe(0.7, () => `-A POSTROUTING -s ${podNet} ! -d 10.244.0.0/16 -j MASQUERADE`),
    "-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000",
    "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
    "-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000",
    "-A KUBE-POSTROUTING -j MASQUERADE",
    ...services.lines,
    "-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS",
    "COMMIT",
    "",
  ].join("\n");
  const extra = drawIptables(world, {
    ...(dice.chance(0.2) ? { mangle: dice.int(1, 3) } : {}),
    filter: dice.int(0, 4),
  });
  const filter = extra.replace(
    /(\*filter\n(?::.*\n)*)/,
    `$1${[":KUBE-REJ - [0:0]", "-A FORWARD -m conntrack --ctstate NEW -j KUBE-REJ", "-A OUTPUT -m conntrack --ctstate NEW -j KUBE-REJ", ...services.filter].join("\n")}\n`,
  );
  return nat + filter;
}

/** Services as kube-proxy writes them in miniature: marks, destination NAT, masquerade. */
import type { Probe } from "../../../../src/fabric/index.js";
import type { Router } from "./router.js";

/** Adds a service's chains to a text with a nat table; and probes that ask for them. */
export function drawServices({ world, addrs }: Router) {
  const { dice, virtual, isIp6 } = world;
  const bits = isIp6 ? 128 : 32;
  const lines: string[] = [];
  const probes: Probe[] = [];
  virtual.forEach((vip) => {
    const proto = dice.pick(["tcp", "udp"] as const);
    const port = dice.pick([80, dice.pick(world[proto])]);
    const side = dice.pick(["s", "t", "c"] as const);
    const to = isIp6 ? `[${addrs[side]}]` : addrs[side];
    const match = `-d ${vip}/${bits} -p ${proto} -m ${proto} --dport ${port}`;
    if (dice.chance(0.5)) lines.push(`-A SVC ${match} -j MARK --or-mark 0x4000`);
    if (dice.chance(0.7))
      lines.push(`-A SVC -s ${addrs[side]}/${bits} ${match} -j MARK --or-mark 0x4000`);
    lines.push(`-A SVC ${match} -j DNAT --to-destination ${to}:${dice.pick(world[proto])}`);
    for (const from of dice.few(["c", "s", "t", "r"], 2)) {
      probes.push({ from, proto, dst: vip, dport: port, sport: dice.int(20000, 59999) });
    }
  });
  const all = [
    ":SVC - [0:0]",
    "-A PREROUTING -j SVC",
    "-A OUTPUT -j SVC",
    ...lines,
    "-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE",
  ];
  const addTo = (text: string) => text.replace(/(\*nat\n(?::.*\n)*)/, `$1${all.join("\n")}\n`);
  return { addTo, probes };
}

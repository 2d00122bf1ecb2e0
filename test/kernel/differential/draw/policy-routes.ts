/** Policy routing: tables, rules with every selector and action, routes of every type. */
import type { Probe } from "../../../../src/fabric/index.js";
import type { Router } from "./router.js";
import { anyPort, anyPrefix, type World } from "./world.js";

/** Draws tables and rules for `r`, and addresses of hosts that are reached by several ways. */
export function drawPolicyRoutes({ world, addrs }: Router) {
  const { dice, isIp6 } = world;
  const ip = isIp6 ? "ip -6" : "ip";
  const bits = isIp6 ? 128 : 32;
  const far = dice.times(2, () =>
    isIp6 ? `fd00:203::${dice.int(1, 9999)}` : `203.0.113.${dice.int(1, 254)}`,
  );
  const ways = [`via ${addrs.s} dev e1`, `via ${addrs.t} dev e2`, `via ${addrs.c} dev e0`];
  const prefix = () => {
    const addr = dice.pick([...far, ...far, ...world.virtual]);
    const lengths = isIp6 ? [128, 124, 64, 48, 32] : [32, 31, 28, 25, 24, 20, 16];
    return `${maskOf(addr, dice.pick(lengths), isIp6)}`;
  };
  const route = () => {
    const dst = dice.chance(0.25) ? "default" : prefix();
    const table = dice.pick(["", "", " table 100", " table 101", " table 102"]);
    const metric = dice.maybe(0.4, () => ` metric ${dice.int(1, 90)}`).join("");
    if (dice.chance(0.3)) {
      const type = dice.pick(["blackhole", "unreachable", "prohibit", "throw"]);
      return `${ip} route add ${type} ${dst}${table}${metric}`;
    }
    const tos = isIp6 ? "" : dice.maybe(0.1, () => " tos 0x10").join("");
    const source = dice.maybe(0.1, () => ` src ${world.addrs[dice.int(3, 5)]?.[1]}`).join("");
    const mtu = dice.maybe(0.1, () => " mtu 900").join("");
    return `${ip} route add ${dst} ${dice.pick(ways)}${table}${metric}${tos}${source}${mtu}`;
  };
  const rules = dice.times(
    dice.int(1, 5),
    (i) => `${ip} rule add pref ${1000 + i} ${drawRule(world)}`,
  );
  const onLo = (probability: number) =>
    dice.some(far, probability).map((addr) => `ip addr add ${addr}/${bits} dev lo`);
  const sysctls = isIp6 ? [] : dice.maybe(0.15, () => "sysctl -qw net.ipv4.fwmark_reflect=1");
  const probes = (count: number) =>
    dice.times(count, () => drawProbe(world, [...far, ...world.virtual]));
  return {
    steps: [...dice.times(dice.int(2, 9), route), ...rules, ...sysctls],
    hostSteps: { s: onLo(0.8), t: onLo(0.8), c: onLo(0.2) },
    probes,
  };
}

function drawRule(world: World): string {
  const { dice, isIp6 } = world;
  const not = dice.chance(0.15) ? "not " : "";
  const proto = dice.pick(["tcp", "udp"] as const);
  const selectors = dice.few(
    [
      `from ${anyPrefix(world)}`,
      `to ${anyPrefix(world)}`,
      `fwmark ${dice.pick(["0x1", "0x2", "0x1/0x1", "0x4000/0x4000"])}`,
      `iif ${dice.pick([...world.links, "lo"])}`,
      `oif ${dice.pick(world.links)}`,
      `ipproto ${proto}`,
      `ipproto ${proto} dport ${anyPort(world, proto)}`,
      `sport 20000-${dice.int(30000, 59999)}`,
      ...(isIp6 ? [] : [`tos ${dice.pick(["0x10", "0x08"])}`]),
    ],
    2,
  );
  const uses = new Set<string>();
  const fit = selectors.filter((s) => {
    const key = s.split(" ")[0] as string;
    return !uses.has(key) && uses.add(key);
  });
  const table = dice.pick(["100", "101", "102", "main"]);
  const action = dice.pick([
    `lookup ${table}`,
    `lookup ${table}`,
    `lookup ${table}`,
    `lookup ${table} suppress_prefixlength ${dice.pick([0, 16, 24])}`,
    `lookup ${table} suppress_ifgroup 0`,
    "blackhole",
    "unreachable",
    "prohibit",
    `goto ${dice.pick([1003, 1004, 32766])}`,
    "nop",
  ]);
  return `${not}${fit.join(" ")} ${action}`;
}

function drawProbe(world: World, far: readonly string[]): Probe {
  const { dice } = world;
  const proto = dice.pick(["tcp", "udp"] as const);
  return {
    from: dice.pick(["c", "c", "s", "t", "r", "r"]),
    proto,
    dst: dice.chance(0.8) ? dice.pick(far) : dice.pick(world.addrs)[1],
    dport: anyPort(world, proto),
    sport: dice.int(20000, 59999),
    ...(dice.chance(0.1) ? { ttl: dice.int(1, 3) } : {}),
    ...(proto === "udp" && dice.chance(0.1) ? { size: 1000, df: dice.chance(0.5) } : {}),
  };
}

/** A prefix with its host bits cleared. */
function maskOf(addr: string, bits: number, isIp6: boolean): string {
  if (isIp6) {
    if (bits === 128) return `${addr}/128`;
    if (bits === 124) return `${addr.replace(/[0-9a-f]$/, "0")}/124`;
    return `${addr.split("::")[0]}::/${bits}`;
  }
  const value = addr.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const masked = Math.floor(value / size) * size;
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(masked / 2 ** shift) % 256);
  return `${parts.join(".")}/${bits}`;
}

/**
 * A router `r` between three hosts: `c`, `s` and `t`, each on a link of its own.
 */
import type { Host, Scenario } from "../scenario.js";
import type { Dice } from "./dice.js";
import type { World } from "./world.js";

/** A router's surroundings while a scenario is drawn. */
export interface Router {
  readonly world: World;
  /** Steps of `r`, before its rules. */
  readonly steps: readonly string[];
  readonly hosts: Readonly<Record<"c" | "s" | "t", readonly string[]>>;
  /** The hosts' addresses. */
  readonly addrs: Readonly<Record<"c" | "s" | "t", string>>;
}

const SIDES = ["c", "s", "t"] as const;

/** Draws addresses and routes of a router and its hosts. */
export function drawRouter(dice: Dice, isIp6: boolean): Router {
  const nets = SIDES.map(() => drawNet(dice, isIp6));
  const [c, s, t] = nets.map(({ host }) => host) as [string, string, string];
  const addr = isIp6 ? "ip -6 addr add" : "ip addr add";
  const route = isIp6 ? "ip -6 route add" : "ip route add";
  const dad = isIp6 ? " nodad" : "";
  const hasDefault = dice.chance(0.7);
  const steps = [
    isIp6 ? "sysctl -qw net.ipv6.conf.all.forwarding=1" : "sysctl -qw net.ipv4.ip_forward=1",
    ...nets.flatMap(({ router, bits }, i) => [
      `${addr} ${router}/${bits} dev e${i}${dad}`,
      `ip link set e${i} up`,
    ]),
    ...(hasDefault ? [`${route} default via ${t}`] : []),
  ];
  const hosts = SIDES.map((_, i) => {
    const { host, router, bits } = nets[i] as Net;
    return [
      `${addr} ${host}/${bits} dev eth0${dad}`,
      "ip link set eth0 up",
      `${route} default via ${router}`,
    ];
  });
  const virtual = dice.times(3, () =>
    isIp6 ? `fd00:96::${dice.hex(4)}` : `10.96.${dice.int(0, 255)}.${dice.int(1, 254)}`,
  );
  const world: World = {
    dice,
    isIp6,
    addrs: [
      ["c", c],
      ["s", s],
      ["t", t],
      ...nets.map(({ router }): [string, string] => ["r", router]),
    ],
    virtual: virtual.map(shorten),
    links: ["e0", "e1", "e2"],
    tcp: [dice.int(1000, 9000), dice.int(1000, 9000)],
    udp: [dice.int(1000, 9000), dice.int(1000, 9000)],
  };
  const [ofC, ofS, ofT] = hosts as [string[], string[], string[]];
  return { world, steps, hosts: { c: ofC, s: ofS, t: ofT }, addrs: { c, s, t } };
}

interface Net {
  readonly router: string;
  readonly host: string;
  readonly bits: number;
}

function drawNet(dice: Dice, isIp6: boolean): Net {
  if (isIp6) {
    const net = `fd00:${shorten(dice.hex(4))}:${shorten(dice.hex(4))}`;
    return { router: `${net}::1`, host: `${net}::${dice.int(2, 255).toString(16)}`, bits: 64 };
  }
  const net = dice.pick([
    `10.${dice.int(1, 95)}.${dice.int(0, 255)}`,
    `172.${dice.int(16, 31)}.${dice.int(0, 255)}`,
    `192.168.${dice.int(0, 255)}`,
  ]);
  return { router: `${net}.1`, host: `${net}.${dice.int(2, 254)}`, bits: 24 };
}

function shorten(text: string): string {
  return text.replace(/(^|:)0+(?=[0-9a-f])/g, "$1");
}

/** What a family adds to a router. */
export interface Additions {
  readonly name: string;
  readonly family: string;
  readonly probes: Scenario["probes"];
  readonly steps?: readonly string[];
  readonly rules?: Omit<Host, "steps">;
  readonly hostSteps?: Readonly<Partial<Record<"c" | "s" | "t", readonly string[]>>>;
  /** Namespaces that listen. */
  readonly listening?: readonly string[];
}

/** The scenario of a router with what a family adds. */
export function routerScenario(router: Router, added: Additions): Scenario {
  const { world, steps, hosts } = router;
  const { hostSteps = {}, rules = {} } = added;
  const listening = added.listening ?? ["c", "s", "t", "r"];
  const own = SIDES.map((side): [string, Host] => [
    side,
    { steps: [...hosts[side], ...(hostSteps[side] ?? [])] },
  ]);
  return {
    name: added.name,
    family: added.family,
    hosts: {
      r: { steps: [...steps, ...(added.steps ?? [])], ...rules },
      ...Object.fromEntries(own),
    },
    veths: SIDES.map((side, i) => [side, "eth0", "r", `e${i}`] as const),
    listeners: listening.flatMap((host) => [
      ...world.tcp.map((port) => [host, "tcp", port] as const),
      ...world.udp.map((port) => [host, "udp", port] as const),
    ]),
    probes: added.probes,
  };
}

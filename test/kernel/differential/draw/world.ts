/**
 * What rules and probes of a scenario can name: addresses that exist and some that do not, ports that
 * somebody listens on and some that nobody does, links, sets.
 */
import type { Probe } from "../../../../src/fabric/index.js";
import type { Dice } from "./dice.js";

/** The vocabulary of one scenario. */
export interface World {
  readonly dice: Dice;
  readonly isIp6: boolean;
  /** Addresses of hosts, with the host's name. */
  readonly addrs: readonly (readonly [string, string])[];
  /** Addresses that nobody has: virtual addresses of services. */
  readonly virtual: readonly string[];
  /** Links of the namespace that has the rules. */
  readonly links: readonly string[];
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

/** A port nobody listens on, a service's, or one somebody does listen on. */
export function anyPort({ dice, tcp, udp }: World, proto?: "tcp" | "udp"): number {
  const own = proto === "tcp" ? tcp : proto === "udp" ? udp : [...tcp, ...udp];
  return dice.chance(0.7) ? dice.pick(own) : dice.pick([53, 80, 443, 31000]);
}

/** Any address: a host's, or a virtual one. */
export function anyAddr({ dice, addrs, virtual }: World): string {
  if (virtual.length > 0 && dice.chance(0.3)) return dice.pick(virtual);
  return dice.pick(addrs)[1];
}

/** An address, or a prefix around one. */
export function anyPrefix(world: World): string {
  const { dice, isIp6 } = world;
  const addr = anyAddr(world);
  const bits = isIp6 ? [128, 127, 124, 120, 64, 48, 32, 8] : [32, 31, 30, 28, 24, 16, 8, 4, 0];
  return dice.chance(0.35) ? addr : `${addr}/${dice.pick(bits)}`;
}

/** `count` probes between hosts; `from` are those that have clients. */
export function drawProbes(world: World, from: readonly string[], count: number): Probe[] {
  return world.dice.times(count, () => drawProbe(world, from));
}

function drawProbe(world: World, from: readonly string[]): Probe {
  const { dice, addrs, virtual } = world;
  const proto = dice.pick(["tcp", "udp"] as const);
  const isVirtual = virtual.length > 0 && dice.chance(0.3);
  const client = dice.pick(from);
  const own = addrs.filter(([host]) => host === client).map(([, addr]) => addr);
  return {
    from: client,
    proto,
    dst: isVirtual ? dice.pick(virtual) : dice.pick(addrs)[1],
    dport: anyPort(world, proto),
    sport: dice.int(20000, 59999),
    ...(own.length > 1 && dice.chance(0.3) ? { src: dice.pick(own) } : {}),
    ...(dice.chance(0.08) ? { ttl: dice.int(1, 3) } : {}),
    ...(proto === "udp" && dice.chance(0.1) ? drawSize(dice) : {}),
  };
}

function drawSize(dice: Dice): { size: number; df: boolean } {
  return { size: dice.pick([500, 548, 1200, 1400, 1472, 1473, 1600, 3000]), df: dice.chance(0.5) };
}

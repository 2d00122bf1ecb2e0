/** The sets that rules of a scenario name, of every kind the model has. */
import { anyAddr, anyPort, anyPrefix, type World } from "./world.js";

/** The text for `ipset restore`. */
export function drawIpsets(world: World): string {
  const { dice, isIp6 } = world;
  const family = `family ${isIp6 ? "inet6" : "inet"}`;
  const add = (set: string, count: number, element: () => string) =>
    dice.times(count, () => `add ${set} ${element()} -exist`);
  const service = () => {
    const proto = dice.pick(["tcp", "udp"] as const);
    return `${proto}:${anyPort(world, proto)}`;
  };
  const net = () => {
    const prefix = anyPrefix(world);
    return prefix.endsWith("/0") ? anyAddr(world) : prefix;
  };
  const nomatch = () => (dice.chance(0.3) ? " nomatch" : "");
  return [
    `create hosts hash:ip ${family}`,
    `create nets hash:net ${family}`,
    `create hp hash:ip,port ${family}`,
    `create np hash:net,port ${family}`,
    `create hip hash:ip,port,ip ${family}`,
    "create all list:set",
    ...add("hosts", 3, () => anyAddr(world)),
    ...add("nets", 4, () => `${net()}${nomatch()}`),
    ...add("hp", 4, () => `${anyAddr(world)},${service()}`),
    ...add("np", 4, () => `${net()},${service()}${nomatch()}`),
    ...add("hip", 3, () => `${anyAddr(world)},${service()},${anyAddr(world)}`),
    ...dice.few(["hosts", "nets"], 2).map((name) => `add all ${name} -exist`),
    "",
  ].join("\n");
}

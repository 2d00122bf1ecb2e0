/** The parts of a running namespace that come from its links and routes, built when it starts and again when they change. */
import { multicastMac, solicitedNodeAddr, unspecifiedAddr } from "../addr/index.js";
import { type Fib, openFib } from "../fib/index.js";
import { Bridge, LinkTable, type NeighborConfig, stateAt, VxlanDevice } from "../link/index.js";
import type { NetnsConfig } from "./config.js";
import { endPacket } from "./path/fate.js";
import { NEIGHBOR_SOLICITATION } from "./path/resolve.js";
import { RouteMemo } from "./path/route-memo.js";
import type { Stack } from "./stack.js";

/** What is made of links and routes. */
export interface LinkState {
  config: NetnsConfig;
  links: LinkTable;
  fib: Fib;
  routes: RouteMemo;
  bridges: ReadonlyMap<string, Bridge>;
  vxlans: ReadonlyMap<string, VxlanDevice>;
}

/** Builds links, routes, bridges and tunnels from a configuration. */
export function openLinkState(config: NetnsConfig): LinkState {
  const links = new LinkTable(config.links);
  const fib = openFib(config);
  return {
    config,
    links,
    fib,
    routes: new RouteMemo(fib),
    bridges: bridgesOf(config, links),
    vxlans: vxlansOf(config, links),
  };
}

/**
 * Gives a running namespace other links, addresses, routes and neighbours. Bridges keep what they
 * learnt on ports that are still there and have a carrier; connections masqueraded on a link that went
 * down go.
 */
export function changeLinkState(stack: Stack, config: NetnsConfig): void {
  const { bridges, links } = stack;
  Object.assign(stack, openLinkState(config));
  for (const [name, bridge] of stack.bridges) {
    const before = bridges.get(name);
    if (before !== undefined) bridge.adopt(before);
  }
  for (const { name, up } of links.all()) {
    if (up && stack.links.find(name)?.up !== true) stack.netfilter.conntrack.linkDown(name);
  }
  changeNeighbors(stack, config.neighbors);
}

function changeNeighbors(stack: Stack, configs: readonly NeighborConfig[]): void {
  const kept = new Set(configs.map((n) => `${n.link} ${n.addr.key()}`));
  for (const neighbor of [...stack.neighbors.entries()]) {
    const isKept = kept.has(`${neighbor.link} ${neighbor.addr.key()}`);
    const isLinkUp = stack.links.find(neighbor.link)?.up === true;
    if (isKept || (isLinkUp && neighbor.mac === undefined)) continue;
    for (const { transit } of stack.neighbors.remove(neighbor)) {
      endPacket(stack, transit, "link-down", { detail: neighbor.link });
    }
  }
  for (const config of configs) stack.neighbors.set(config);
}

/** A running namespace's configuration with the neighbours it has found by now. */
export function configNow(stack: Stack): NetnsConfig {
  const nowUs = stack.world.nowUs();
  const proxies = stack.config.neighbors.filter((n) => n.proxy === true);
  const found = [...stack.neighbors.entries()].flatMap((n): NeighborConfig[] => {
    const { link, addr, mac } = n;
    return mac === undefined ? [] : [{ link, addr, mac, state: stateAt(n, nowUs) }];
  });
  return { ...stack.config, neighbors: [...found, ...proxies] };
}

/**
 * A link that comes up asks whether somebody has its link-local address (RFC 4862 §5.4): bridges on the
 * way learn where it is.
 */
export function announceLink(stack: Stack, name: string): void {
  const link = stack.links.find(name);
  if (link?.mac === undefined || !link.up || !link.carrier) return;
  const own = link.addresses.find((a) => a.scope === "link" && a.address.family === "ip6");
  if (own === undefined) return;
  const target = own.address.addr;
  const dst = solicitedNodeAddr(target);
  stack.world.transmit(
    link,
    {
      src: link.mac,
      dst: multicastMac(dst),
      payload: {
        family: "ip6",
        src: unspecifiedAddr("ip6"),
        dst,
        ttl: 255,
        tos: 0,
        id: 0,
        df: true,
        payload: {
          kind: "icmp",
          type: NEIGHBOR_SOLICITATION,
          code: 0,
          target,
          payload: { kind: "filler", lengthBytes: 0 },
        },
      },
    },
    undefined,
  );
}

function bridgesOf(config: NetnsConfig, links: LinkTable): Map<string, Bridge> {
  const bridges = new Map<string, Bridge>();
  for (const link of links.all()) {
    if (link.kind.kind !== "bridge") continue;
    const fdb = config.fdb.filter(
      (e) => e.master === link.name || links.find(e.link)?.master === link.name,
    );
    bridges.set(link.name, new Bridge(link, links.ports(link.name), fdb));
  }
  return bridges;
}

function vxlansOf(config: NetnsConfig, links: LinkTable): Map<string, VxlanDevice> {
  const devices = new Map<string, VxlanDevice>();
  for (const link of links.all()) {
    if (link.kind.kind === "vxlan") {
      devices.set(link.name, new VxlanDevice(link, link.kind, config.fdb));
    }
  }
  return devices;
}

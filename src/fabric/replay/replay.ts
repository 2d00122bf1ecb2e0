/**
 * Replaying a recording: its namespaces are built from the dumps alone, its probes are run again.
 */

import type { LinkConfig, VethPeer } from "../../link/index.js";
import type { Listener, NetnsConfig, Service } from "../../netns/index.js";
import { parseNetnsDump } from "../../netns/index.js";
import { Fabric } from "../fabric.js";
import { runProbe } from "./probe-run.js";
import type { Got, Recording, ServerSaw } from "./recording.js";

/**
 * How long a recorder is busy between two probes, where the recording does not tell (`atMs`): it lists
 * and flushes the connections of every namespace, and starts the next client.
 *
 * No dump says it, and nothing can but the recordings' answers. What they leave open: in those of four
 * namespaces, routers that answer one ICMP error a second (`icmp_ratelimit`) answered and kept silent
 * as they do with any pause from 300 to 395 ms, and with no other; the middle is taken. Listing takes
 * about 35 ms a namespace: a connection that timed out after 0.6 s was 0.98 to 1.02 s old when the
 * eighth table was read (`SYN_SENT` has 119 or 118 s left).
 */
const PAUSE_US = { always: 145_000, perNetns: 50_000 } as const;
/** Nothing in a fabric happened before its start: the clock is far from 0, as a real one is. */
const START_US = 1_000_000_000;

/**
 * Replays one recording.
 *
 * Returns: for each probe what became of it, in the shape of the recording.
 * Errors: `InputError` when a dump cannot be read.
 *
 * @example
 * replayRecording({ ...recording, probes: [] }).probes // => []
 */
export function replayRecording(recording: Recording): { readonly probes: readonly Got[] } {
  return replayOn(configsOf(recording), recording);
}

/**
 * Runs the probes of a recording on configurations that came from elsewhere: its Services compiled
 * anew, for one.
 *
 * Returns: for each probe what became of it, in the shape of the recording.
 */
export function replayOn(
  configs: readonly NetnsConfig[],
  recording: Pick<Recording, "name" | "probes">,
): { readonly probes: readonly Got[] } {
  const saw: ServerSaw[] = [];
  const fabric = new Fabric(configs, {
    seed: recording.name,
    startUs: START_US,
    serve: (netns, listener) => nameService(netns, listener, saw),
  });
  const pauseUs = PAUSE_US.always + PAUSE_US.perNetns * [...fabric.netnses()].length;
  const probes = recording.probes.map(({ probe, atMs }) => {
    if (atMs !== undefined) fabric.advance(START_US + Math.round(atMs * 1000) - fabric.clock.nowUs);
    const got = runProbe(fabric, probe, saw);
    if (atMs === undefined) fabric.advance(pauseUs);
    fabric.journeys.clear();
    return got;
  });
  return { probes };
}

/** The configurations of a recording's namespaces. */
export function configsOf(recording: Recording): readonly NetnsConfig[] {
  const peers = new Map<string, Map<string, VethPeer>>();
  const addPeer = (netns: string, link: string, peer: VethPeer) => {
    const own = peers.get(netns) ?? new Map<string, VethPeer>();
    peers.set(netns, own.set(link, peer));
  };
  for (const [nsA, linkA, nsB, linkB] of recording.veths) {
    addPeer(nsA, linkA, { netns: nsB, link: linkB });
    addPeer(nsB, linkB, { netns: nsA, link: linkA });
  }
  return Object.entries(recording.namespaces).map(([name, dump]) => {
    const listeners: readonly Listener[] = recording.listeners
      .filter(([netns]) => netns === name)
      .map(([, protocol, port]) => ({ protocol, port, service: "name" }));
    const own = peers.get(name) ?? new Map<string, VethPeer>();
    return inOrderOfArrival(parseNetnsDump(name, dump, { peers: own, listeners }), own);
  });
}

/**
 * Puts links in the order the namespace got them, which decides whose address stands in for a link
 * without one: first loopback, then the ends of wires, which were moved in, then what was made there.
 */
function inOrderOfArrival(config: NetnsConfig, wired: ReadonlyMap<string, VethPeer>): NetnsConfig {
  const ends = [...wired.keys()];
  const rank = ({ name, kind, index }: LinkConfig) => {
    if (kind.kind === "loopback") return -1;
    const at = ends.indexOf(name);
    return at >= 0 ? at : ends.length + index;
  };
  return { ...config, links: [...config.links].sort((a, b) => rank(a) - rank(b)) };
}

/** A listener that answers with its namespace's name, from the address that was asked. */
export function nameService(netns: string, { protocol }: Listener, saw: ServerSaw[]): Service {
  const name = new TextEncoder().encode(netns);
  return {
    tcp: (local, peer) => ({
      onOpen: (connection) => {
        const [lport, pport] = [local.port, peer.port];
        saw.push({
          ns: netns,
          proto: protocol,
          local: local.addr.toString(),
          lport,
          peer: peer.addr.toString(),
          pport,
        });
        connection.send(name);
        connection.close();
      },
    }),
    udp: {
      onDatagram: ({ from, to }, socket) => {
        saw.push({
          ns: netns,
          proto: protocol,
          local: to.addr.toString(),
          lport: to.port,
          peer: from.addr.toString(),
          pport: from.port,
        });
        socket.send({ to: from, from: to.addr, payload: { kind: "bytes", bytes: name } });
      },
    },
  };
}

/** What hooks and rules did with a packet, in the words of `nft monitor trace`. */
import type { ChainStep, Step, Trace } from "../../trace/index.js";

/** IP protocol number of UDP. */
const UDP = 17;

/** The lines of one packet's journey, by namespace; outer packets of tunnels are left out. */
export function traceLines(trace: Trace): Record<string, string[]> {
  const byNetns = new Map<string, string[]>();
  for (const hop of trace.hops) {
    const lines = withoutTunnels(hop.steps).flatMap(lineOf);
    if (lines.length === 0) continue;
    const list = byNetns.get(hop.netns);
    if (list === undefined) byNetns.set(hop.netns, lines);
    else list.push(...lines);
  }
  return Object.fromEntries(byNetns);
}

/** Rules and policies after a chain belong to the packet that the chain was asked about. */
function withoutTunnels(steps: readonly Step[]): readonly Step[] {
  let isOuter = false;
  return steps.filter((step) => {
    if (step.kind === "chain") isOuter = carriesFrame(step);
    return !isOuter;
  });
}

function carriesFrame({ packet: { payload } }: ChainStep): boolean {
  if (payload.kind === "ipip") return true;
  return payload.kind === "udp" && payload.payload.kind === "vxlan";
}

function lineOf(step: Step): string[] {
  switch (step.kind) {
    case "chain":
      return [`${placeOf(step)} packet: ${packetWords(step)}`];
    case "rule":
      return [`${placeOf(step)} rule ${step.verdict}`];
    case "policy":
      return [`${placeOf(step)} policy ${step.verdict}`];
    default:
      return [];
  }
}

function placeOf(step: { family: string; table: string; chain: string }): string {
  return `${step.family} ${step.table} ${step.chain}`;
}

function packetWords({ packet, iif, oif }: ChainStep): string {
  const { family, src, dst, ttl, payload } = packet;
  const ip = family === "ip4" ? "ip" : "ip6";
  const words = [
    ...(iif === undefined ? [] : [`iif "${iif}"`]),
    ...(oif === undefined ? [] : [`oif "${oif}"`]),
    `${ip} saddr ${src} ${ip} daddr ${dst}`,
    family === "ip4" ? `ip ttl ${ttl}` : `ip6 hoplimit ${ttl}`,
  ];
  if (payload.kind === "tcp" || payload.kind === "udp") {
    words.push(`${payload.kind} sport ${payload.sport} ${payload.kind} dport ${payload.dport}`);
  }
  if (payload.kind === "other" && payload.protocol === UDP && packet.fragment !== undefined) {
    // nft takes what a later fragment begins with for ports; probes are full of "x".
    words.push("udp sport 30840 udp dport 30840");
  }
  return words.join(" ");
}

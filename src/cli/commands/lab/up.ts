/** `kubewire lab up`, `lab probe` and `lab down`: a cluster that stays, on the real kernel. */
import {
  type LabAnswer,
  probeStanding,
  raiseLab,
  readStanding,
  takeDown,
} from "../../../agents/index.js";
import { InputError } from "../../../base/index.js";
import type { Cluster } from "../../../cluster/index.js";
import { type ClusterFlags, loadCluster } from "../../cluster-options.js";
import { EXIT } from "../../failure.js";
import type { Terminal } from "../../terminal.js";

/** What commander read. */
export interface LabUpFlags extends ClusterFlags {
  readonly name: string;
  readonly json?: boolean;
}

/** Builds the cluster; it stays until `lab down`. */
export async function runLabUp(flags: LabUpFlags, terminal: Terminal): Promise<number> {
  const { cluster } = loadCluster(flags);
  const standing = await raiseLab(cluster.compile(), addressesOf(cluster), { name: flags.name });
  if (flags.json) terminal.out(`${JSON.stringify(standing)}\n`);
  else {
    const lines = Object.entries(standing.netns).map(([name, real]) => `${real}  ${name}\n`);
    terminal.out(`${lines.join("")}lab ${standing.name} is up\n`);
  }
  return EXIT.holds;
}

/** The first addresses of Services, pods and nodes, by what people call them. */
function addressesOf(cluster: Cluster): Record<string, string> {
  const { netns } = cluster.compile();
  const services = cluster.list("Service").flatMap(({ metadata, spec }): [string, string][] => {
    const ip = spec?.clusterIPs?.[0];
    return ip === undefined || ip === "None"
      ? []
      : [[`${metadata.name}.${metadata.namespace}`, ip]];
  });
  const hosts = [...netns.values()].flatMap(({ name, links }): [string, string][] => {
    const global = links
      .find((l) => l.name === "eth0")
      ?.addresses.find((a) => a.scope === "global");
    return global === undefined ? [] : [[name, global.address.addr.toString()]];
  });
  return Object.fromEntries([...services, ...hosts]);
}

/** What commander read. */
export interface LabProbeFlags {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly src?: string;
  readonly sport: number;
  readonly ttl?: number;
  readonly df?: boolean;
  readonly size?: number;
  readonly json?: boolean;
}

/** Tries one conversation; exit status 1 when nobody answered. */
export async function runLabProbe(flags: LabProbeFlags, terminal: Terminal): Promise<number> {
  const { proto, dst, dport } = targetOf(flags);
  const { src, sport, ttl, df, size } = flags;
  const answer = await probeStanding(flags.name, flags.from, {
    proto,
    dst,
    dport,
    sport,
    ...(src !== undefined && { src }),
    ...(ttl !== undefined && { ttl }),
    ...(size !== undefined && { size }),
    ...(df && { df }),
  });
  terminal.out(flags.json ? `${JSON.stringify(answer)}\n` : printAnswer(answer));
  return answer.result === "ok" ? EXIT.holds : EXIT.fails;
}

function printAnswer({ result, src, sport, answeredBy, icmp, saw }: LabAnswer): string {
  const lines = [
    answeredBy === undefined ? result : `${result}, answered by ${answeredBy}`,
    `from ${src} port ${sport}`,
    ...(icmp ? [`icmp type ${icmp.type} code ${icmp.code} from ${icmp.from}`] : []),
    ...saw.map((s) => {
      return `${s.netns} saw ${s.proto} ${s.peer} port ${s.pport} at ${s.local} port ${s.lport}`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}

function targetOf({ name, to }: LabProbeFlags) {
  const [, proto, host, port] = /^(tcp|udp):\/\/(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(to) ?? [];
  const bare = (host ?? "").replace(/^\[|\]$/g, "");
  const isAddress = /^[\d.]+$/.test(bare) || bare.includes(":");
  const { addresses } = readStanding(name);
  const known = [bare, `${bare}.default`, `default/${bare}`].find((n) =>
    Object.hasOwn(addresses, n),
  );
  const dst = isAddress ? bare : known && addresses[known];
  if ((proto === "tcp" || proto === "udp") && dst !== undefined && Number(port) < 65_536) {
    return { proto, dst, dport: Number(port) } as const;
  }
  throw new InputError({
    code: "bad-target",
    path: "--to",
    value: to,
    message: "is not a target in this lab",
    expected: `tcp:// or udp://, an address or one of ${Object.keys(addresses).join(", ")}, and a port`,
  });
}

/** Takes a lab down. */
export function runLabDown(
  flags: { readonly name: string; readonly json?: boolean },
  terminal: Terminal,
): number {
  const removed = takeDown(flags.name);
  if (flags.json) terminal.out(`${JSON.stringify({ removed })}\n`);
  else terminal.out(`lab ${flags.name}: ${removed.length} namespaces removed\n`);
  return EXIT.holds;
}

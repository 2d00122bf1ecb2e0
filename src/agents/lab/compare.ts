/**
 * Holding what the simulator says of a recorded probe against what the kernel did: result, who
 * answered, what the server saw, ICMP error, conntrack tuples and marks, connections of IPVS, and the
 * trace event by event.
 */
import type { Got } from "../../fabric/index.js";

interface RecordedNetns {
  readonly nft?: string;
  readonly nft_json?: { readonly nftables?: readonly { readonly chain?: ChainName }[] };
}

interface ChainName {
  readonly family: string;
  readonly table: string;
  readonly name: string;
}

/** The dumps a comparison needs: which chains the kernel really holds. */
export type RecordedNetnses = Readonly<Record<string, RecordedNetns>>;

const FAMILIES = "(ip6?|inet|bridge|arp|netdev)";
const PACKET = new RegExp(`^${FAMILIES} (\\S+) (\\S+) packet: (.*)$`);
const RULE_KERNEL = new RegExp(`^${FAMILIES} (\\S+) (\\S+) rule .*\\(verdict ([^)]*)\\)$`);
const RULE_OURS = new RegExp(
  `^${FAMILIES} (\\S+) (\\S+) rule (accept|drop|continue|return|(?:jump|goto) \\S+)$`,
);
const POLICY = new RegExp(`^${FAMILIES} (\\S+) (\\S+) policy (accept|drop)`);
/** Kernel 6.1 tells a rule that returns by its verdict alone. */
const RETURN = new RegExp(`^${FAMILIES} (\\S+) (\\S+) verdict return\\b`);

/** One line of a trace, as far as two implementations can agree on it; undefined: not compared. */
export function canonicalEvent(line: string): string | undefined {
  const packet = PACKET.exec(line);
  if (packet) return `${place(packet)} packet ${packetFields(packet[4] ?? "")}`;
  const rule = RULE_KERNEL.exec(line) ?? RULE_OURS.exec(line);
  if (rule) return `${place(rule)} rule ${(rule[4] ?? "").trim()}`;
  const policy = POLICY.exec(line);
  if (policy) return `${place(policy)} policy ${policy[4]}`;
  const returned = RETURN.exec(line);
  return returned ? `${place(returned)} rule return` : undefined;
}

function place(match: RegExpExecArray): string {
  return `${match[1]} ${match[2]} ${match[3]}`;
}

function packetFields(words: string): string {
  const field = (pattern: RegExp) => pattern.exec(words)?.[1] ?? "";
  return [
    `iif=${field(/\biif "([^"]*)"/)}`,
    `oif=${field(/\boif "([^"]*)"/)}`,
    field(/ip6? saddr (\S+)/),
    field(/ip6? daddr (\S+)/),
    field(/(tcp|udp) sport/),
    field(/(?:tcp|udp) sport (\d+)/),
    field(/(?:tcp|udp) dport (\d+)/),
    `ttl=${field(/(?:ip ttl|ip6 hoplimit) (\d+)/)}`,
  ].join(" ");
}

/** Chains the kernel holds: iptables-save also prints built-in chains that were never made. */
function realChains(dump: RecordedNetns): Set<string> {
  const fromJson = (dump.nft_json?.nftables ?? []).flatMap(({ chain }) =>
    chain === undefined ? [] : [`${chain.family} ${chain.table} ${chain.name}`],
  );
  if (fromJson.length > 0) return new Set(fromJson);
  const names = new Set<string>();
  let table = "";
  for (const line of (dump.nft ?? "").split("\n")) {
    const opened = /^table (\S+) (\S+) \{/.exec(line);
    if (opened) table = `${opened[1]} ${opened[2]}`;
    const chain = /^\s+chain (\S+) \{/.exec(line);
    if (chain) names.add(`${table} ${chain[1]}`);
  }
  return names;
}

function canonicalTrace(trace: Got["trace"] | undefined, netnses: RecordedNetnses) {
  const out = new Map<string, string[]>();
  for (const [ns, lines] of Object.entries(trace ?? {})) {
    const chains = realChains(netnses[ns] ?? {});
    const kept = lines
      .map(canonicalEvent)
      .filter((e): e is string => e !== undefined)
      .filter((e) => chains.has(e.split(" ").slice(0, 3).join(" ")));
    if (kept.length > 0) out.set(ns, kept);
  }
  return out;
}

/** Ports of protocols whose entries are no part of a probe, or whose source port is seeded at boot. */
const WIREGUARD = "51820";
const VXLAN = new Set(["8472", "4789"]);

/** The tuples and mark of one line of `conntrack -L`; undefined: not compared. */
export function canonicalEntry(line: string): string | undefined {
  const proto = line.trim().split(/\s+/)[0] ?? "";
  const isEcho = proto === "icmp" || proto === "icmpv6";
  if (proto !== "tcp" && proto !== "udp" && !isEcho) return undefined;
  const all = (key: string) =>
    [...line.matchAll(new RegExp(`\\b${key}=(\\S+)`, "g"))].map((m) => m[1] ?? "");
  const ports = isEcho ? [all("type"), all("id")] : [all("sport"), all("dport")];
  const [src, dst, sport = [], dport = []] = [all("src"), all("dst"), ...ports];
  if (proto === "udp" && dport.includes(WIREGUARD)) return undefined;
  if (proto === "udp" && VXLAN.has(dport[0] ?? "")) {
    sport[0] = "*";
    dport[1] = "*";
  }
  const side = (i: number) => `${src[i]}:${sport[i]}>${dst[i]}:${dport[i]}`;
  const unreplied = line.includes("UNREPLIED") ? " unreplied" : "";
  return `${proto} ${side(0)} reply ${side(1)} mark=${all("mark")[0] ?? "0"}${unreplied}`;
}

function canonicalConntrack(
  entries: Got["conntrack"] | undefined,
  { anyTunnelPorts = false }: CompareOptions,
): unknown {
  return Object.entries(entries ?? {})
    .map(([ns, lines]) => {
      const all = lines.map(canonicalEntry).filter((l): l is string => l !== undefined);
      const kept = anyTunnelPorts
        ? all.filter((l, i) => !isTunnel(l) || all.indexOf(l) === i)
        : all;
      return [ns, kept.sort(byText)] as const;
    })
    .filter(([, lines]) => lines.length > 0)
    .sort(([a], [b]) => byText(a, b));
}

/** Connections of `ipvsadm -Lnc`; the time left is not compared. */
function canonicalConnections(connections: Got["ipvs_connections"]): unknown {
  return Object.entries(connections ?? {})
    .map(([ns, lines]) => {
      const kept = lines.map((line) => line.trim().split(/\s+/).toSpliced(1, 1).join(" "));
      return [ns, kept.sort(byText)] as const;
    })
    .filter(([, lines]) => lines.length > 0)
    .sort(([a], [b]) => byText(a, b));
}

function canonicalSaw(list: Got["server_saw"] | undefined): readonly string[] {
  return (list ?? [])
    .map((s) => `${s.ns} ${s.proto} ${s.local}:${s.lport} from ${s.peer}:${s.pport}`)
    .sort(byText);
}

function canonicalIcmp(icmp: Got["icmp"]): string {
  return icmp ? `type ${icmp.type} code ${icmp.code} from ${icmp.from}` : "none";
}

/** How strictly a probe is compared. */
export interface CompareOptions {
  /**
   * From how many source ports a VXLAN sender sent is not compared: a socket that sends something
   * again, or answers from TIME_WAIT, gets another hash, and the tunnel's port comes from that. On a
   * slow machine this is chance.
   */
  readonly anyTunnelPorts?: boolean;
}

function isTunnel(entry: string): boolean {
  return entry.startsWith("udp ") && entry.includes(":*>");
}

/** Compares one probe. Returns one sentence for each aspect that differs. */
export function compareProbe(
  netnses: RecordedNetnses,
  kernel: Got,
  ours: Got | undefined,
  options: CompareOptions = {},
) {
  const differs: string[] = [];
  const check = (aspect: string, a: unknown, b: unknown) => {
    const [x, y] = [JSON.stringify(a), JSON.stringify(b)];
    if (x !== y) differs.push(`${aspect}: kernel ${x} | ours ${y}`);
  };
  check("result", kernel.result, ours?.result);
  check("answered_by", kernel.answered_by ?? null, ours?.answered_by ?? null);
  check("server_saw", canonicalSaw(kernel.server_saw), canonicalSaw(ours?.server_saw));
  if (kernel.icmp) check("icmp", canonicalIcmp(kernel.icmp), canonicalIcmp(ours?.icmp));
  const [tracked, track] = [kernel, ours].map((g) => canonicalConntrack(g?.conntrack, options));
  check("conntrack", tracked, track);
  if (kernel.ipvs_connections !== undefined) {
    const [a, b] = [kernel, ours].map((got) => canonicalConnections(got?.ipvs_connections));
    check("ipvs_connections", a, b);
  }
  const [k, o] = [canonicalTrace(kernel.trace, netnses), canonicalTrace(ours?.trace, netnses)];
  for (const ns of new Set([...k.keys(), ...o.keys()])) {
    const difference = firstDifference(k.get(ns) ?? [], o.get(ns) ?? []);
    if (difference !== undefined) differs.push(`trace ${ns} ${difference}`);
  }
  return differs;
}

function firstDifference(kernel: readonly string[], ours: readonly string[]): string | undefined {
  const length = Math.max(kernel.length, ours.length);
  for (let at = 0; at < length; at++) {
    if (kernel[at] !== ours[at]) {
      return `at ${at}: kernel ${kernel[at] ?? "nothing"} | ours ${ours[at] ?? "nothing"}`;
    }
  }
  return undefined;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

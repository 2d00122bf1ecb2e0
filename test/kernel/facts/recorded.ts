/**
 * What was recorded of facts, as it is kept: a topology's dumps once, and of each fact only what differs
 * from them. Traces are kept as far as they are compared.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { LabRecording } from "../../../src/agents/index.js";
import { canonicalEvent } from "../../../src/agents/lab/compare.js";
import type { Got } from "../../../src/fabric/index.js";

type Dumps = LabRecording["namespaces"];
type Dump = Dumps[string];
type Pieces = Readonly<Record<string, unknown>>;

/** One fact as it is kept. */
export interface KeptFact {
  readonly name: string;
  /** Pieces of dumps that are not as the topology's. */
  readonly dumps: Readonly<Record<string, Pieces>>;
  readonly probes: LabRecording["probes"];
}

/** A group of facts, recorded on one kernel. */
export interface KeptGroup {
  readonly kernel: string;
  readonly facts: readonly KeptFact[];
}

const fileOf = (name: string) => new URL(`../../golden/facts/${name}.json`, import.meta.url);

/** Reads a file of recordings. */
export function readKept<T>(name: string): T {
  return JSON.parse(readFileSync(fileOf(name), "utf8")) as T;
}

/** Writes a group, a line for each fact. */
export function writeGroup(name: string, { kernel, facts }: KeptGroup): void {
  const lines = facts.map((fact) => JSON.stringify(fact)).join(",\n");
  writeFileSync(fileOf(name), `{"kernel": ${JSON.stringify(kernel)}, "facts": [\n${lines}\n]}\n`);
}

/** Writes the dumps of topologies, a line for each namespace. */
export function writeBases(bases: Readonly<Record<string, Dumps>>): void {
  const lines = Object.entries(bases).map(([name, dumps]) => {
    const hosts = Object.entries(dumps).map(([host, dump]) => `"${host}": ${JSON.stringify(dump)}`);
    return `"${name}": {\n${hosts.join(",\n")}\n}`;
  });
  writeFileSync(fileOf("topologies"), `{\n${lines.join(",\n")}\n}\n`);
}

/** Sysctls that packets of facts can meet; a namespace has hundreds more. */
const SYSCTLS =
  /forward|rp_filter|accept_|route_localnet|proxy_|arp_|src_valid_mark|disable_ipv6|hop_limit|ttl|bridge-nf|icmp|conntrack|send_redirects|mtu|bindv6only/;

/** A dump without what says nothing: the time it was made, the JSON of what is there as text. */
export function cleanDumps(dumps: Dumps): Dumps {
  return Object.fromEntries(
    Object.entries(dumps).map(([host, dump]) => {
      const { nft_json, ss, netns_ids, netns_name, ipvs, ...kept } = dump as Dump & Pieces;
      const clean = (text: unknown) => String(text ?? "").replace(/^# .*\n/gm, "");
      return [
        host,
        {
          ...kept,
          sysctl: Object.fromEntries(
            Object.entries(kept.sysctl ?? {}).filter(([name]) => SYSCTLS.test(name)),
          ),
          bridge_fdb: (kept.bridge_fdb as { readonly mac: string }[]).filter(
            ({ mac }) => !isGroup(mac),
          ),
          iptables_save: clean(kept.iptables_save),
          ip6tables_save: clean(kept.ip6tables_save),
        } as Dump,
      ];
    }),
  );
}

/** Filters of multicast, which come and go by themselves. */
function isGroup(mac: string): boolean {
  return /^(33:33|01:00:5e)/.test(mac);
}

/** What of a recording is kept beside its topology's dumps. */
export function keep(recording: LabRecording, base: Dumps): KeptFact {
  const dumps = Object.entries(cleanDumps(recording.namespaces)).flatMap(([host, dump]) => {
    const own = piecesBeside(dump as unknown as Pieces, base[host] as unknown as Pieces);
    return Object.keys(own).length === 0 ? [] : [[host, own] as const];
  });
  const probes = recording.probes.map(({ probe, atMs, got }) => ({
    probe,
    ...(atMs === undefined ? {} : { atMs: Math.round(atMs) }),
    got: { ...got, trace: shortTraces(got.trace) },
  }));
  return { name: recording.name, dumps: Object.fromEntries(dumps), probes };
}

function piecesBeside(dump: Pieces, base: Pieces): Pieces {
  const own = Object.entries(dump).flatMap(([piece, value]): [string, unknown][] => {
    if (piece === "sysctl") {
      const rest = piecesBeside(value as Pieces, (base[piece] ?? {}) as Pieces);
      return Object.keys(rest).length === 0 ? [] : [[piece, rest]];
    }
    return JSON.stringify(value) === JSON.stringify(base[piece]) ? [] : [[piece, value]];
  });
  return Object.fromEntries(own);
}

/** The recording that was kept. */
export function restore(
  fact: KeptFact,
  base: Dumps,
  of: Pick<LabRecording, "veths" | "listeners">,
): LabRecording {
  const namespaces = Object.entries(base).map(([host, dump]) => {
    const { sysctl, ...own } = fact.dumps[host] ?? {};
    const all = { ...dump.sysctl, ...(sysctl as Record<string, string> | undefined) };
    return [host, { ...dump, ...own, sysctl: all } as Dump] as const;
  });
  const { veths, listeners } = of;
  const { name, probes } = fact;
  return {
    name,
    family: "fact",
    namespaces: Object.fromEntries(namespaces),
    veths,
    listeners,
    probes,
  };
}

function shortTraces(trace: Got["trace"]): Got["trace"] {
  return Object.fromEntries(
    Object.entries(trace).map(([host, lines]) => [host, lines.flatMap(shortLine)]),
  );
}

/** A line in the words in which ours are written, without what is not compared. */
function shortLine(line: string): string[] {
  const event = canonicalEvent(line);
  if (event === undefined || event.startsWith("inet kubewire-trace ")) return [];
  const packet = /^(.*) packet iif=(\S*) oif=(\S*) (\S*) (\S*) (\S*) (\S*) (\S*) ttl=(\S*)$/.exec(
    event,
  );
  if (packet === null) return [event];
  const [, place, iif, oif, src, dst, proto, sport, dport, ttl] = packet;
  const isIp6 = src?.includes(":") === true;
  const words = [
    ...(iif ? [`iif "${iif}"`] : []),
    ...(oif ? [`oif "${oif}"`] : []),
    ...(src ? [`${isIp6 ? "ip6" : "ip"} saddr ${src} ${isIp6 ? "ip6" : "ip"} daddr ${dst}`] : []),
    ...(ttl ? [`${isIp6 ? "ip6 hoplimit" : "ip ttl"} ${ttl}`] : []),
    ...(proto ? [`${proto} sport ${sport} ${proto} dport ${dport}`] : []),
  ];
  return [`${place} packet: ${words.join(" ")}`];
}

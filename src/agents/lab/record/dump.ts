/** What the tools tell of a real namespace: the dump that recordings hold and `parseNetnsDump` reads. */
import type { NetnsConfig, NetnsDump } from "../../../netns/index.js";
import type { Agent } from "../agent/agent.js";
import type { AgentCommand, CommandResult, SysctlsAsked } from "../agent/protocol.js";

type Piece = keyof NetnsDump;

/**
 * The settings that the model knows. One that it comes to know belongs here, too; until then the lab
 * tells where the kernel does not have its default.
 */
const SYSCTLS: SysctlsAsked = {
  names: [
    ...["forward", "default_ttl", "forward_use_pmtu", "local_port_range", "nonlocal_bind"].map(
      (name) => `ipv4/ip_${name}`,
    ),
    ...["ratelimit", "ratemask", "echo_ignore_all"].map((name) => `ipv4/icmp_${name}`),
    ...["ratelimit", "echo_ignore_all"].map((name) => `ipv6/icmp/${name}`),
    ...["ipv4", "ipv6"].flatMap((f) => [`${f}/fib_multipath_hash_policy`, `${f}/fwmark_reflect`]),
    ...["acct", "max", "tcp_be_liberal", "tcp_loose", "tcp_timeout_established"].map(
      (name) => `netfilter/nf_conntrack_${name}`,
    ),
  ],
  folders: ["bridge", "ipv4/vs"],
  ofLinks: [
    "accept_dad",
    "accept_local",
    "accept_redirects",
    "addr_gen_mode",
    "arp_announce",
    "arp_ignore",
    "disable_ipv6",
    "forwarding",
    "hop_limit",
    "ignore_routes_with_linkdown",
    "keep_addr_on_down",
    "mtu",
    "promote_secondaries",
    "proxy_arp",
    "proxy_ndp",
    "route_localnet",
    "rp_filter",
    "send_redirects",
    "shared_media",
    "src_valid_mark",
    "use_oif_addrs_only",
  ],
};

/** One program, and the pieces of a dump it gives: a batch prints a line of JSON for each. */
interface Dumper extends AgentCommand {
  readonly pieces: readonly Piece[];
  readonly reading: "json" | "text";
}

/**
 * What `kubewire collect` asks for, but as few programs as possible: in a virtual machine that has no
 * hardware's help the start of a program is what takes time.
 */
const ALWAYS: readonly Dumper[] = [
  batch(["ip", "-d", "-j"], { ip_link: "link", ip_addr: "addr", ip_neigh: "neigh" }),
  batch(["ip", "-4", "-j"], { ip_route: "route show table all", ip_rule: "rule" }),
  batch(["ip", "-6", "-j"], { ip6_route: "route show table all", ip6_rule: "rule" }),
];
const NFT = text("nft", ["nft", "list", "ruleset"]);
const BRIDGE = batch(["bridge", "-d", "-j"], { bridge_fdb: "fdb", bridge_link: "link" });
const IPTABLES = text("iptables_save", ["iptables-save"]);
const IP6TABLES = text("ip6tables_save", ["ip6tables-save"]);
const IPSET = text("ipset_save", ["ipset", "save"]);
const IPVS = text("ipvs", ["ipvsadm", "-Sn"]);

function text(piece: Piece, argv: readonly string[]): Dumper {
  return { argv, pieces: [piece], reading: "text" };
}

function batch(
  argv: readonly [string, ...string[]],
  lines: Partial<Readonly<Record<Piece, string>>>,
): Dumper {
  return {
    argv: [...argv, "-batch", "-"],
    input: `${Object.values(lines).join("\n")}\n`,
    pieces: Object.keys(lines) as Piece[],
    reading: "json",
  };
}

/**
 * Dumps the namespace of an agent.
 *
 * Shape: `config` is what the namespace was configured with; tools that had nothing to configure there
 * are not asked, nor `ipvsadm`, whose asking would load the module. Absent: everything else is asked.
 */
export async function dumpNetns(agent: Agent, config?: NetnsConfig): Promise<NetnsDump> {
  const dumpers = dumpersOf(config);
  for (let tries = 1; ; tries++) {
    const dump = await dumpWith(agent, dumpers);
    if (tries === SETTLE_TRIES || !isTentative(dump)) return dump;
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  }
}

/** How often, and how many milliseconds apart, addresses are looked at until they can be used. */
const SETTLE_TRIES = 50;
const SETTLE_MS = 40;

/**
 * Whether an address cannot be used yet. Also where nobody asks for duplicates, the kernel's own worker
 * has to take the mark away, and on a busy machine it comes late.
 */
function isTentative({ ip_addr }: NetnsDump): boolean {
  return JSON.stringify(ip_addr).includes('"tentative":true');
}

async function dumpWith(agent: Agent, dumpers: readonly Dumper[]): Promise<NetnsDump> {
  const [results, sysctl] = await Promise.all([
    agent.runAll(dumpers.map(({ argv, input = "" }) => ({ argv, input }))),
    agent.sysctls(SYSCTLS),
  ]);
  const pieces = dumpers.flatMap((dumper, i) => piecesOf(dumper, results[i]));
  return { ...(Object.fromEntries(pieces) as unknown as NetnsDump), sysctl };
}

function dumpersOf(config: NetnsConfig | undefined): readonly Dumper[] {
  if (config === undefined) return [...ALWAYS, BRIDGE, NFT, IPTABLES, IP6TABLES, IPSET];
  const hasFdb = config.links.some(({ kind: { kind } }) => kind === "bridge" || kind === "vxlan");
  return [
    ...ALWAYS,
    ...(hasFdb ? [BRIDGE] : []),
    ...(hasRules(config) ? [NFT] : []),
    ...(config.iptables.tables.length > 0 ? [IPTABLES] : []),
    ...(config.ip6tables.tables.length > 0 ? [IP6TABLES] : []),
    ...(config.ipsets.length > 0 ? [IPSET] : []),
    ...(config.ipvs === undefined ? [] : [IPVS]),
  ];
}

/** Whether a namespace has chains of any kind, which `nft` would list. */
export function hasRules({ iptables, ip6tables, nftables }: NetnsConfig): boolean {
  return [iptables, ip6tables, nftables].some(({ tables }) => tables.length > 0);
}

function piecesOf({ argv, pieces, reading }: Dumper, result: CommandResult | undefined) {
  const stdout = result?.exitCode === 0 ? result.stdout : "";
  if (reading === "text") return pieces.map((piece) => [piece, stdout] as const);
  const lines = stdout.split("\n").filter((line) => line.trim() !== "");
  if (lines.length !== pieces.length) {
    const said = `${result?.stderr ?? ""}${stdout}`.trim();
    throw new Error(`${argv.join(" ")}: ${pieces.length} lines were asked for: ${said}`);
  }
  return pieces.map((piece, i) => [piece, JSON.parse(lines[i] ?? "")] as const);
}

/** `ipset`, as far as it shows things. */
import {
  type IpsetConfig,
  type IptablesMatch,
  type IptablesRuleset,
  printIpsetSave,
} from "../../netfilter/index.js";
import type { Stack } from "../stack.js";
import type { ShownText } from "./ip-command.js";

/**
 * What the kernel says of a type: its revision, bytes of an empty set, and bytes of a member with a
 * place of its own in the hash, for IPv4 and IPv6. Members that share a place cost less; which do
 * depends on a random number.
 *
 * Follows: Linux 6.1 (Debian's 6.1.0), as `ipset list` told.
 */
const TYPES: Readonly<Record<string, { readonly revision: number; readonly bytes: SizePair }>> = {
  "hash:ip": { revision: 5, bytes: { ip4: [200, 40], ip6: [208, 64] } },
  "hash:ip,port": { revision: 6, bytes: { ip4: [200, 48], ip6: [216, 72] } },
  "hash:ip,port,ip": { revision: 6, bytes: { ip4: [208, 56], ip6: [232, 104] } },
  "hash:ip,port,net": { revision: 8, bytes: { ip4: [464, 56], ip6: [1256, 104] } },
  "hash:net": { revision: 7, bytes: { ip4: [456, 48], ip6: [1240, 72] } },
  "hash:net,port": { revision: 8, bytes: { ip4: [456, 48], ip6: [1240, 72] } },
  "hash:net,iface": { revision: 8, bytes: { ip4: [488, 88], ip6: [1264, 112] } },
  "hash:net,net": { revision: 3, bytes: { ip4: [592, 64], ip6: [1768, 104] } },
  "hash:net,port,net": { revision: 3, bytes: { ip4: [608, 64], ip6: [1784, 112] } },
  "bitmap:port": { revision: 3, bytes: { ip4: [8264, 0], ip6: [8264, 0] } },
  "list:set": { revision: 3, bytes: { ip4: [80, 48], ip6: [80, 48] } },
};

interface SizePair {
  readonly ip4: readonly [empty: number, member: number];
  readonly ip6: readonly [empty: number, member: number];
}

/**
 * Shows sets: `save`, `list`, with a name, `-n` (names only) or `-t` (without members).
 *
 * Returns: what ipset prints; commands that change something are refused.
 * Follows: ipset 7.17 ipset(8); the kernel's revisions and sizes are Debian's 6.1.
 */
export function runIpset({ config }: Stack, words: readonly string[]): ShownText {
  const [verb = "list", ...rest] = words;
  const name = rest.find((word) => !word.startsWith("-"));
  const flags = rest.filter((word) => word.startsWith("-"));
  const sets = config.ipsets.filter((s) => name === undefined || s.name === name);
  if (name !== undefined && sets.length === 0) {
    return fail("ipset v7.17: The set with the given name does not exist\n", 1);
  }
  switch (verb) {
    case "save":
      return ok(printIpsetSave(sets));
    case "list":
    case "-L": {
      if (flags.some((f) => f === "-n" || f === "-name")) {
        return ok(sets.map((set) => `${set.name}\n`).join(""));
      }
      const isTerse = flags.some((f) => f === "-t" || f === "-terse");
      return ok(sets.map((set) => listSet(set, countUsers(config, set), isTerse)).join("\n"));
    }
    default:
      return fail(`ipset v7.17: No command specified: unknown argument ${verb}\n`, 1);
  }
}

function listSet(set: IpsetConfig, users: number, isTerse: boolean): string {
  const family =
    set.family === undefined ? "" : `family ${set.family === "ip4" ? "inet" : "inet6"} `;
  const { revision = 0, bytes } = TYPES[set.type] ?? {};
  const [empty, member] = bytes?.[set.family ?? "ip4"] ?? [0, 0];
  const count = set.entries.length;
  const members = set.entries.map((e) => `${e.text}${e.nomatch ? " nomatch" : ""}\n`);
  return (
    `Name: ${set.name}\nType: ${set.type}\nRevision: ${revision}\n` +
    `Header: ${family}${set.options.join(" ")}\n` +
    `Size in memory: ${empty + member * count}\nReferences: ${users}\n` +
    `Number of entries: ${count}\n${isTerse ? "" : `Members:\n${members.join("")}`}`
  );
}

/** Rules that name a set; each counts once for every time. */
function countUsers({ iptables, ip6tables }: Stack["config"], { name }: IpsetConfig): number {
  return usersIn(iptables, name) + usersIn(ip6tables, name);
}

function usersIn({ tables }: IptablesRuleset, name: string): number {
  const rules = tables.flatMap((t) => t.chains.flatMap((c) => c.rules));
  const names = (match: IptablesMatch) => match.kind === "set" && match.name === name;
  return rules.reduce((sum, { matches }) => sum + matches.filter(names).length, 0);
}

function ok(stdout: string): ShownText {
  return { stdout, stderr: "", exitCode: 0 };
}

function fail(stderr: string, exitCode: number): ShownText {
  return { stdout: "", stderr, exitCode };
}

/**
 * Real network namespaces for tests: made under a name of our own, used, deleted. Nothing here
 * touches the namespace the test runs in. Programs get argument arrays, never a shell.
 */
import { execFileSync, spawnSync } from "node:child_process";

const TOOLS = ["ip", "bridge", "nft", "iptables-save", "conntrack"];

/** Why real namespaces cannot be used here; undefined if they can. */
export function whyNoKernel(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const missing = TOOLS.filter((tool) => spawnSync(tool, ["--version"]).error !== undefined);
  return missing.length === 0 ? undefined : `missing: ${missing.join(", ")}`;
}

/** Bytes a program may print: the rules of a large cluster are several million. */
const MAX_BYTES = 1 << 27;

/** One real namespace. */
export class RealNetns {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
    execFileSync("ip", ["netns", "add", name], { stdio: "pipe" });
  }

  /** Runs a program inside, with text for its standard input. */
  run(program: string, args: readonly string[], input = ""): string {
    const all = ["netns", "exec", this.name, program, ...args];
    const stdio: ["pipe", "pipe", "pipe"] = ["pipe", "pipe", "pipe"];
    return execFileSync("ip", all, { input, encoding: "utf8", stdio, maxBuffer: MAX_BYTES });
  }

  /** Runs a program that prints JSON. */
  json(program: string, args: readonly string[]): unknown {
    const text = this.run(program, args).trim();
    return text === "" ? [] : JSON.parse(text);
  }

  /** Removes it and all its devices. */
  close(): void {
    execFileSync("ip", ["netns", "del", this.name], { stdio: "pipe" });
  }
}

/** What the tools dump of a real namespace, as `parseNetnsDump` takes it. */
export function dumpRealNetns(netns: RealNetns) {
  return {
    ip_link: netns.json("ip", ["-d", "-j", "link"]),
    ip_addr: netns.json("ip", ["-j", "addr"]),
    ip_route: netns.json("ip", ["-j", "-4", "route", "show", "table", "all"]),
    ip6_route: netns.json("ip", ["-j", "-6", "route", "show", "table", "all"]),
    ip_rule: netns.json("ip", ["-j", "-4", "rule"]),
    ip6_rule: netns.json("ip", ["-j", "-6", "rule"]),
    ip_neigh: netns.json("ip", ["-j", "neigh"]),
    bridge_fdb: netns.json("bridge", ["-j", "fdb"]),
    bridge_link: netns.json("bridge", ["-d", "-j", "link"]),
  };
}

/** What the tools tell of a real namespace: the dump that recordings hold and `parseNetnsDump` reads. */
import { DUMP_FILES, type NetnsDump } from "../../../netns/index.js";
import type { Agent } from "../agent/agent.js";

/** Sysctls that a dump holds: those that decide about packets. */
const SYSCTLS =
  /^net[.](ipv4[.](ip_|icmp_|conf|fib_|tcp_l3mdev|vs)|ipv6[.](conf|icmp)|bridge[.]|netfilter[.]nf_conntrack_)/;

/** Dumps the namespace of an agent with the programs that `kubewire collect` names. */
export async function dumpNetns(agent: Agent): Promise<NetnsDump> {
  const files = DUMP_FILES.filter((f) => f.reading !== "sysctl");
  const results = await agent.runAll(files.map(({ command }) => ({ argv: command })));
  const pieces = files.map(({ piece, reading }, i) => {
    const text = results[i]?.exitCode === 0 ? results[i].stdout : "";
    return [piece, reading === "json" ? readJson(text) : text] as const;
  });
  const sysctl = await agent.sysctls(SYSCTLS);
  return { ...(Object.fromEntries(pieces) as unknown as NetnsDump), sysctl };
}

function readJson(text: string): unknown {
  return text.trim() === "" ? [] : JSON.parse(text);
}

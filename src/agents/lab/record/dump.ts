/** What the tools tell of a real namespace: the dump that recordings hold and `parseNetnsDump` reads. */
import { existsSync } from "node:fs";
import { DUMP_FILES, DUMPED_SYSCTLS, type NetnsDump } from "../../../netns/index.js";
import type { Agent } from "../agent/agent.js";

/** Dumps the namespace of an agent with the programs that `kubewire collect` names. */
export async function dumpNetns(agent: Agent): Promise<NetnsDump> {
  const hasIpvs = existsSync("/proc/net/ip_vs");
  const files = DUMP_FILES.filter(({ reading, piece }) => {
    // Asking for virtual servers would load the module where there are none.
    return reading !== "sysctl" && (piece !== "ipvs" || hasIpvs);
  });
  const results = await agent.runAll(files.map(({ command }) => ({ argv: command })));
  const pieces = files.map(({ piece, reading }, i) => {
    const text = results[i]?.exitCode === 0 ? results[i].stdout : "";
    return [piece, reading === "json" ? readJson(text) : text] as const;
  });
  const sysctl = await agent.sysctls(new RegExp(DUMPED_SYSCTLS));
  return { ...(Object.fromEntries(pieces) as unknown as NetnsDump), sysctl };
}

function readJson(text: string): unknown {
  return text.trim() === "" ? [] : JSON.parse(text);
}

/** IPVS of a namespace between two probes: set up anew before, its connections told after. */
import type { Agent } from "../agent/agent.js";

/** How long the kernel is given to end connections, and how often it is asked, milliseconds. */
const PATIENCE_MS = 2000;
const PAUSE_MS = 10;
/** Lines of `ipvsadm -Lnc` above the connections. */
const HEADING_LINES = 2;

/** The kernel's own list, below a heading of one line. */
const CONNECTIONS = "/proc/net/ip_vs_conn";

async function hasConnections(agent: Agent): Promise<boolean> {
  return (await agent.read(CONNECTIONS)).trimEnd().includes("\n");
}

/** Connections of IPVS, a line each, as `ipvsadm -Lnc` prints them. */
export async function ipvsConnections(agent: Agent): Promise<readonly string[]> {
  if (!(await hasConnections(agent))) return [];
  const text = await agent.run(["ipvsadm", "-Lnc"]);
  return text
    .split("\n")
    .slice(HEADING_LINES)
    .filter((line) => line !== "");
}

/**
 * Takes all virtual servers away and puts them back from what `ipvsadm -Sn` printed: schedulers begin
 * anew, and real servers stand in the order of that text. In between the kernel ends the connections
 * of the real servers that are gone, a moment later; one that came back before would keep them.
 */
export async function renewIpvs(agent: Agent, saved: string): Promise<void> {
  await agent.run(["ipvsadm", "-C"]);
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    if (!(await hasConnections(agent))) break;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await agent.run(["ipvsadm", "-R"], saved);
}

/** Which of the programs that the lab runs are there. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** The programs: of iproute2, util-linux, procps, iptables, nftables, ipset and Python. */
const TOOLS: readonly string[] = [
  "ip",
  "bridge",
  "nsenter",
  "sysctl",
  "iptables-restore",
  "ip6tables-restore",
  "nft",
  "ipset",
  "python3",
];

/** The programs of a lab that `PATH` does not lead to. */
export function missingTools(): string[] {
  return TOOLS.filter((tool) => !isThere(tool));
}

/** Whether `PATH` leads to a program. */
export function isThere(program: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

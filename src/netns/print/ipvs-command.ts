/** `ipvsadm`, as far as it shows things. */
import {
  CONNECTIONS_HEADING,
  listConnections,
  listServices,
  listStatistics,
  printIpvsSave,
  SERVICES_HEADING,
  statisticsHeading,
} from "../../ipvs/index.js";
import type { Stack } from "../stack.js";
import type { ShownText } from "./ip-command.js";

/** Long options, and the letters that say the same, or a word where none does. */
const LONG: Readonly<Record<string, string>> = {
  "--list": "L",
  "--save": "S",
  "--numeric": "n",
  "--connection": "c",
  "--timeout": "T",
  "--sort": "",
  "--exact": "exact",
  "--stats": "stats",
  "--rate": "rate",
  "-l": "L",
};

/** Seconds of states that `--set` changes: established TCP, FIN_WAIT, UDP. */
const TIMEOUTS = "Timeout (tcp tcpfin udp): 900 120 300\n";

/**
 * Shows virtual servers, what went through them, connections, or the commands that would make the virtual servers.
 *
 * Shape: addresses and ports as numbers, with or without `-n`.
 * Returns: what ipvsadm prints; commands that change something are refused.
 * Follows: ipvsadm 1.31 ipvsadm.c `list_all`, `list_conn`, `parse_options`.
 */
export function runIpvsadm({ ipvs, world }: Stack, words: readonly string[]): ShownText {
  const letters = new Set<string>();
  for (const word of words) {
    const long = Object.hasOwn(LONG, word) ? LONG[word] : undefined;
    if (long !== undefined) {
      if (long !== "") letters.add(long);
    } else if (/^-[LlSnc]+$/.test(word)) {
      for (const one of word.slice(1).replaceAll("l", "L")) letters.add(one);
    } else return fail(`${word}: unknown option\n`, 2);
  }
  if (letters.has("S")) return ok(ipvs === undefined ? "" : printIpvsSave(ipvs.config));
  if (letters.size > 0 && !letters.has("L")) {
    return fail("You need to supply at least one command\n", 255);
  }
  const show = letters.has("stats") ? "stats" : letters.has("rate") ? "rate" : undefined;
  if (show !== undefined) {
    if (letters.has("c") || letters.has("T")) {
      return fail("options conflicts in the list command\n", 2);
    }
    if (ipvs === undefined) return ok(statisticsHeading(show));
    return ok(listStatistics(ipvs, { show, isExact: letters.has("exact"), nowUs: world.nowUs() }));
  }
  if (letters.has("T")) return ok(TIMEOUTS);
  if (!letters.has("c")) return ok(ipvs === undefined ? SERVICES_HEADING : listServices(ipvs));
  const lines = ipvs === undefined ? [] : listConnections(ipvs, world.nowUs());
  return ok(`${CONNECTIONS_HEADING}${lines.map((line) => `${line}\n`).join("")}`);
}

function ok(stdout: string): ShownText {
  return { stdout, stderr: "", exitCode: 0 };
}

function fail(stderr: string, exitCode: number): ShownText {
  return { stdout: "", stderr, exitCode };
}

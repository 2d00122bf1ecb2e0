/**
 * The three modes of kube-proxy send a packet to the same endpoint, from the same source address, save
 * for the rows of `src/proxy/modes.md`. Random clusters (those that were recorded on a real kernel: at
 * most one endpoint for each packet) are compiled in all three modes, and the kernel model runs every
 * probe in each.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configsOf, type Got, type Recording, replayOn } from "../../../src/fabric/index.js";
import {
  compileRecorded,
  type RecordedCluster,
  type RecordedMode,
} from "../../conformance/kernel/from-objects.js";
import {
  askedOf,
  isSame,
  MODE_ROWS,
  type Outcomes,
  type OutsideRoutes,
  outcomeOf,
  rowOf,
} from "../../support/proxy/mode-rows.js";
import { ROOT } from "../../tidy/source.js";

const FOLDER = join(ROOT, "../shared/vectors/kernel");
const MODES: readonly RecordedMode[] = ["iptables", "nftables", "ipvs"];

interface RecordedFile extends Recording {
  readonly cluster: RecordedCluster;
}

interface Difference {
  readonly probe: string;
  readonly seen: Outcomes;
  readonly row: string | undefined;
}

function readClusters(): readonly RecordedFile[] {
  const files = readdirSync(FOLDER).filter((name) => name.startsWith("services-"));
  return files.sort().map((name) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")));
}

/** Every probe that the modes answer differently. `answer` may break one of them. */
function differences(
  file: RecordedFile,
  answer: (mode: RecordedMode, got: Got) => Got = (_mode, got) => got,
): { readonly probes: number; readonly differing: readonly Difference[] } {
  const answers = MODES.map((mode) => {
    const configs = compileRecorded(configsOf(file), file.cluster, mode, null);
    return replayOn(configs, file).probes.map((got) => outcomeOf(answer(mode, got)));
  });
  const outsideRoutes = (file.namespaces["ext"]?.ip_route ?? []) as OutsideRoutes;
  const differing = file.probes.flatMap(({ probe }, i): Difference[] => {
    const [iptables, nftables, ipvs] = answers.map((list) => list[i]);
    if (iptables === undefined || nftables === undefined || ipvs === undefined) return [];
    if (isSame(iptables, nftables) && isSame(nftables, ipvs) && isSame(iptables, ipvs)) return [];
    const seen = { iptables, nftables, ipvs };
    const { from, proto, dst, dport } = probe;
    return [
      {
        probe: `${file.name}#${i} ${from} ${proto} ${dst}:${dport}`,
        seen,
        row: rowOf(askedOf(probe, file.cluster, outsideRoutes), seen),
      },
    ];
  });
  return { probes: file.probes.length, differing };
}

describe.skipIf(!existsSync(FOLDER))("kube-proxy's modes", () => {
  test("differ as the rows say, and nowhere else", () => {
    const found = new Map<string, number>();
    const unexplained: Difference[] = [];
    let probes = 0;
    for (const file of readClusters()) {
      const { probes: count, differing } = differences(file);
      probes += count;
      for (const difference of differing) {
        if (difference.row === undefined) unexplained.push(difference);
        else found.set(difference.row, (found.get(difference.row) ?? 0) + 1);
      }
    }
    expect(unexplained).toEqual([]);
    expect(probes).toBeGreaterThanOrEqual(1000);
    const rows = MODE_ROWS.filter(({ isUnrecorded }) => isUnrecorded !== true);
    expect([...found.keys()].sort(byText)).toEqual(rows.map((r) => r.name).sort(byText));
  }, 300_000);

  test("a mode that forgets to translate the source is noticed", () => {
    const file = readClusters().find(({ name }) => name === "services-ipvs-1000") as RecordedFile;
    const broken = differences(file, (mode, got) => {
      if (mode !== "nftables") return got;
      return { ...got, server_saw: got.server_saw.map((saw) => ({ ...saw, peer: "192.0.2.99" })) };
    });
    expect(broken.differing.some(({ row }) => row === undefined)).toBe(true);
  }, 60_000);

  test("the page for operators has these rows", () => {
    const page = readFileSync(join(ROOT, "src/proxy/modes.md"), "utf8");
    const rows = page.split("\n").flatMap((line) => /^\| ([^|]+) \|.* \|$/.exec(line)?.[1] ?? []);
    const told = new Set(rows.map((name) => name.trim()));
    expect(MODE_ROWS.filter(({ name }) => !told.has(name))).toEqual([]);
  });
});

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

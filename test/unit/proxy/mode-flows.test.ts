/**
 * The real proxiers' answers in iptables and nftables mode to every flow of the recorded clusters and
 * applications: they differ in the rows of `flow-rows.ts`, each met by the flows that `src/proxy/modes.md`
 * counts, and in nothing else.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ClusterAnswer } from "../../conformance/kubeproxy/flows.js";
import type { Flow } from "../../conformance/kubeproxy/iptables-trace.js";
import { ModelWorld } from "../../conformance/kubeproxy/model-replay.js";
import type { Snapshot, VectorConfig } from "../../conformance/kubeproxy/setup.js";
import { FLOW_ROWS, FlowReader, type FlowRow } from "../../support/proxy/flow-rows.js";
import { ROOT } from "../../tidy/source.js";

const FOLDER = join(ROOT, "../shared/vectors/kubeproxy/clusters");

interface RecordedFlow extends Flow {
  readonly iptables: ClusterAnswer;
  readonly nftables: ClusterAnswer;
}

interface ClusterFile {
  readonly config: VectorConfig;
  readonly steps: readonly (Snapshot & { readonly flows: readonly RecordedFlow[] })[];
}

/** Flows by row, and those that a row or its absence foretells wrongly. */
function sortFlows(rows: readonly FlowRow[]) {
  const counts = new Map<string, number>();
  const wrong: string[] = [];
  let flows = 0;
  for (const name of readdirSync(FOLDER).sort()) {
    const file: ClusterFile = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
    for (const step of file.steps) {
      const reader = new FlowReader(file.config, step);
      for (const flow of step.flows) {
        flows++;
        const asked = reader.read(flow);
        const row = rows.find((r) => r.answer(asked, flow.iptables) !== undefined);
        const foretold = row?.answer(asked, flow.iptables) ?? flow.iptables;
        if (textOf(foretold) !== textOf(flow.nftables)) {
          wrong.push(
            `${name}: ${JSON.stringify(flow)}, foretold ${textOf(foretold)} by ${row?.name}`,
          );
        } else if (row !== undefined && textOf(flow.iptables) !== textOf(flow.nftables)) {
          counts.set(row.name, (counts.get(row.name) ?? 0) + 1);
        }
      }
    }
  }
  return { flows, counts, wrong };
}

/** Flows of rows that are the tracers' own, with what they need to be sent. */
function tracersFlows() {
  return readdirSync(FOLDER)
    .sort()
    .flatMap((name) => {
      const file: ClusterFile = JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
      return file.steps.map((step) => {
        const reader = new FlowReader(file.config, step);
        const flows = step.flows.filter((flow) => {
          const asked = reader.read(flow);
          return FLOW_ROWS.find((r) => r.answer(asked, flow.iptables) !== undefined)?.isTracers;
        });
        return { config: file.config, objects: step, flows, reader };
      });
    })
    .filter(({ flows }) => flows.length > 0);
}

function textOf({ kind, masq, targets = [], then }: ClusterAnswer): string {
  return JSON.stringify([kind, masq, targets, then]);
}

describe.skipIf(!existsSync(FOLDER))("iptables against nftables, flow by flow", () => {
  test("they differ in these rows, by these counts, and nowhere else", () => {
    const { flows, counts, wrong } = sortFlows(FLOW_ROWS);
    expect(wrong.slice(0, 5)).toEqual([]);
    expect([...counts.keys()].sort()).toEqual(FLOW_ROWS.map((r) => r.name).sort());
    const page = readFileSync(join(ROOT, "src/proxy/modes.md"), "utf8");
    const told = [...page.matchAll(/^\| (.+?) \|.*\| ([\d,]+) \|$/gm)].map(
      ([, name = "", count = ""]) => [name, Number(count.replace(",", ""))] as const,
    );
    expect(new Map(told)).toEqual(counts);
    const differing = [...counts.values()].reduce((sum, n) => sum + n, 0);
    const number = (n: number) => n.toLocaleString("en");
    expect(page).toContain(`${number(differing)} of ${number(flows)} flows`);
  });

  test("what is the tracers' own, the kernel model answers alike in both modes", () => {
    let sent = 0;
    for (const { config, objects, flows, reader } of tracersFlows()) {
      const worlds = (["iptables", "nftables"] as const).map(
        (mode) => new ModelWorld({ mode, config, objects, flows: [] }),
      );
      for (const flow of flows) {
        const answers = worlds.map((world) => {
          const { target, fate } = world.send(flow);
          return [target === undefined ? "untouched" : "translated", fate];
        });
        // What another row says of it holds.
        const asked = reader.read(flow);
        const others = FLOW_ROWS.filter((r) => !r.isTracers);
        const other = others.find((r) => r.answer(asked, flow.iptables) !== undefined);
        const kind = other?.answer(asked, flow.iptables)?.kind;
        const isNodes = config.nodeLocalIPs.includes(flow.sourceIP);
        const wanted =
          kind === "DROP"
            ? ["untouched", "dropped"]
            : isNodes && flow.iptables.kind === "REJECT" // What the node itself sends is not refused.
              ? ["untouched", "rejected"]
              : answers[0];
        expect([flow, answers[1]]).toEqual([flow, wanted]);
        sent++;
      }
    }
    expect(sent).toBe(113 + 69);
  }, 60_000);

  test.each(FLOW_ROWS.map((row) => [row.name, row] as const))(
    "without the row %s, flows are left over",
    (_, row) => {
      const { wrong } = sortFlows(FLOW_ROWS.filter((other) => other !== row));
      expect(wrong.length).toBeGreaterThan(0);
    },
  );
});

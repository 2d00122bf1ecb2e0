/**
 * EndpointSlices of random Services and pods against what the real controller writes. A step is
 * reconciled on the slices the step before left.
 */
import { applySliceChanges, reconcileSlices } from "../../../src/cluster/endpoints/reconcile.js";
import type { EndpointSlice, Node, Pod, Service } from "../../../src/objects/index.js";
import { listFiles, readJson } from "../files.js";
import type { Suite } from "../suite.js";

interface Case {
  readonly seed: number;
  readonly maxEndpointsPerSlice: number;
  readonly nodes: readonly Node[];
  readonly steps: readonly Step[];
}

interface Step {
  readonly service: Service;
  readonly pods: readonly Pod[];
  readonly expected: {
    readonly labels: Readonly<Record<string, string>>;
    readonly endpoints: readonly unknown[];
    readonly sliceSizes?: readonly unknown[];
  };
}

/** Every file of `[{seed, maxEndpointsPerSlice, nodes, steps}]` below the folder. */
export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const found = readJson<unknown>(file);
    const cases = (Array.isArray(found) ? found : [found]) as readonly Case[];
    for (const c of cases) {
      if (c?.steps === undefined) continue;
      report.check(`seed ${c.seed}`, () => runCase(c));
    }
  }
};

function runCase(c: Case): string | undefined {
  const nodes = new Map(c.nodes.map((n) => [n.metadata?.name ?? "", n]));
  let slices: readonly EndpointSlice[] = [];
  let counter = 0;
  for (const [index, step] of c.steps.entries()) {
    const input = {
      service: step.service,
      pods: step.pods,
      existing: slices,
      getNode: (name: string) => nodes.get(name),
      nameSlice: (prefix: string) => `${prefix}${counter++}`,
      endpointsMax: c.maxEndpointsPerSlice,
    };
    slices = applySliceChanges(slices, reconcileSlices(input));
    const again = reconcileSlices({ ...input, existing: slices });
    if (again.create.length + again.update.length + again.delete.length > 0) {
      return `step ${index}: reconciling twice changes something`;
    }
    const wrong = compareStep(step, slices);
    if (wrong !== undefined) return `step ${index}: ${wrong}`;
  }
  return undefined;
}

function compareStep({ expected }: Step, slices: readonly EndpointSlice[]): string | undefined {
  for (const slice of slices) {
    const labels = difference("labels", expected.labels, slice.metadata?.labels);
    if (labels !== undefined) return labels;
  }
  const rows = slices.flatMap(({ addressType, ports, endpoints }) =>
    (endpoints ?? []).map((endpoint) => ({ addressType, ports, endpoint })),
  );
  const sizes = slices.map((s) => [s.addressType, (s.endpoints ?? []).length]);
  return (
    difference("endpoints", sortTexts(expected.endpoints), sortTexts(rows)) ??
    (expected.sliceSizes === undefined
      ? undefined
      : difference("sliceSizes", sortTexts(expected.sliceSizes), sortTexts(sizes)))
  );
}

function sortTexts(values: readonly unknown[]): readonly string[] {
  return values.map(toText).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function difference(what: string, expected: unknown, got: unknown): string | undefined {
  const [a, b] = [toText(expected), toText(got)];
  return a === b ? undefined : `${what}: expected ${a}, got ${b}`;
}

/** JSON with sorted keys. */
function toText(value: unknown): string {
  return JSON.stringify(value, (_key, v) =>
    v !== null && typeof v === "object" && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : v,
  );
}

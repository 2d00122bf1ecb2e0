/** Laws of the EndpointSlice controller over histories of pods that come, go and change. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applySliceChanges, reconcileSlices } from "../../../src/cluster/index.js";
import type { EndpointSlice, Node, Pod, Service } from "../../../src/objects/index.js";

const pod = fc.record({
  id: fc.integer({ min: 0, max: 24 }),
  ready: fc.boolean(),
  terminating: fc.boolean(),
  web: fc.constantFrom(8080, 8080, 9090, undefined),
});

const history = fc.record({
  max: fc.integer({ min: 1, max: 6 }),
  steps: fc.array(
    fc.record({
      pods: fc.uniqueArray(pod, { selector: (p) => p.id, maxLength: 20 }),
      distribution: fc.constantFrom(undefined, "PreferSameZone", "PreferSameNode"),
      publish: fc.boolean(),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

function makePod({ id, ready, terminating, web }: History["steps"][number]["pods"][number]): Pod {
  const ports = web === undefined ? [] : [{ name: "web", containerPort: web, protocol: "TCP" }];
  return {
    metadata: {
      name: `web-${id}`,
      namespace: "default",
      uid: `uid-${id}`,
      ...(terminating ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: { nodeName: `node-${id % 3}`, containers: [{ name: "c", ports }] },
    status: {
      phase: "Running",
      podIPs: [{ ip: `10.244.0.${id + 2}` }],
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
    },
  } as unknown as Pod;
}

function makeService({ distribution, publish }: History["steps"][number]): Service {
  return {
    metadata: { name: "web", namespace: "default", uid: "uid-web" },
    spec: {
      clusterIP: "10.96.0.10",
      ipFamilies: ["IPv4"],
      selector: { app: "web" },
      publishNotReadyAddresses: publish,
      ...(distribution === undefined ? {} : { trafficDistribution: distribution }),
      ports: [{ name: "http", port: 80, targetPort: "web", protocol: "TCP" }],
    },
  } as unknown as Service;
}

function getNode(name: string): Node {
  const labels = { "topology.kubernetes.io/zone": `zone-${name}` };
  return { metadata: { name, labels } } as unknown as Node;
}

/** What a broken controller forgets; undefined: it forgets nothing. */
type Broken = (slices: readonly EndpointSlice[]) => readonly EndpointSlice[];

function followHistory({ max, steps }: History, broken: Broken = (slices) => slices): void {
  let slices: readonly EndpointSlice[] = [];
  let made = 0;
  for (const step of steps) {
    const pods = step.pods.map(makePod);
    const input = {
      service: makeService(step),
      pods,
      getNode,
      nameSlice: (prefix: string) => `${prefix}${made++}`,
      endpointsMax: max,
    };
    slices = broken(applySliceChanges(slices, reconcileSlices({ ...input, existing: slices })));
    const again = reconcileSlices({ ...input, existing: slices });
    expect([again.create, again.update, again.delete]).toEqual([[], [], []]);
    const found = slices.flatMap((s) =>
      (s.endpoints ?? []).map((e) => `${e.addresses[0]} ${s.ports?.[0]?.port}`),
    );
    const wanted = step.pods.map(({ id, web }) => `10.244.0.${id + 2} ${web}`);
    expect(found.toSorted()).toEqual(wanted.toSorted());
    for (const slice of slices) expect((slice.endpoints ?? []).length).toBeLessThanOrEqual(max);
  }
}

describe("the EndpointSlice controller", () => {
  test("has every pod once, in slices that are not too full, and then rests", () => {
    fc.assert(
      fc.property(history, (h) => followHistory(h)),
      { seed: 6, numRuns: 300 },
    );
  });

  test("the law notices an endpoint that is lost", () => {
    const losing: Broken = (slices) =>
      slices.map((s) => ({ ...s, endpoints: (s.endpoints ?? []).slice(0, 3) }));
    const law = fc.property(history, (h) => followHistory(h, losing));
    expect(fc.check(law, { seed: 6, numRuns: 300 }).failed).toBe(true);
  });
});

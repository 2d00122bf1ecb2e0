import { describe, expect, it } from "vitest";
import { Cluster } from "../../../src/cluster/index.js";
import { checkUpdate, type Pod, readObject } from "../../../src/objects/index.js";

const POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default" },
  spec: {
    containers: [{ name: "web", image: "nginx:1", args: ["-v"], ports: [{ containerPort: 80 }] }],
    tolerations: [{ key: "gpu", operator: "Exists" }],
  },
};

type Spec = Record<string, unknown>;

function podWith(spec: Spec, container: Spec = {}): Pod {
  const [own] = POD.spec.containers;
  const json = { ...POD, spec: { ...POD.spec, containers: [{ ...own, ...container }], ...spec } };
  const read = readObject(json);
  if (read.kind !== "object") throw new Error("no pod");
  return read.object as Pod;
}

/** The pod as a cluster runs it: with node, service account, token and tolerations. */
function running(): Pod {
  const cluster = Cluster.create({ nodes: 1, dns: false }).apply(podWith({}));
  return cluster.get("Pod", "default", "web") as Pod;
}

function faultsOf(after: Pod): readonly string[] {
  return checkUpdate(running(), after).map(({ path, code }) => `${path} ${code}`);
}

describe("what may change of a running pod", () => {
  it.each([
    ["nothing", podWith({})],
    ["an image", podWith({}, { image: "nginx:2" })],
    ["one more toleration", podWith({ tolerations: [...POD.spec.tolerations, { key: "b" }] })],
    ["how long it may run", podWith({ activeDeadlineSeconds: 5 })],
  ])("%s", (_what, after) => {
    expect(faultsOf(after)).toEqual([]);
  });

  it.each([
    ["arguments", podWith({}, { args: ["-q"] })],
    ["a port", podWith({}, { ports: [{ containerPort: 81 }] })],
    ["the environment", podWith({}, { env: [{ name: "A", value: "1" }] })],
    ["the grace period", podWith({ terminationGracePeriodSeconds: 1 })],
    ["the network", podWith({ hostNetwork: true })],
  ])("not %s", (_what, after) => {
    expect(faultsOf(after)).toContain("spec FieldValueForbidden");
  });

  it("not how many containers there are, nor tolerations that are there", () => {
    const two = podWith({ containers: [...POD.spec.containers, { name: "b", image: "b" }] });
    expect(faultsOf(two)).toEqual(["spec.containers FieldValueForbidden"]);
    expect(faultsOf(podWith({ tolerations: [] }))).toEqual([
      "spec.tolerations FieldValueForbidden",
    ]);
  });
});

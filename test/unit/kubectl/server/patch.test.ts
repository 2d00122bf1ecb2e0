import { describe, expect, it } from "vitest";
import { createPatch } from "../../../../src/kubectl/server/patch.js";
import type { Kind } from "../../../../src/objects/index.js";

type Json = Record<string, unknown>;

function patchOf(kind: Kind, original: Json, modified: Json, current: Json): string {
  return JSON.stringify(createPatch(kind, { original, modified, current }));
}

/** The patches are those of apimachinery v0.35.4 pkg/util/strategicpatch for the same objects. */
describe("the patch of apply", () => {
  const web = (image: string, more: Json = {}) => ({ name: "web", image, ...more });
  const pod = (...containers: readonly Json[]) => ({ spec: { containers } });

  it("is empty where nothing is to be done", () => {
    const object = pod(web("a"));
    const current = {
      ...pod(web("a", { imagePullPolicy: "Always" })),
      status: { phase: "Running" },
    };
    expect(patchOf("Pod", object, object, current)).toBe("{}");
  });

  it("changes items of a list by their key, and tells the order of all", () => {
    const patch = patchOf("Pod", pod(web("a")), pod(web("b")), pod(web("a")));
    expect(patch).toBe(
      '{"spec":{"$setElementOrder/containers":[{"name":"web"}],"containers":[{"image":"b","name":"web"}]}}',
    );
  });

  it("deletes what was asked for once, and leaves what others added", () => {
    const side = { name: "side", image: "s" };
    const patch = patchOf(
      "Pod",
      pod(web("a"), side),
      pod(web("a")),
      pod(web("a"), side, { name: "x" }),
    );
    expect(patch).toBe(
      '{"spec":{"$setElementOrder/containers":[{"name":"web"}],"containers":[{"$patch":"delete","name":"side"}]}}',
    );
  });

  it("removes fields with null", () => {
    const [before, after] = [{ data: { a: "1", b: "2" } }, { data: { a: "1" } }];
    expect(patchOf("ConfigMap", before, after, before)).toBe('{"data":{"b":null}}');
  });

  it("replaces lists that have no key", () => {
    const policy = (...policyTypes: readonly string[]) => ({ spec: { policyTypes } });
    const patch = patchOf("NetworkPolicy", policy("Egress"), policy("Ingress"), policy("Egress"));
    expect(patch).toBe('{"spec":{"policyTypes":["Ingress"]}}');
  });

  it("says which fields of a strategy are to stay", () => {
    const before = {
      spec: { strategy: { rollingUpdate: { maxSurge: 1 }, type: "RollingUpdate" } },
    };
    const patch = patchOf("Deployment", {}, { spec: { strategy: { type: "Recreate" } } }, before);
    expect(patch).toBe('{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}');
  });

  it("patches plain values of a list one by one", () => {
    const object = (...finalizers: readonly string[]) => ({ metadata: { finalizers } });
    const patch = patchOf("Pod", object("f/a", "f/b"), object("f/c"), object("f/a", "f/b"));
    expect(JSON.parse(patch)).toEqual({
      metadata: {
        "$deleteFromPrimitiveList/finalizers": ["f/a", "f/b"],
        "$setElementOrder/finalizers": ["f/c"],
        finalizers: ["f/c"],
      },
    });
  });

  it("takes a key named __proto__ for data", () => {
    const modified = JSON.parse('{"data":{"__proto__":"x"}}');
    expect(patchOf("ConfigMap", {}, modified, {})).toBe('{"data":{"__proto__":"x"}}');
    expect(({} as Json).x).toBeUndefined();
  });
});

import { expect, it } from "vitest";
import { podDifference } from "../../../../src/kubectl/server/pod-difference.js";
import { type Pod, readObject } from "../../../../src/objects/index.js";

function podWith(container: object, spec: object = {}): Pod {
  const containers = [{ name: "web", image: "nginx:1", ...container }];
  const json = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: { ...spec, containers },
  };
  const read = readObject(json);
  if (read.kind !== "object") throw new Error("no pod");
  return read.object as Pod;
}

// The lines are those that kube-apiserver v1.35.4 printed for the same change of a pod of this form.
it("shows a changed port with three lines around it", () => {
  const port = (containerPort: number) => podWith({ ports: [{ containerPort, name: "http" }] });
  const text = podDifference(port(80), port(81));
  expect(text.split("\n").slice(1)).toEqual([
    "     {",
    '      "Name": "http",',
    '      "HostPort": 0,',
    '-     "ContainerPort": 80,',
    '+     "ContainerPort": 81,',
    '      "Protocol": "TCP",',
    '      "HostIP": ""',
    "     }",
    "",
  ]);
  expect(text).toMatch(/^@@ -\d+,7 \+\d+,7 @@\n/);
});

it("shows nothing for what may change", () => {
  const before = podWith({}, { tolerations: [] });
  const after = podWith({ image: "nginx:2" }, { activeDeadlineSeconds: 3 });
  expect(podDifference(before, after)).toBe("");
});

it("keeps changes apart that are far from each other", () => {
  const text = podDifference(podWith({ args: ["a"] }), podWith({ args: ["b"] }, { hostname: "h" }));
  expect(text.match(/^@@ /gm)).toHaveLength(2);
  expect(text).toContain('-    "a"\n+    "b"\n');
  expect(text).toContain('- "Hostname": "",\n+ "Hostname": "h",\n');
});

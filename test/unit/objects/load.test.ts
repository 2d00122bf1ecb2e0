import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/base/index.js";
import { loadManifests, tryLoadManifests } from "../../../src/objects/index.js";

const load = (text: string) => tryLoadManifests([{ file: "shop.yaml", text }]);
const faultsOf = (text: string) =>
  load(text).faults.map((f) => [f.code, f.path, f.line, f.column] as const);

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - port: 80
`;

describe("loading manifests", () => {
  it("fills in defaults, the namespace, and the place of each object", () => {
    const { objects } = load(`# the shop\n${SERVICE}---\n${SERVICE.replace("web", "api")}`);
    expect(objects.map((o) => o.origin)).toEqual([
      { kind: "Service", namespace: "default", name: "web", file: "shop.yaml", line: 2 },
      { kind: "Service", namespace: "default", name: "api", file: "shop.yaml", line: 10 },
    ]);
    const [web] = objects.map((o) => o.object);
    if (web?.kind !== "Service") throw new Error("a Service was loaded");
    expect(web.spec.type).toBe("ClusterIP");
    expect(web.spec.ports).toEqual([{ port: 80, protocol: "TCP", targetPort: 80 }]);
    expect(Object.isFrozen(web.spec.ports)).toBe(true);
  });

  it("tells every fault of every document, each with its place", () => {
    const text = `${SERVICE.replace("port: 80", "port: 0\n    portt: 1")}---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{port: 80, port: 81}]}
---
a: [
---
kind: Service
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports: none
`;
    expect(faultsOf(text)).toEqual([
      ["FieldValueInvalid", "spec.ports[0].targetPort", 7, 3],
      ["FieldValueInvalid", "spec.ports[0].port", 7, 5],
      ["unknown-field", "spec.ports[0].portt", 8, 5],
      ["duplicate-key", "spec.ports[0].port", 13, 27],
      ["bad-yaml", "", 16, 1],
      ["no-kind", "apiVersion", 17, 1],
      ["duplicate-name", "metadata.name", 22, 3],
      ["wrong-type", "spec.ports", 24, 3],
    ]);
    expect(load(text).objects).toEqual([]);
    expect(() => loadManifests([{ file: "shop.yaml", text }])).toThrow(InputError);
  });

  it("suggests the field that was meant", () => {
    const { faults } = load(SERVICE.replace("ports:", "portt:"));
    expect(faults.find((f) => f.code === "unknown-field")?.expected).toBe('did you mean "ports"?');
  });

  it("reads lists, JSON, anchors, and what the server prints", () => {
    const item = {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "web",
        managedFields: [{ manager: "x", operation: "Update", fieldsV1: { "f:a": {} } }],
      },
      spec: { ports: [{ port: 1 }] },
      status: { loadBalancer: {} },
    };
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [item] }, null, 2);
    expect(load(list).faults).toEqual([]);
    expect(load(list).objects[0]?.origin.line).toBe(5);
    const anchors = `x: &l {app: web}\n---\n${SERVICE}`.replace("---\n", "---\n");
    expect(load(anchors).faults.map((f) => f.code)).toEqual(["no-kind", "no-kind"]);
    const used = SERVICE.replace("name: web", "name: web\n  labels: &l {app: web}").replace(
      "spec:",
      "spec:\n  selector: *l",
    );
    const [object] = load(used).objects;
    expect(object?.object.kind === "Service" && object.object.spec.selector).toEqual({
      app: "web",
    });
  });

  it("finds doubled keys in JSON", () => {
    const text =
      '{"apiVersion":"v1","kind":"Service","kind":"Service","metadata":{"name":"a"},\n"spec":{"ports":[{"port":1}]}}';
    expect(faultsOf(text)).toEqual([["duplicate-key", "kind", 1, 37]]);
  });

  it("counts kinds that mean nothing to the network", () => {
    const text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: x\n";
    expect(load(`${text}---\n${text}`).others).toEqual([
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", count: 2 },
    ]);
  });

  it("reads scalars as Kubernetes does: yes is true, 0777 is octal, a date is a text", () => {
    const text = (value: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\nimmutable: ${value}\n`;
    const immutable = (value: string) => {
      const object = load(text(value)).objects[0]?.object;
      return object?.kind === "ConfigMap" ? object.immutable : undefined;
    };
    expect(immutable("yes")).toBe(true);
    expect(immutable("off")).toBe(false);
    const port = SERVICE.replace("port: 80", "port: 0120");
    const object = load(port).objects[0]?.object;
    expect(object?.kind === "Service" && object.spec.ports?.[0]?.port).toBe(80);
    expect(faultsOf(SERVICE.replace("name: web", "name: 2024-01-01"))[0]?.[0]).toBe(
      "FieldValueInvalid",
    );
  });
});

describe("texts meant to harm", () => {
  it("bounds aliases that stand for millions of values", () => {
    const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
    for (let i = 0; i < 9; i++) {
      const [now, last] = [String.fromCharCode(98 + i), String.fromCharCode(97 + i)];
      lines.push(
        `${now}: &${now} [*${last},*${last},*${last},*${last},*${last},*${last},*${last}]`,
      );
    }
    expect(load(lines.join("\n")).faults.map((f) => f.code)).toContain("too-big");
  });

  it("bounds nesting", () => {
    expect(load(`a: ${"[".repeat(2000)}`).faults.map((f) => f.code)).toEqual(["too-deep"]);
    const deep = Array.from({ length: 100 }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
    expect(load(deep).faults.map((f) => f.code)).toContain("too-deep");
    const json = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[{"fieldsV1":${'{"a":'.repeat(100)}1${"}".repeat(100)}}]}}`;
    expect(load(json).faults.map((f) => f.code)).toContain("too-deep");
    const hostile = `{"apiVersion":"v1","kind":"Pod","spec":${"[".repeat(1e5)}${"]".repeat(1e5)}}`;
    expect(load(hostile).faults.map((f) => f.code)).toEqual(["too-deep"]);
  });

  it("never touches a prototype", () => {
    const text =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"__proto__":"x"}}';
    const object = load(text).objects[0]?.object;
    if (object?.kind !== "ConfigMap") throw new Error("a ConfigMap was loaded");
    expect(Object.keys(object.data ?? {})).toEqual(["__proto__"]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
    const yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  __proto__: x\n";
    expect(load(yaml).faults).toEqual([]);
    expect(faultsOf(SERVICE.replace("spec:", "__proto__:\n  polluted: 1\nspec:"))).toEqual([
      ["unknown-field", "__proto__", 5, 1],
    ]);
  });
});

describe("lists", () => {
  it("say what their items are, where these do not", () => {
    const items = ["metadata: {name: a}", "kind: Namespace, apiVersion: v1, metadata: {name: b}"];
    const text = `apiVersion: v1\nkind: NamespaceList\nitems:\n${items.map((i) => `- {${i}}`).join("\n")}`;
    const { objects, faults } = load(text);
    expect(faults).toEqual([]);
    expect(objects.map(({ object }) => [object.kind, object.metadata.name])).toEqual([
      ["Namespace", "a"],
      ["Namespace", "b"],
    ]);
    const untyped = "apiVersion: v1\nkind: List\nitems:\n- metadata: {name: a}";
    expect(faultsOf(untyped).map(([code]) => code)).toEqual(["no-kind", "no-kind"]);
  });
});

import { describe, expect, it } from "vitest";
import { checkUpdate, type KubeObject, readObject } from "../../../src/objects/index.js";

function object(kind: string, apiVersion: string, spec: Record<string, unknown>): KubeObject {
  const metadata = { name: "web", namespace: "shop" };
  const read = readObject({ apiVersion, kind, metadata, spec });
  if (read.kind !== "object") throw new Error("an object was read");
  return read.object;
}

const service = (spec: Record<string, unknown>) =>
  object("Service", "v1", { ports: [{ port: 80 }], ...spec });
const IP = { clusterIP: "10.96.0.5", clusterIPs: ["10.96.0.5"], ipFamilies: ["IPv4"] };
const deployment = (app: string) =>
  object("Deployment", "apps/v1", {
    selector: { matchLabels: { app } },
    template: { metadata: { labels: { app } }, spec: { containers: [{ name: "c", image: "i" }] } },
  });

describe("an update", () => {
  it.each([
    [service(IP), service({}), []],
    [service(IP), service({ ...IP, ports: [{ port: 81 }] }), []],
    [service(IP), service({ clusterIP: "10.96.0.6" }), ["spec.clusterIPs[0]"]],
    [service(IP), service({ ...IP, ipFamilies: ["IPv6"] }), ["spec.clusterIPs[0]"]],
    [service(IP), service({ type: "ExternalName", externalName: "a.b" }), []],
    [deployment("a"), deployment("a"), []],
    [deployment("a"), deployment("b"), ["spec.selector"]],
  ] as const)("case %#", (before, after, paths) => {
    expect(checkUpdate(before, after).map((f) => f.path)).toEqual(paths);
  });
});

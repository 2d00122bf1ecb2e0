/**
 * Three real applications: their manifests load without a fault, and what `kubectl get -o yaml` prints
 * of them loads back to the same cluster. Skipped, saying so, where the manifests are missing.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { KINDS, type Kind, toJson } from "../../../src/objects/index.js";
import { Cluster } from "../../../src/workbench/index.js";

const INPUTS = new URL("../../../../shared/inputs/", import.meta.url);
const APPLICATIONS = ["argo-cd", "kube-prometheus", "online-boutique"];
const COMPARED: readonly Kind[] = [
  "Deployment",
  "ReplicaSet",
  "DaemonSet",
  "StatefulSet",
  "Pod",
  "Service",
  "EndpointSlice",
  "NetworkPolicy",
];

function readApplication(name: string) {
  const folder = new URL(`${name}/`, INPUTS);
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, folder), "utf8") }));
}

/** The namespaces of an application: those that are not the system's. */
function spacesOf(cluster: Cluster): readonly string[] {
  const names = cluster.list("Namespace").map((n) => n.metadata.name);
  return names.filter((name) => !name.startsWith("kube-"));
}

/** Objects as they are printed; versions are counted anew. */
function printed(cluster: Cluster, kind: Kind, namespace: string): readonly unknown[] {
  return cluster.list(kind, namespace).map((object) => {
    const json = toJson(KINDS[kind].shape, object);
    const metadata = { ...(json.metadata as Record<string, unknown>) };
    delete metadata.resourceVersion;
    delete metadata.generation;
    return { ...json, metadata };
  });
}

function configs(cluster: Cluster): string {
  const hosts = [...cluster.state.compile().netns].map(([host, config]) => [
    host,
    config.routes,
    config.neighbors,
    config.iptables?.tables,
  ]);
  return JSON.stringify(hosts, (key, value: unknown) => (key === "origin" ? undefined : value));
}

describe.skipIf(!existsSync(INPUTS))("a real application (needs ../shared/inputs)", () => {
  test.each(APPLICATIONS)("%s loads, and loads back from what kubectl prints", (name) => {
    const first = Cluster.load(readApplication(name));
    const spaces = spacesOf(first);
    const resources = COMPARED.map((kind) => KINDS[kind].resource).join(",");
    const texts = spaces.map((space) => {
      const { output } = first.kubectl(`get ${resources} -n ${space} -o yaml`);
      return { file: `${space}.yaml`, text: output };
    });
    const again = Cluster.load(texts);
    let count = 0;
    for (const space of spaces) {
      for (const kind of COMPARED) {
        const before = printed(first, kind, space);
        count += before.length;
        expect(printed(again, kind, space)).toEqual(before);
      }
    }
    expect(count).toBeGreaterThan(30);
    expect(configs(again)).toBe(configs(first));
  });
});

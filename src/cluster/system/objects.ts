/** What is there before anybody applies anything: namespaces, nodes, the API server's Service, DNS. */
import type { KubeObject, Namespace } from "../../objects/index.js";
import type { ClusterOptions, ClusterSettings } from "../settings.js";
import { makeApiServer } from "./api-server.js";
import { makeDns } from "./dns.js";
import { makeNodes } from "./nodes.js";

/** Namespaces every cluster has. */
const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Makes a namespace as an API server stores it. */
export function makeNamespace(name: string): Namespace {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  } as Namespace;
}

/** The objects of a new cluster, in the order of their making. */
export function systemObjects(
  options: ClusterOptions,
  settings: ClusterSettings,
): readonly KubeObject[] {
  const nodes = makeNodes(options, settings);
  return [
    ...NAMESPACES.map(makeNamespace),
    ...nodes,
    ...makeApiServer(settings, nodes),
    ...(options.dns === false ? [] : makeDns(settings)),
  ];
}

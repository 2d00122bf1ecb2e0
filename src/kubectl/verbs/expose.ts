/**
 * `kubectl expose`: a Service for a pod, a workload or another Service.
 *
 * Follows: kubectl v0.35 pkg/cmd/expose/expose.go.
 */
import type { KubeObject } from "../../objects/index.js";
import { mistake } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readOneTarget } from "../command/resources.js";
import type { Session } from "../session.js";
import { isDryRun, preview } from "./dry-run.js";
import { readPairs } from "./run.js";

/** The flags of `expose`. */
export const EXPOSE_FLAGS = flags(
  "port= target-port= protocol= type= name= selector= l:labels= cluster-ip= external-ip= load-balancer-ip= session-affinity= dry-run=[unchanged] o:output= f:filename= overrides= field-manager= save-config",
);

/** Longest name of a Service. */
const MAX_NAME = 63;

/** Runs `expose`. */
export function expose(session: Session): void {
  const { args } = session;
  const target = readOneTarget("expose", args.names);
  const object = session.find(target, target.name);
  const name = (args.text("name") ?? target.name).slice(0, MAX_NAME);
  const service = serviceFor(session, object, name);
  if (isDryRun(session)) {
    preview(session, service, "exposed");
    return;
  }
  session.create(service);
  session.print(`service/${name} exposed`);
}

function serviceFor(session: Session, object: KubeObject, name: string) {
  const { args } = session;
  const selector = args.has("selector")
    ? readPairs(args.text("selector") ?? "")
    : selectorOf(object);
  const labels = args.has("labels") ? readPairs(args.text("labels") ?? "") : object.metadata.labels;
  const headless = args.text("cluster-ip");
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      namespace: session.namespace,
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      selector,
      ports: portsFor(session, object),
      ...(args.has("type") ? { type: args.text("type") } : {}),
      ...(headless === undefined ? {} : { clusterIP: headless }),
      ...(args.has("external-ip") ? { externalIPs: [args.text("external-ip")] } : {}),
      ...(args.has("load-balancer-ip") ? { loadBalancerIP: args.text("load-balancer-ip") } : {}),
      ...(args.has("session-affinity") ? { sessionAffinity: args.text("session-affinity") } : {}),
    },
  };
}

function selectorOf(object: KubeObject): Readonly<Record<string, string>> {
  const none = `couldn't retrieve selectors via --selector flag or introspection:`;
  switch (object.kind) {
    case "Pod":
      if (Object.keys(object.metadata.labels ?? {}).length === 0) {
        throw mistake(`${none} the pod has no labels and cannot be exposed`);
      }
      return object.metadata.labels as Readonly<Record<string, string>>;
    case "Service":
      if (object.spec.selector === undefined) {
        throw mistake(`${none} the service has no pod selector set`);
      }
      return object.spec.selector;
    case "Deployment":
    case "ReplicaSet": {
      const { matchExpressions, matchLabels = {} } = object.spec.selector ?? {};
      if ((matchExpressions ?? []).length > 0) {
        throw mistake(
          `${none} couldn't convert expressions - "${JSON.stringify(matchExpressions)}" to map-based selector format`,
        );
      }
      return matchLabels;
    }
    default:
      throw mistake(`cannot expose a ${object.kind}`);
  }
}

function portsFor(session: Session, object: KubeObject) {
  const { args } = session;
  const given = args.text("port");
  const found = given === undefined ? containerPorts(object) : given.split(",").map(portOf);
  if (found.length === 0) throw mistake("couldn't find port via --port flag or introspection");
  const target = args.text("target-port");
  return found.map(({ port, protocol }, i) => ({
    ...(found.length > 1 ? { name: `port-${i + 1}` } : {}),
    port,
    protocol: args.text("protocol") ?? protocol,
    targetPort: target === undefined ? port : /^\d+$/.test(target) ? Number(target) : target,
  }));
}

function portOf(text: string) {
  return { port: Number(text), protocol: "TCP" };
}

function containerPorts(object: KubeObject) {
  if (object.kind === "Service") {
    return (object.spec.ports ?? []).map((p) => ({ port: p.port, protocol: p.protocol ?? "TCP" }));
  }
  const spec =
    object.kind === "Pod"
      ? object.spec
      : object.kind === "Deployment" || object.kind === "ReplicaSet"
        ? object.spec.template?.spec
        : undefined;
  return (spec?.containers ?? []).flatMap((c) =>
    (c.ports ?? []).map((p) => ({ port: p.containerPort, protocol: p.protocol ?? "TCP" })),
  );
}

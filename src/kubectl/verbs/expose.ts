/**
 * `kubectl expose`: a Service for a pod, a workload or another Service.
 *
 * Follows: kubectl v0.35 pkg/cmd/expose/expose.go, pkg/polymorphichelpers.
 */
import type { KubeObject, PodSpec } from "../../objects/index.js";
import { CommandFailure, mistake } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { select } from "../command/selection.js";
import type { Session } from "../session.js";
import { create } from "./made.js";
import { checkOutcomeFlags } from "./outcome.js";
import { placed, readPairs, wholePort } from "./run.js";

/** The flags of `expose`. */
export const EXPOSE_FLAGS = flags(
  "port= target-port= protocol= type= name= selector= l:labels= cluster-ip= external-ip= load-balancer-ip= session-affinity= dry-run=[unchanged] o:output= f:filename* k:kustomize= R:recursive overrides= override-type= field-manager= save-config record template= show-managed-fields allow-missing-template-keys=[true]",
);

/** Longest name of a Service. */
const MAX_NAME = 63;

const EXPOSABLE = ["Pod", "Service", "Deployment", "ReplicaSet"];

/** Runs `expose`. */
export function expose(session: Session): void {
  checkOutcomeFlags(session);
  const selection = select(session, { words: session.args.names, selectors: false });
  const failures = [...selection.failures];
  for (const { object, info, name } of selection.items) {
    try {
      const exposed = object as KubeObject;
      if (!EXPOSABLE.includes(exposed.kind)) {
        const group = info.shape.apiVersion.split("/").slice(0, -1).join("");
        throw mistake(`cannot expose a ${exposed.kind}${group === "" ? "" : `.${group}`}`);
      }
      create(session, serviceFor(session, exposed, name), { done: "exposed" });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  session.settle(failures);
}

function serviceFor(session: Session, object: KubeObject, exposed: string) {
  const { args } = session;
  const given = (flag: string) => args.text(flag) || undefined;
  const selector = given("selector");
  const ports = portsFor(session, object);
  const labels = given("labels");
  const own =
    Object.keys(object.metadata.labels ?? {}).length > 0 ? object.metadata.labels : undefined;
  const type = given("type");
  const clusterIP = given("cluster-ip");
  const externalIP = given("external-ip");
  const loadBalancerIP = type === "LoadBalancer" ? given("load-balancer-ip") : undefined;
  const found = labels === undefined ? own : readPairs(labels);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: given("name") ?? exposed.slice(0, MAX_NAME),
      ...placed(session),
      ...(found === undefined ? {} : { labels: found }),
    },
    spec: {
      ...(ports.length === 0 ? {} : { ports }),
      selector: selector === undefined ? selectorOf(object) : readPairs(selector),
      ...(clusterIP === undefined ? {} : { clusterIP }),
      ...(type === undefined ? {} : { type }),
      ...(externalIP === undefined ? {} : { externalIPs: [externalIP] }),
      ...affinityOf(given("session-affinity")),
      ...(loadBalancerIP === undefined ? {} : { loadBalancerIP }),
    },
  };
}

function affinityOf(text: string | undefined): { readonly sessionAffinity?: string } {
  if (text === undefined) return {};
  if (text === "None" || text === "ClientIP") return { sessionAffinity: text };
  throw mistake(`unknown session affinity: ${text}`);
}

function selectorOf(object: KubeObject): Readonly<Record<string, string>> {
  const none = `couldn't retrieve selectors via --selector flag or introspection:`;
  const { labels } = object.metadata;
  switch (object.kind) {
    case "Pod":
      if (Object.keys(labels ?? {}).length === 0) {
        throw mistake(`${none} the pod has no labels and cannot be exposed`);
      }
      return labels as Readonly<Record<string, string>>;
    case "Service":
      if (Object.keys(object.spec.selector ?? {}).length === 0) {
        throw mistake(`${none} the service has no pod selector set`);
      }
      return object.spec.selector as Readonly<Record<string, string>>;
    case "Deployment":
    case "ReplicaSet": {
      const { matchExpressions = [], matchLabels = {} } = object.spec.selector ?? {};
      if (matchExpressions.length > 0) {
        const shown = matchExpressions
          .map(({ key, operator, values = [] }) => `{${key} ${operator} [${values.join(" ")}]}`)
          .join(" ");
        throw mistake(
          `${none} couldn't convert expressions - "[${shown}]" to map-based selector format`,
        );
      }
      return matchLabels;
    }
    default:
      throw mistake(`${none} cannot extract pod selector from ${object.kind}`);
  }
}

interface Port {
  readonly name?: string;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort: number | string;
}

function portsFor(session: Session, object: KubeObject): readonly Port[] {
  const { args } = session;
  const known = knownPorts(object);
  const typed = args.text("port") || undefined;
  const numbers = typed?.split(",") ?? [...new Set(known.map((k) => String(k.port)))];
  if (numbers.length === 0) {
    if (args.text("cluster-ip") === "None") return [];
    throw mistake("couldn't find port via --port flag or introspection");
  }
  const given = args.text("protocol") || undefined;
  const target = args.text("target-port") || undefined;
  return numbers.flatMap((text, i) => {
    const port = wholePort(text);
    const protocols = known.filter((k) => k.port === port).map((k) => k.protocol);
    const targetPort = target === undefined ? port : intOrText(target);
    const several = given === undefined && protocols.length > 1;
    const used = several ? protocols : [given ?? protocols[0] ?? "TCP"];
    return used.map((protocol) => {
      const suffix = several ? `-${protocol.toLowerCase()}` : "";
      const named = several || numbers.length > 1 ? { name: `port-${i + 1}${suffix}` } : {};
      return { ...named, protocol, port, targetPort };
    });
  });
}

function intOrText(text: string): number | string {
  return /^[+-]?\d+$/.test(text) ? Number(text) : text;
}

interface KnownPort {
  readonly port: number;
  readonly protocol: string;
}

/** The ports that the exposed object itself names. */
function knownPorts(object: KubeObject): readonly KnownPort[] {
  if (object.kind === "Service") {
    return (object.spec.ports ?? []).map((p) => ({ port: p.port, protocol: p.protocol ?? "TCP" }));
  }
  return (podSpecOf(object)?.containers ?? []).flatMap((c) =>
    (c.ports ?? []).map((p) => ({ port: p.containerPort, protocol: p.protocol ?? "TCP" })),
  );
}

function podSpecOf(object: KubeObject): PodSpec | undefined {
  if (object.kind === "Pod") return object.spec;
  if (object.kind === "Deployment" || object.kind === "ReplicaSet") {
    return object.spec.template?.spec;
  }
  return undefined;
}

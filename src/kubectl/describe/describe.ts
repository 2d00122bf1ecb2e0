/** `kubectl describe`: which form an object has, and what else of the cluster it shows. */
import type { EndpointSlice, KubeObject, Pod, ReplicaSet, Service } from "../../objects/index.js";
import { type CommandFailure, mistake } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { getResource } from "../command/resources.js";
import { select } from "../command/selection.js";
import type { Session } from "../session.js";
import { nothingFound } from "../verbs/get.js";
import { describeCronJob, describeJob } from "./batch.js";
import { describeEndpointSlice, describeEndpoints } from "./endpoints.js";
import { type BackendLookup, describeIngress } from "./ingress.js";
import { describeNetworkPolicy, describeService } from "./network.js";
import { describeNode } from "./node.js";
import {
  describeConfigMap,
  describeIpAddress,
  describeNamespace,
  describeOther,
  describeServiceCidr,
} from "./plain.js";
import { describePod } from "./pod.js";
import {
  type DeploymentSets,
  describeDaemonSet,
  describeDeployment,
  describeReplicaSet,
  describeStatefulSet,
} from "./workload.js";

/** The flags of `describe`. */
export const DESCRIBE_FLAGS = flags(
  "A:all-namespaces l:selector= show-events=[true] f:filename* k:kustomize= R:recursive chunk-size#",
);

const NOTHING =
  'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.';

/** Runs `describe`. */
export function describe(session: Session): void {
  const { args } = session;
  if (args.names.length === 0 && !args.has("filename")) throw mistake(NOTHING);
  const { failures, items } = select(session, { words: args.names, bareKinds: true });
  const [failure] = failures;
  if (failures.length === 1 && failure?.reason === "NotFound" && args.names.length === 2) {
    describeMatching(session, failure);
    return;
  }
  session.out += items.map((item) => describeOne(session, item.object as KubeObject)).join("\n\n");
  if (items.length === 0 && failures.length === 0) session.complain(nothingFound(session, []));
  session.settle(failures);
}

/** A name that is not there is taken for the beginning of names. */
function describeMatching(session: Session, failure: CommandFailure): void {
  const [kind = "", prefix = ""] = session.args.names;
  const resource = getResource(kind);
  const namespace = resource.info.namespaced ? session.namespace : undefined;
  const found = session.backend
    .list(resource.kind, namespace)
    .filter((object) => object.metadata.name.startsWith(prefix));
  if (found.length === 0) throw failure;
  for (const object of found) session.print(describeOne(session, object));
}

function describeOne(session: Session, object: KubeObject): string {
  const { args, backend } = session;
  const isShown = (args.text("show-events") ?? "true") !== "false";
  const around = { events: isShown ? backend.eventsOf(object) : undefined, now: backend.now() };
  switch (object.kind) {
    case "Pod":
      return describePod(object, around);
    case "Service":
      return describeService(object, slicesOf(session, object, object.metadata.name), around);
    case "NetworkPolicy":
      return describeNetworkPolicy(object);
    case "Deployment":
      return describeDeployment(object, setsOf(session, object), around);
    case "ReplicaSet":
      return describeReplicaSet(object, podsOf(session, object), around);
    case "StatefulSet":
      return describeStatefulSet(object, podsOf(session, object), around);
    case "DaemonSet":
      return describeDaemonSet(object, podsOf(session, object), around);
    case "Job":
      return describeJob(object, around);
    case "CronJob":
      return describeCronJob(object, around);
    case "Node":
      return describeNode(object, runningOn(session, object.metadata.name), around);
    case "Endpoints":
      return describeEndpoints(object, around);
    case "EndpointSlice":
      return describeEndpointSlice(object, around);
    case "Ingress":
      return describeIngress(object, lookupFor(session, object), around);
    case "Namespace":
      return describeNamespace(object);
    case "ConfigMap":
      return describeConfigMap(object, around);
    case "ServiceCIDR":
      return describeServiceCidr(object, around);
    case "IPAddress":
      return describeIpAddress(object, around);
    default:
      return describeOther(object, around);
  }
}

function slicesOf(
  { backend }: Session,
  { metadata }: KubeObject,
  service: string,
): readonly EndpointSlice[] {
  const slices = backend.list("EndpointSlice", metadata.namespace) as readonly EndpointSlice[];
  return slices.filter((s) => s.metadata.labels?.["kubernetes.io/service-name"] === service);
}

function lookupFor(session: Session, ingress: KubeObject): BackendLookup {
  const { namespace = "" } = ingress.metadata;
  return {
    service: (name) => session.backend.get("Service", namespace, name) as Service | undefined,
    slices: (name) => slicesOf(session, ingress, name),
  };
}

/** The pods that an object controls. */
function podsOf({ backend }: Session, { metadata }: KubeObject): readonly Pod[] {
  const pods = backend.list("Pod", metadata.namespace) as readonly Pod[];
  return pods.filter((pod) => controllerOf(pod) === metadata.uid);
}

function controllerOf({ metadata }: KubeObject): string | undefined {
  return metadata.ownerReferences?.find((o) => o.controller === true)?.uid;
}

function runningOn({ backend }: Session, node: string): readonly Pod[] {
  const isOver = (pod: Pod) => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  const pods = backend.list("Pod") as readonly Pod[];
  return pods.filter((pod) => pod.spec.nodeName === node && !isOver(pod));
}

const REVISION = "deployment.kubernetes.io/revision";

/** The ReplicaSet of a Deployment's revision, and the older ones, by age and name. */
function setsOf({ backend }: Session, { metadata }: KubeObject): DeploymentSets {
  const all = backend.list("ReplicaSet", metadata.namespace) as readonly ReplicaSet[];
  const own = all.filter((set) => controllerOf(set) === metadata.uid);
  const revision = metadata.annotations?.[REVISION];
  const current = own.find((set) => set.metadata.annotations?.[REVISION] === revision);
  return { old: own.filter((set) => set !== current), current };
}

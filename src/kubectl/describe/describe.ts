/** `kubectl describe`: which form an object has, and what else of the cluster it shows. */
import type { EndpointSlice, KubeObject, Pod, ReplicaSet } from "../../objects/index.js";
import { type CommandFailure, mistake } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { getResource } from "../command/resources.js";
import { select } from "../command/selection.js";
import type { Session } from "../session.js";
import { ENDPOINTS_WARNING, nothingFound } from "../verbs/get.js";
import { describeNetworkPolicy, describeService } from "./network.js";
import { describePod } from "./pod.js";
import { describeDeployment, describeNode, describeOther } from "./workload.js";

/** The flags of `describe`. */
export const DESCRIBE_FLAGS = flags(
  "A:all-namespaces l:selector= show-events=[true] f:filename* k:kustomize= R:recursive chunk-size=",
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
  if (items.some((item) => item.kind === "Endpoints")) session.complain(ENDPOINTS_WARNING);
  session.out += items.map((item) => describeOne(session, item.object as KubeObject)).join("\n\n");
  if (items.length === 0 && failures.length === 0) session.complain(nothingFound(session));
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
  const { backend } = session;
  const { name, namespace = "" } = object.metadata;
  switch (object.kind) {
    case "Pod":
      return describePod(object);
    case "Service": {
      const slices = backend.list("EndpointSlice", namespace) as readonly EndpointSlice[];
      const own = slices.filter((s) => s.metadata.labels?.["kubernetes.io/service-name"] === name);
      return describeService(object, own);
    }
    case "NetworkPolicy":
      return describeNetworkPolicy(object);
    case "Deployment": {
      const sets = backend.list("ReplicaSet", namespace) as readonly ReplicaSet[];
      const own = sets.filter((s) =>
        s.metadata.ownerReferences?.some((o) => o.uid === object.metadata.uid),
      );
      const isNew = (s: ReplicaSet) =>
        s.spec.template?.spec?.containers[0]?.image ===
        object.spec.template.spec?.containers[0]?.image;
      const sorted = [...own.filter((s) => !isNew(s)), ...own.filter(isNew)];
      return describeDeployment(
        object,
        sorted.filter((s) => isNew(s) || (s.spec.replicas ?? 1) > 0),
      );
    }
    case "Node": {
      const pods = (backend.list("Pod") as readonly Pod[]).filter(
        (p) =>
          p.spec.nodeName === name &&
          p.status?.phase !== "Succeeded" &&
          p.status?.phase !== "Failed",
      );
      return describeNode(object, pods, backend.now());
    }
    default:
      return describeOther(object);
  }
}

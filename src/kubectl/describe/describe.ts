/** `kubectl describe`: which form an object has, and what else of the cluster it shows. */
import type { EndpointSlice, KubeObject, Pod, ReplicaSet } from "../../objects/index.js";
import { mistake, resourceName } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readTargets } from "../command/resources.js";
import { readSelector } from "../command/selector.js";
import type { Session } from "../session.js";
import { describeNetworkPolicy, describeService } from "./network.js";
import { describePod } from "./pod.js";
import { describeDeployment, describeNode, describeOther } from "./workload.js";

/** The flags of `describe`. */
export const DESCRIBE_FLAGS = flags(
  "A:all-namespaces l:selector= show-events=[true] f:filename* R:recursive chunk-size=",
);

const NOTHING =
  'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n';

/** Runs `describe`. */
export function describe(session: Session): void {
  const { args, backend } = session;
  if (args.names.length === 0) throw mistake(NOTHING);
  const matches = readSelector(args.text("selector"));
  const objects: KubeObject[] = [];
  const missing: string[] = [];
  for (const target of readTargets(args.names)) {
    if (target.name === undefined) {
      const namespace = args.isSet("all-namespaces") ? undefined : session.namespace;
      objects.push(
        ...backend.list(target.kind, namespace).filter((o) => matches(o.metadata.labels)),
      );
      continue;
    }
    const object = backend.get(target.kind, session.namespace, target.name);
    if (object !== undefined) objects.push(object);
    else {
      const text = `${resourceName(target.info)} "${target.name}" not found`;
      missing.push(`Error from server (NotFound): ${text}`);
    }
  }
  session.out += objects.map((o) => describeOne(session, o)).join("\n\n");
  for (const text of missing) session.complain(text);
  if (missing.length > 0) session.exit = 1;
  if (objects.length === 0 && missing.length === 0) {
    session.complain(`No resources found in ${session.namespace} namespace.`);
  }
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

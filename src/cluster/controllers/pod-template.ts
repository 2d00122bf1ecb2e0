/** Pods made from the templates of workloads, and what an API server adds to every new object. */
import type {
  DaemonSet,
  Job,
  KubeObject,
  OwnerReference,
  Pod,
  PodTemplateSpec,
} from "../../objects/index.js";
import { deriveUid, nameSuffix } from "../state/identity.js";
import { keyOf } from "../state/state.js";
import type { Workspace } from "../state/workspace.js";

/** A reference that makes `owner` the controller of an object. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** What a workload wants its new pod to be called and to carry besides its template. */
export interface NewPod {
  readonly name: string;
  readonly generateName?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Pod["spec"]>;
}

/** Makes a pod of a workload and writes it. */
export function createPod(
  workspace: Workspace,
  owner: KubeObject,
  template: PodTemplateSpec,
  wanted: NewPod,
): void {
  const { labels, annotations } = template.metadata ?? {};
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: wanted.name,
      ...(wanted.generateName === undefined ? {} : { generateName: wanted.generateName }),
      namespace: owner.metadata.namespace ?? "default",
      labels: { ...labels, ...wanted.labels },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: { ...template.spec, ...wanted.spec },
  } as unknown as Pod;
  create(workspace, pod);
}

/**
 * Writes a new object the way an API server does: with uid, time of creation and version, and pods
 * with what admission adds.
 *
 * Follows: Kubernetes v1.35.4 apiserver pkg/registry/rest/create.go `BeforeCreate`.
 */
export function create<T extends KubeObject>(workspace: Workspace, object: T): T {
  const { kind, namespace, name } = keyOf(object);
  const revision = workspace.revision + 1;
  const uid =
    object.metadata.uid ?? deriveUid(`${kind}/${namespace}/${name}/${workspace.base.revision}`);
  const admitted = admit(object, uid);
  const made = {
    ...admitted,
    metadata: {
      ...admitted.metadata,
      uid,
      resourceVersion: String(revision),
      ...(GENERATIONS.has(kind) ? { generation: object.metadata.generation ?? 1 } : {}),
      creationTimestamp: object.metadata.creationTimestamp ?? workspace.base.time,
    },
  } as T;
  workspace.put(made);
  return made;
}

/** Kinds whose `spec` is counted in `metadata.generation`. */
const GENERATIONS = new Set([
  "Pod",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "Job",
  "CronJob",
  "NetworkPolicy",
  "EndpointSlice",
  "Ingress",
]);

/** Writes a changed object with a new version; its generation counts changes of `spec`. */
export function update<T extends KubeObject>(workspace: Workspace, before: T, after: T): T {
  const generation = before.metadata.generation;
  const isNewSpec = specText(before) !== specText(after);
  const made = {
    ...after,
    metadata: {
      ...after.metadata,
      resourceVersion: String(workspace.revision + 1),
      ...(generation === undefined ? {} : { generation: generation + Number(isNewSpec) }),
    },
  };
  workspace.put(made);
  return made;
}

function specText(object: KubeObject): string | undefined {
  return "spec" in object ? JSON.stringify(object.spec) : undefined;
}

/** Writes a status; the generation stays. */
export function updateStatus<T extends KubeObject>(
  workspace: Workspace,
  object: T,
  status: T extends { readonly status?: infer S } ? S : never,
): void {
  const old = "status" in object ? object.status : undefined;
  if (old !== undefined && JSON.stringify(old) === JSON.stringify(status)) return;
  workspace.put({ ...object, status } as T);
}

const TOKEN_MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Seconds a pod stays on a node that is not ready (`DefaultTolerationSeconds`). */
const TOLERATION_SECONDS = 300;

/**
 * What admission adds to a pod: the default service account and its token, tolerations, priority.
 *
 * Follows: Kubernetes v1.35.4 plugin/pkg/admission/serviceaccount, defaulttolerationseconds, priority.
 */
function admit<T extends KubeObject>(object: T, uid: string): T {
  if (object.kind === "Job") return withJobSelector(object, uid) as T;
  if (object.kind === "DaemonSet") return withGeneration(object) as T;
  if (object.kind !== "Pod" || object.spec === undefined) return object;
  const { spec } = object;
  const account = spec.serviceAccountName ?? "default";
  const isMounted = spec.automountServiceAccountToken !== false && !hasToken(object);
  const volume = `kube-api-access-${nameSuffix(`${object.metadata.namespace}/${object.metadata.name}`)}`;
  const mount = { mountPath: TOKEN_MOUNT, name: volume, readOnly: true };
  const addMount = (c: Pod["spec"]["containers"][number]) => ({
    ...c,
    volumeMounts: [...(c.volumeMounts ?? []), mount],
  });
  const admitted = {
    ...spec,
    serviceAccountName: account,
    serviceAccount: account,
    enableServiceLinks: spec.enableServiceLinks ?? true,
    priority: spec.priority ?? 0,
    preemptionPolicy: spec.preemptionPolicy ?? "PreemptLowerPriority",
    tolerations: [...(spec.tolerations ?? []), ...missingTolerations(object)],
    ...(isMounted
      ? {
          containers: spec.containers.map(addMount),
          ...(spec.initContainers === undefined
            ? {}
            : { initContainers: spec.initContainers.map(addMount) }),
          volumes: [...(spec.volumes ?? []), tokenVolume(volume)],
        }
      : {}),
  };
  return { ...object, spec: admitted };
}

/**
 * A Job selects its pods by its own uid.
 *
 * Follows: Kubernetes v1.35.4 pkg/registry/batch/job/strategy.go `generateSelector`.
 */
function withJobSelector(job: Job, uid: string): Job {
  const { metadata, spec } = job;
  if (spec?.template === undefined || spec.manualSelector === true) return job;
  const own = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": metadata.name,
    "controller-uid": uid,
    "job-name": metadata.name,
  };
  const labels = { ...own, ...spec.template.metadata?.labels };
  const template = { ...spec.template, metadata: { ...spec.template.metadata, labels } };
  const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  const isBare = Object.keys(metadata.labels ?? {}).length === 0;
  return {
    ...job,
    metadata: isBare ? { ...metadata, labels } : metadata,
    spec: { ...spec, manualSelector: false, selector, template },
  } as Job;
}

/** Annotation that counts the versions of a DaemonSet's template. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

function withGeneration(set: DaemonSet): DaemonSet {
  const annotations = { ...set.metadata.annotations, [TEMPLATE_GENERATION]: "1" };
  return { ...set, metadata: { ...set.metadata, annotations } };
}

function hasToken(pod: Pod): boolean {
  const mounts = pod.spec?.containers.flatMap((c) => c.volumeMounts ?? []) ?? [];
  return mounts.some((m) => m.mountPath === TOKEN_MOUNT);
}

function missingTolerations(pod: Pod) {
  return ["not-ready", "unreachable"]
    .map((word) => `node.kubernetes.io/${word}`)
    .filter((key) => !pod.spec?.tolerations?.some((t) => t.key === key || t.key === undefined))
    .map((key) => ({
      effect: "NoExecute",
      key,
      operator: "Exists",
      tolerationSeconds: TOLERATION_SECONDS,
    }));
}

function tokenVolume(name: string) {
  return {
    name,
    projected: {
      defaultMode: 420,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { items: [{ key: "ca.crt", path: "ca.crt" }], name: "kube-root-ca.crt" } },
        {
          downwardAPI: {
            items: [
              {
                fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" },
                path: "namespace",
              },
            ],
          },
        },
      ],
    },
  };
}

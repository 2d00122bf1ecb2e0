/**
 * How lists and maps are patched: item by item, by which key, or whole.
 *
 * Follows: the tags `patchStrategy` and `patchMergeKey` of k8s.io/api v0.35 and of `ObjectMeta`.
 */

/** How one field is patched. */
export interface Strategy {
  /** The key of a list's items; "" for a list of plain values; undefined where it is replaced. */
  readonly key?: string;
  /** Whether the fields that are to stay are told with the patch. */
  readonly retainKeys?: boolean;
}

/** Paths of fields, without the indices of lists. */
type Strategies = Readonly<Record<string, Strategy>>;

const CONTAINER: Strategies = {
  ports: { key: "containerPort" },
  env: { key: "name" },
  volumeMounts: { key: "mountPath" },
  volumeDevices: { key: "devicePath" },
};

const POD_SPEC: Strategies = {
  volumes: { key: "name", retainKeys: true },
  initContainers: { key: "name" },
  containers: { key: "name" },
  ephemeralContainers: { key: "name" },
  imagePullSecrets: { key: "name" },
  hostAliases: { key: "ip" },
  topologySpreadConstraints: { key: "topologyKey" },
  schedulingGates: { key: "name" },
  resourceClaims: { key: "name", retainKeys: true },
  ...below("containers", CONTAINER),
  ...below("initContainers", CONTAINER),
  ...below("ephemeralContainers", CONTAINER),
};

const METADATA: Strategies = { ownerReferences: { key: "uid" }, finalizers: { key: "" } };

const TEMPLATE: Strategies = { ...below("metadata", METADATA), ...below("spec", POD_SPEC) };

/** The fields of each kind that are not simply replaced. */
const KINDS: Readonly<Record<string, Strategies>> = {
  Pod: below("spec", POD_SPEC),
  Service: { "spec.ports": { key: "port" } },
  Node: { "spec.podCIDRs": { key: "" } },
  Deployment: {
    "spec.strategy": { retainKeys: true },
    ...below("spec.template", TEMPLATE),
  },
  ReplicaSet: below("spec.template", TEMPLATE),
  StatefulSet: below("spec.template", TEMPLATE),
  DaemonSet: below("spec.template", TEMPLATE),
  Job: below("spec.template", TEMPLATE),
  CronJob: below("spec.jobTemplate.spec.template", TEMPLATE),
};

function below(path: string, fields: Strategies): Strategies {
  return Object.fromEntries(Object.entries(fields).map(([name, s]) => [`${path}.${name}`, s]));
}

const META_FIELDS: Strategies = {
  ...below("metadata", METADATA),
  "status.conditions": { key: "type" },
};

const ALL: ReadonlyMap<string, Strategies> = new Map(
  Object.entries(KINDS).map(([kind, own]) => [kind, { ...META_FIELDS, ...own }] as const),
);

/** The strategy of a field of a kind. */
export function strategyOf(kind: string, path: string): Strategy {
  const fields = ALL.get(kind) ?? META_FIELDS;
  return Object.hasOwn(fields, path) ? (fields[path] as Strategy) : {};
}

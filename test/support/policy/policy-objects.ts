/** Arbitrary policy objects of every kind, for clusters whose pods are labelled `app: a` to `app: d`. */
import * as fc from "fast-check";
import type { KubeObject } from "../../../src/objects/index.js";
import { readOne } from "./cluster.js";

const app = fc.constantFrom("a", "b", "c", "d");
const podSelector = fc.oneof(
  fc.constant({}),
  app.map((value) => ({ matchLabels: { app: value } })),
  fc.uniqueArray(app, { minLength: 1, maxLength: 2 }).map((values) => ({
    matchExpressions: [{ key: "app", operator: "NotIn", values }],
  })),
);
const namespaceSelector = fc.constantFrom(
  {},
  { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
  { matchExpressions: [{ key: "team", operator: "Exists" }] },
);
const BLOCKS = [
  { cidr: "0.0.0.0/0", except: ["10.244.0.0/16"] },
  { cidr: "10.244.0.0/24" },
  { cidr: "192.168.0.0/24" },
  { cidr: "::/0", except: ["fd00:10:244::/64"] },
  { cidr: "fd00::/16" },
];

const peer = fc.oneof(
  fc.record({ podSelector }),
  fc.record({ namespaceSelector, podSelector }),
  fc.constantFrom(...BLOCKS).map((ipBlock) => ({ ipBlock })),
);
const port = fc.constantFrom<object>(
  { port: 80 },
  { port: "http" },
  { port: 53, protocol: "UDP" },
  { port: 50, endPort: 90, protocol: "UDP" },
  { protocol: "SCTP" },
);
const list = (item: fc.Arbitrary<object>) => fc.array(item, { maxLength: 2 });
const types = fc.constantFrom(["Ingress"], ["Egress"], ["Ingress", "Egress"]);

const networkPolicy = fc
  .record({
    name: fc.constantFrom("one", "two", "three"),
    namespace: fc.constantFrom("default", "shop"),
    podSelector,
    policyTypes: types,
    ingress: list(fc.record({ from: list(peer), ports: list(port) })),
    egress: list(fc.record({ to: list(peer), ports: list(port) })),
  })
  .map(({ name, namespace, ...spec }) =>
    readOne({
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, namespace },
      spec,
    }),
  );

const group = fc.oneof(
  namespaceSelector.map((namespaces) => ({ namespaces })),
  fc.record({ namespaceSelector, podSelector }).map((pods) => ({ pods })),
);
const egressPeer = fc.oneof(
  group,
  fc.constant({ nodes: {} }),
  fc.constantFrom("10.244.0.0/16", "192.168.0.0/16", "::/0").map((net) => ({ networks: [net] })),
);
const some = (item: fc.Arbitrary<object>) => fc.array(item, { minLength: 1, maxLength: 2 });

interface TierForm {
  readonly kind: string;
  readonly version: string;
  readonly actions: readonly string[];
  readonly ports: (key: "from" | "to") => fc.Arbitrary<object>;
  /** What the kind has besides subject and rules. */
  readonly more: fc.Arbitrary<object>;
}

const priority = fc.integer({ min: 0, max: 9 });
const http = { tcp: { destinationPort: { number: 80 } } };
/** Named ports stand in rules for ingress only: nodes and networks have none. */
const protocols = (key: "from" | "to") =>
  fc.constantFrom({
    protocols: key === "from" ? [http, { destinationNamedPort: "http" }] : [http],
  });
const adminPorts = () =>
  fc.constantFrom({ ports: [{ portNumber: { protocol: "TCP", port: 80 } }] });

const FORMS: readonly TierForm[] = [
  {
    kind: "AdminNetworkPolicy",
    version: "v1alpha1",
    actions: ["Allow", "Deny", "Pass"],
    ports: adminPorts,
    more: fc.record({ priority }),
  },
  {
    kind: "BaselineAdminNetworkPolicy",
    version: "v1alpha1",
    actions: ["Allow", "Deny"],
    ports: adminPorts,
    more: fc.constant({}),
  },
  {
    kind: "ClusterNetworkPolicy",
    version: "v1alpha2",
    actions: ["Accept", "Deny", "Pass"],
    ports: protocols,
    more: fc.record({ priority, tier: fc.constantFrom("Admin", "Baseline") }),
  },
];

function tierPolicy({ kind, version, actions, ports, more }: TierForm): fc.Arbitrary<KubeObject> {
  const rule = (key: "from" | "to", peers: fc.Arbitrary<object>) =>
    fc
      .tuple(fc.constantFrom(...actions), some(peers), fc.option(ports(key)))
      .map(([action, chosen, limits]) => ({ action, [key]: chosen, ...limits }));
  const spec = fc.record({
    subject: group,
    ingress: list(rule("from", group)),
    egress: list(rule("to", egressPeer)),
  });
  return fc.tuple(spec, more).map(([rest, extra]) =>
    readOne({
      apiVersion: `policy.networking.k8s.io/${version}`,
      kind,
      metadata: { name: "default" },
      spec: { ...rest, ...extra },
    }),
  );
}

/** Some policies of every kind, no two of one kind, namespace and name. */
export const anyPolicyObjects: fc.Arbitrary<readonly KubeObject[]> = fc.uniqueArray(
  fc.oneof(
    { weight: 4, arbitrary: networkPolicy },
    ...FORMS.map((form) => ({ weight: 1, arbitrary: tierPolicy(form) })),
  ),
  {
    minLength: 1,
    maxLength: 5,
    selector: ({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`,
  },
);

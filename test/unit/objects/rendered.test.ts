/** Texts as tools print them: Helm, Kustomize, kubectl; and what YAML offers to people. */
import { describe, expect, it } from "vitest";
import { type LoadedObject, tryLoadManifests } from "../../../src/objects/index.js";

function load(text: string): readonly LoadedObject[] {
  const { faults, objects } = tryLoadManifests([{ file: "x.yaml", text }]);
  expect(faults).toEqual([]);
  return objects;
}

const named = (objects: readonly LoadedObject[]) =>
  objects.map(({ object, origin }) => `${object.kind}/${object.metadata.name}:${origin.line}`);

/** As `helm template` prints: a source before each document, empty documents, quoted values. */
const HELM = `---
# Source: shop/templates/serviceaccount.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: release-name-shop
automountServiceAccountToken: true
---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: release-name-shop
  labels:
    helm.sh/chart: shop-0.1.0
    app.kubernetes.io/version: "1.16.0"
    app.kubernetes.io/managed-by: Helm
spec:
  type: ClusterIP
  ports:
    - port: 80
      targetPort: http
      protocol: TCP
      name: http
  selector:
    app.kubernetes.io/name: shop
---
# Source: shop/templates/ingress.yaml
---
# Source: shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: release-name-shop
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: shop
  template:
    metadata:
      annotations:
        checksum/config: 01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b
      labels:
        app.kubernetes.io/name: shop
    spec:
      serviceAccountName: release-name-shop
      securityContext:
        {}
      containers:
        - name: shop
          securityContext:
            {}
          image: "nginx:1.16.0"
          imagePullPolicy: IfNotPresent
          ports:
            - name: http
              containerPort: 80
              protocol: TCP
          livenessProbe:
            httpGet:
              path: /
              port: http
          resources:
            {}
---
# Source: shop/templates/tests/test-connection.yaml
apiVersion: v1
kind: Pod
metadata:
  name: "release-name-shop-test-connection"
  annotations:
    "helm.sh/hook": test
spec:
  containers:
    - name: wget
      image: busybox
      command: ['wget']
      args: ['release-name-shop:80']
  restartPolicy: Never
`;

/** As `kustomize build` prints: keys sorted, hashed names, block texts, no first separator. */
const KUSTOMIZE = `apiVersion: v1
data:
  Corefile: |
    .:53 {
        errors
    }
  empty: ""
kind: ConfigMap
metadata:
  name: settings-2f8h7mbk5d
  namespace: shop
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
spec:
  ingress:
  - from:
    - podSelector:
        matchLabels:
          app: web
    ports:
    - port: 5432
      protocol: TCP
  podSelector:
    matchLabels:
      app: db
  policyTypes:
  - Ingress
`;

/** As \`kubectl get -o yaml\` prints: a list, with status, managed fields and null values. */
const KUBECTL = `apiVersion: v1
items:
- apiVersion: v1
  kind: Service
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"v1","kind":"Service","metadata":{"annotations":{},"name":"web","namespace":"shop"},"spec":{"ports":[{"port":80}]}}
    creationTimestamp: "2025-06-01T10:00:00Z"
    managedFields:
    - apiVersion: v1
      fieldsType: FieldsV1
      fieldsV1:
        f:spec:
          f:ports:
            .: {}
            k:{"port":80,"protocol":"TCP"}:
              .: {}
              f:port: {}
      manager: kubectl-client-side-apply
      operation: Update
      time: "2025-06-01T10:00:00Z"
    name: web
    namespace: shop
    resourceVersion: "4711"
    uid: 0b5b6f0e-8f0a-4c43-9d43-7f2b3f1f6a11
  spec:
    clusterIP: 10.96.14.3
    clusterIPs:
    - 10.96.14.3
    internalTrafficPolicy: Cluster
    ipFamilies:
    - IPv4
    ipFamilyPolicy: SingleStack
    ports:
    - port: 80
      protocol: TCP
      targetPort: 80
    sessionAffinity: None
    type: ClusterIP
  status:
    loadBalancer: {}
- apiVersion: v1
  kind: Pod
  metadata:
    creationTimestamp: null
    name: web
    namespace: shop
    uid: 5d9b6f0e-8f0a-4c43-9d43-7f2b3f1f6a12
  spec:
    containers:
    - image: nginx
      name: web
      resources: {}
    ephemeralContainers:
    - image: busybox
      imagePullPolicy: Always
      name: debugger
      resources: {}
  status:
    phase: Running
    podIP: 10.244.1.7
kind: List
metadata:
  resourceVersion: ""
`;

describe("rendered texts", () => {
  it("of Helm", () => {
    expect(named(load(HELM))).toEqual([
      "Service/release-name-shop:10",
      "Deployment/release-name-shop:31",
      "Pod/release-name-shop-test-connection:68",
    ]);
  });

  it("of Kustomize", () => {
    const [settings, policy] = load(KUSTOMIZE);
    expect(named(load(KUSTOMIZE))).toEqual([
      "ConfigMap/settings-2f8h7mbk5d:1",
      "NetworkPolicy/db:13",
    ]);
    expect(settings?.object.kind === "ConfigMap" && settings.object.data).toEqual({
      Corefile: ".:53 {\n    errors\n}\n",
      empty: "",
    });
    expect(policy?.origin.namespace).toBe("shop");
  });

  it("of kubectl get, with status, managed fields and a debug container", () => {
    const [service, pod] = load(KUBECTL);
    expect(named(load(KUBECTL))).toEqual(["Service/web:3", "Pod/web:43"]);
    expect(service?.object.kind === "Service" && service.object.spec.clusterIPs).toEqual([
      "10.96.14.3",
    ]);
    expect(pod?.object.kind === "Pod" && pod.object.status?.podIP).toBe("10.244.1.7");
  });

  it("with anchors and merge keys, in several documents", () => {
    const text = `apiVersion: v1
kind: Service
metadata:
  name: a
  labels: &labels
    app: web
    tier: front
spec:
  selector:
    <<: *labels
    tier: back
  ports:
  - &port {port: 80, protocol: TCP}
  - <<: *port
    name: b
    port: 81
...
---
{apiVersion: v1, kind: Namespace, metadata: {name: other}}
`;
    const { faults } = tryLoadManifests([{ file: "x.yaml", text }]);
    expect(faults.map(({ line, path }) => [path, line])).toEqual([["spec.ports[0].name", 13]]);
    const [service] = load(text.replace("{port: 80,", "{name: a, port: 80,"));
    expect(service?.object.kind === "Service" && service.object.spec.selector).toEqual({
      app: "web",
      tier: "back",
    });
  });
});

describe("generateName", () => {
  const pod = (begin: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {generateName: ${begin}}\nspec: {containers: [{name: a, image: i}]}\n`;
  const namesOf = (text: string) => load(text).map(({ object }) => object.metadata.name);

  it("gives each object a name of its own, the same every time", () => {
    const names = namesOf(`${pod("run-")}---\n${pod("run-")}---\n${pod("other-")}`);
    expect(names[0]).toMatch(/^run-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(new Set(names).size).toBe(3);
    expect(namesOf(pod("run-"))).toEqual([names[0]]);
  });

  it("is cut where the name would be too long", () => {
    expect(namesOf(pod("a".repeat(70)))[0]).toHaveLength(63);
  });

  it("is left alone where kind or namespace are no texts", () => {
    for (const wrong of ['"kind":{"toString":1}', '"kind":"Pod","x":1', '"kind":["Pod"]']) {
      const metadata = '"metadata":{"generateName":"a-","namespace":{"toString":1}}';
      const text = `{"apiVersion":"v1",${wrong},${metadata}}`;
      const { faults } = tryLoadManifests([{ file: "x.json", text }]);
      expect(faults.length).toBeGreaterThan(0);
    }
  });

  it("must be the beginning of a name", () => {
    const { faults } = tryLoadManifests([{ file: "x.yaml", text: pod("Run_") }]);
    expect(faults.map(({ path }) => path)).toEqual(["metadata.name", "metadata.generateName"]);
  });
});

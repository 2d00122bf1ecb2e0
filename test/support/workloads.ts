/** Makers of objects for tests and benchmarks: whole, as an API server would have defaulted them. */
import type { Deployment, KubeObject, Pod, Service } from "../../src/objects/index.js";

/** What to call things, and how many. */
export interface Wanted {
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly replicas?: number;
}

/** A pod of nginx. */
export function makePod(wanted: Wanted): Pod {
  const { name, namespace = "default", labels = { run: wanted.name } } = wanted;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels },
    spec: podSpec(wanted),
  } as unknown as Pod;
}

function podSpec({ name, port = 80 }: Wanted) {
  return {
    containers: [
      {
        name,
        image: "nginx",
        ports: [{ containerPort: port, name: "http", protocol: "TCP" }],
        resources: {},
      },
    ],
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
  };
}

/** A Deployment of nginx whose pods are labelled `app: NAME`. */
export function makeDeployment(wanted: Wanted): Deployment {
  const { name, namespace = "default", replicas = 1 } = wanted;
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(wanted) },
    },
  } as unknown as Deployment;
}

/** A Service for the pods labelled `app: NAME`. */
export function makeService(wanted: Wanted, spec: Partial<Service["spec"]> = {}): Service {
  const { name, namespace = "default", port = 80 } = wanted;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      internalTrafficPolicy: "Cluster",
      ports: [{ name: "http", port, protocol: "TCP", targetPort: "http" }],
      selector: wanted.labels ?? { app: name },
      sessionAffinity: "None",
      type: "ClusterIP",
      ...spec,
    },
  } as unknown as Service;
}

/** Many Deployments with a Service each, spread over namespaces of twenty-five. */
export function makeShop(count: number, replicas: number): readonly KubeObject[] {
  return Array.from({ length: count }, (_, at) => {
    const wanted = { namespace: `team-${Math.floor(at / 25)}`, name: `web-${at}`, replicas };
    return [makeDeployment(wanted), makeService(wanted)];
  }).flat();
}

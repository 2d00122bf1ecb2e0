/** Truth tables over pods: the end-to-end tests of Kubernetes, cyclonus, random clusters. */
import type { Report } from "../suite.js";
import {
  ask,
  ENGINE,
  openCourt,
  type Raw,
  type RawCluster,
  servedPorts,
  toRawNamespaces,
  toRawPod,
} from "./cluster.js";
import { isKnown, openReadings } from "./known.js";

type Expectation = readonly [string, string, number, string, boolean];

interface RandomCluster extends RawCluster {
  readonly seed: number;
  readonly probes: readonly Expectation[];
}

/**
 * Random clusters with the answers of a packet engine. A probe passes when the judge and the compiled
 * rules, reading policies as that engine does, answer the same. Each cluster is asked again by the
 * API's own text, as one more case: that passes when every difference from the engine falls under a row
 * of KNOWN.md.
 */
export function runRandomClusters(clusters: readonly RandomCluster[], report: Report): void {
  for (const cluster of clusters) {
    const engine = openCourt(cluster, { readings: ENGINE });
    cluster.probes.forEach(([src, dst, port, protocol, allowed], i) => {
      report.check(`random-clusters/${cluster.seed}/${i}`, () => {
        const verdict = ask(engine, { src, dst, port, protocol });
        if (verdict.allowed === allowed) return undefined;
        return `${src} > ${dst} ${protocol} ${port}: wanted ${allowed}, got ${JSON.stringify(verdict)}`;
      });
    });
    report.check(`random-clusters/${cluster.seed}/by the API`, () => checkByApi(cluster, report));
  }
}

function checkByApi(cluster: RandomCluster, report: Report): string | undefined {
  const api = openCourt(cluster);
  const differing = cluster.probes.filter(
    ([src, dst, port, protocol, allowed]) =>
      ask(api, { src, dst, port, protocol }).allowed !== allowed,
  );
  const unknown = differing.filter(([src, dst, port, protocol, allowed]) => {
    const asked = { src, dst, port, protocol };
    return !isKnown(openReadings(cluster), { asked, answered: allowed, report });
  });
  return unknown.length === 0 ? undefined : `no known reading explains ${JSON.stringify(unknown)}`;
}

interface TruthTables {
  readonly model: { readonly pods: readonly { namespace: string; name: string; podIP: string }[] };
  readonly tests: readonly {
    readonly id: string;
    readonly serverProtocols: readonly string[];
    readonly serverPorts: readonly number[];
    readonly pods: readonly string[];
    readonly steps: readonly {
      readonly policies: readonly Raw[];
      readonly namespaceLabels: Readonly<Record<string, Raw>>;
      readonly podLabels: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly probes: readonly { readonly expectations: readonly Expectation[] }[];
    }[];
  }[];
}

/** Truth tables of Kubernetes' end-to-end tests. */
export function runTruthTables(tables: TruthTables, report: Report): void {
  const ipOf = new Map(tables.model.pods.map((p) => [`${p.namespace}/${p.name}`, p.podIP]));
  for (const test of tables.tests) {
    const ports = servedPorts(test.serverPorts, test.serverProtocols);
    test.steps.forEach((step, i) => {
      const pods = Object.entries(step.podLabels).map(([id, labels]) => {
        const [namespace = "", name = ""] = id.split("/");
        return toRawPod({ namespace, name, labels, ip: ipOf.get(id) ?? "", ports });
      });
      const namespaces = toRawNamespaces(step.namespaceLabels);
      const judge = openCourt({ namespaces, pods, policies: step.policies });
      for (const [from, to, port, protocol, allowed] of step.probes.flatMap(
        (p) => p.expectations,
      )) {
        report.check(`${test.id}/${i}/${from}>${to}:${port}/${protocol}`, () => {
          const flow = { src: ipOf.get(from) ?? "", dst: ipOf.get(to) ?? "", port, protocol };
          const verdict = ask(judge, flow);
          return verdict.allowed === allowed ? undefined : JSON.stringify(verdict);
        });
      }
    });
  }
}

interface Matrix {
  readonly port: number;
  readonly protocol: string;
  readonly to: readonly string[];
  readonly ingress: Readonly<Record<string, string>>;
  readonly egress: Readonly<Record<string, string>>;
  readonly combined: Readonly<Record<string, string>>;
}

interface Cyclonus {
  readonly cases: readonly {
    readonly id: string;
    readonly steps: readonly {
      readonly policies: readonly Raw[];
      readonly namespaces: Readonly<Record<string, Raw>>;
      readonly pods: readonly {
        readonly ip: string;
        readonly labels: Readonly<Record<string, string>>;
        readonly name: string;
        readonly namespace: string;
      }[];
      readonly expected: readonly Matrix[];
    }[];
  }[];
}

/** Matrices of cyclonus: every pod to every pod, ingress and egress apart. Loopback is left out. */
export function runCyclonus(content: Cyclonus, report: Report): void {
  for (const { id, steps } of content.cases) {
    steps.forEach((step, i) => {
      const ports = servedPorts([80, 81], ["TCP", "UDP", "SCTP"]);
      const pods = step.pods.map((pod) => toRawPod({ ...pod, ports }));
      const namespaces = toRawNamespaces(step.namespaces);
      const judge = openCourt({ namespaces, pods, policies: step.policies });
      const ipOf = new Map(step.pods.map((p) => [`${p.namespace}/${p.name}`, p.ip]));
      for (const matrix of step.expected) {
        report.check(`${id}/${i}/${matrix.port}/${matrix.protocol}`, () => {
          const wrong = Object.keys(matrix.combined).flatMap((from) =>
            matrix.to.flatMap((to, column) => {
              if (from === to) return [];
              const flow = { src: ipOf.get(from) ?? "", dst: ipOf.get(to) ?? "" };
              const { port, protocol } = matrix;
              const verdict = ask(judge, { ...flow, port, protocol });
              const got = [verdict.ingress?.allowed, verdict.egress?.allowed, verdict.allowed];
              const rows = [matrix.ingress, matrix.egress, matrix.combined];
              const wanted = rows.map((row) => row[from]?.[column] === ".");
              return got.join() === wanted.join() ? [] : [`${from}>${to}: ${got}, not ${wanted}`];
            }),
          );
          return wrong.length === 0 ? undefined : wrong.join("; ");
        });
      }
    });
  }
}

/** The network-policy API's own tests: conformance of both versions, and the policy assistant's. */
import type { Report } from "../suite.js";
import { ask, openCourt, type Raw, toRawNamespaces, toRawPod } from "./cluster.js";

interface Conformance {
  readonly namespaces: readonly Raw[];
  readonly nodes: readonly Raw[];
  readonly pods: readonly (Raw & {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly status: { readonly podIP: string };
  })[];
  readonly tests: readonly {
    readonly shortName: string;
    readonly states: readonly {
      readonly namespaceLabels: Readonly<Record<string, Raw>>;
      readonly policies: readonly Raw[];
    }[];
    readonly steps: readonly {
      readonly state: number;
      readonly expectations: readonly (readonly [string, string, number, string, boolean])[];
    }[];
  }[];
}

/** Conformance of ClusterNetworkPolicy, or of the two kinds before it. */
export function runConformance(content: Conformance, report: Report): void {
  const ipOf = new Map(
    content.pods.map((p) => [`${p.metadata.namespace}/${p.metadata.name}`, p.status.podIP]),
  );
  for (const test of content.tests) {
    const judges = test.states.map((state) =>
      openCourt({ ...content, ...state, namespaces: toRawNamespaces(state.namespaceLabels) }),
    );
    test.steps.forEach((step, i) => {
      for (const [from, to, port, protocol, allowed] of step.expectations) {
        report.check(`${test.shortName}/${i}/${from}>${to}:${port}/${protocol}`, () => {
          const judge = judges[step.state];
          if (judge === undefined) return `there is no state ${step.state}`;
          const flow = { src: ipOf.get(from) ?? "", dst: ipOf.get(to) ?? "", port, protocol };
          const verdict = ask(judge, flow);
          return verdict.allowed === allowed ? undefined : JSON.stringify(verdict);
        });
      }
    });
  }
}

interface Assistant {
  readonly tests: readonly {
    readonly group: string;
    readonly name: string;
    readonly usesRemovedFields?: readonly string[];
    readonly namespaces: readonly { readonly name: string; readonly labels: Raw }[];
    readonly pods: readonly {
      readonly namespace: string;
      readonly name: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly ports: readonly Raw[];
    }[];
    readonly networkPolicies: readonly Raw[] | null;
    readonly adminNetworkPolicies: readonly Raw[] | null;
    readonly baselineAdminNetworkPolicy: Raw | null;
    readonly expectations: readonly (readonly [
      string,
      string,
      number,
      string,
      boolean,
      { readonly ingress: boolean; readonly egress: boolean },
    ])[];
  }[];
}

/** The policy assistant's tests, which are written for release 0.1.1 of the API. */
export function runAssistant(content: Assistant, report: Report): void {
  content.tests.forEach((test, number) => {
    const id = `policy-assistant/${number} ${test.name}`;
    if (test.usesRemovedFields !== undefined) {
      report.skip(id, test.usesRemovedFields.join("; "));
      return;
    }
    const ips = test.pods.map((_, i) => `10.0.${i >> 8}.${(i & 255) + 1}`);
    const pods = test.pods.map((pod, i) => toRawPod({ ...pod, ip: ips[i] ?? "" }));
    const ipOf = new Map(test.pods.map((p, i) => [`${p.namespace}/${p.name}`, ips[i] ?? ""]));
    const namespaces = test.namespaces.map(({ name, labels }) => ({ metadata: { name, labels } }));
    const baseline = test.baselineAdminNetworkPolicy;
    const tiers = [...(test.adminNetworkPolicies ?? []), ...(baseline === null ? [] : [baseline])];
    const policies = [...(test.networkPolicies ?? []), ...tiers.map((p) => upgrade(p) as Raw)];
    const judge = openCourt({ namespaces, pods, policies });
    for (const [from, to, port, protocol, allowed, sides] of test.expectations) {
      report.check(`${id}/${from}>${to}:${port}/${protocol}`, () => {
        const flow = { src: ipOf.get(from) ?? "", dst: ipOf.get(to) ?? "", port, protocol };
        const verdict = ask(judge, flow);
        const got = [verdict.allowed, verdict.ingress?.allowed, verdict.egress?.allowed];
        const wanted = [allowed, sides.ingress, sides.egress];
        return got.join() === wanted.join() ? undefined : `${got}, not ${wanted}`;
      });
    }
  });
}

/** Release 0.1.1 had one more level: `namespaces: {namespaceSelector}`, also within `pods`. */
function upgrade(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(upgrade);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([key, field]): [string, unknown] => {
    const inner = key === "namespaces" ? (field as Raw).namespaceSelector : undefined;
    if (inner === undefined) return [key, upgrade(field)];
    return ["podSelector" in value ? "namespaceSelector" : "namespaces", inner];
  });
  return Object.fromEntries(fields);
}

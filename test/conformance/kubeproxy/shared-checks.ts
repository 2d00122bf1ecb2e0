/** What all modes share: endpoint selection, endpoint and service maps, conntrack cleanup. */
import { parseAddr, parseAddrPort } from "../../../src/addr/index.js";
import {
  buildModel,
  type CleanableEntry,
  type ConntrackFilter,
  chooseEndpoints,
  countLocalReady,
  type Endpoint,
  endpointsOnNode,
  findStaleEntries,
  healthCheckPorts,
  isLocalTo,
  matchesFilter,
  needsCleanup,
  type ProxyEndpointSlice,
  type ProxyModel,
  type ProxyService,
} from "../../../src/proxy/index.js";
import type { Report } from "../suite.js";

/** `categorize-endpoints.json`. */
export interface CategorizeFile {
  readonly cases: readonly {
    readonly name: string;
    readonly nodeName: string;
    readonly nodeLabels: Readonly<Record<string, string>>;
    readonly featureGates: Readonly<Record<string, boolean>>;
    readonly servicePort: {
      readonly internalTrafficPolicyLocal: boolean;
      readonly externalTrafficPolicyLocal: boolean;
      readonly nodePort: number;
    };
    readonly endpoints: readonly {
      readonly endpoint: string;
      readonly isLocal: boolean;
      readonly ready: boolean;
      readonly serving: boolean;
      readonly terminating: boolean;
      readonly zoneHints: readonly string[];
      readonly nodeHints: readonly string[];
    }[];
    readonly expected: {
      readonly clusterEndpoints: readonly string[] | null;
      readonly localEndpoints: readonly string[] | null;
      readonly allEndpoints: readonly string[] | null;
      readonly hasAnyEndpoints: boolean;
    };
  }[];
}

/** Endpoint selection. */
export function checkCategorize(id: string, file: CategorizeFile, report: Report): void {
  for (const test of file.cases) {
    // A node without a name has no endpoints of its own, so such a test is given one.
    const name = test.nodeName === "" ? "this-node" : test.nodeName;
    const endpoints = test.endpoints.map((e): Endpoint => {
      const { addr, port } = parseAddrPort(e.endpoint);
      return {
        ...e,
        text: e.endpoint,
        host: addr.toString(),
        addr,
        port,
        nodeName: e.isLocal ? name : "",
      };
    });
    const port = {
      internalPolicyLocal: test.servicePort.internalTrafficPolicyLocal,
      externalPolicyLocal: test.servicePort.externalTrafficPolicyLocal,
      nodePort: test.servicePort.nodePort,
      loadBalancerVIPs: [],
      externalIPs: [],
    };
    const zone = test.nodeLabels["topology.kubernetes.io/zone"] ?? "";
    const nodeHints = test.featureGates.PreferSameTrafficDistribution ?? true;
    report.check(`${id}/${test.name}`, () => {
      const choice = chooseEndpoints(endpoints.toSorted(byText), port, { name, zone, nodeHints });
      const { expected } = test;
      return compareJson(
        [
          textsOf(choice.cluster),
          textsOf(choice.local),
          textsOf(choice.reachable),
          choice.hasEndpoints,
        ],
        [
          sorted(expected.clusterEndpoints),
          sorted(expected.localEndpoints),
          sorted(expected.allEndpoints ?? []),
          expected.hasAnyEndpoints,
        ],
      );
    });
  }
}

interface EndpointsMapCase {
  readonly name: string;
  readonly previousEndpointSlices: readonly ProxyEndpointSlice[] | null;
  readonly currentEndpointSlices: readonly ProxyEndpointSlice[] | null;
  readonly conntrackCleanupRequired: boolean;
  readonly localReadyEndpoints: Readonly<Record<string, number>>;
  readonly previousMap: EndpointsMap;
  readonly currentMap: EndpointsMap;
}

type EndpointsMap = Readonly<
  Record<
    string,
    readonly {
      endpoint: string;
      isLocal: boolean;
      ready: boolean;
      serving: boolean;
      terminating: boolean;
    }[]
  >
>;

/** `endpoints-map.json`. */
export function checkEndpointsMap(
  id: string,
  file: {
    readonly nodeName: string;
    readonly cases: readonly EndpointsMapCase[];
    readonly healthCheckWhenTerminating?: {
      readonly cases: readonly {
        readonly localReady: number;
        readonly localNotReady: number;
        readonly expectedServices: number;
      }[];
    };
  },
  report: Report,
): void {
  const { nodeName } = file;
  for (const test of file.cases) {
    const read = (slices: readonly ProxyEndpointSlice[] | null, before?: ProxyModel) =>
      buildModel({ services: [], endpointSlices: slices ?? [] }, { family: "ip4" }, before);
    const previous = read(test.previousEndpointSlices);
    const current = read(test.currentEndpointSlices, previous);
    report.check(`${id}/${test.name}`, () => {
      const local: Record<string, number> = {};
      for (const service of current.services.keys) {
        const count = countLocalReady(current, service, nodeName);
        if (count > 0) local[service] = count;
      }
      return compareJson(
        [
          mapOf(previous, nodeName),
          mapOf(current, nodeName),
          needsCleanup(previous, current),
          local,
        ],
        [
          sortKeys(test.previousMap),
          sortKeys(test.currentMap),
          test.conntrackCleanupRequired,
          sortKeys(test.localReadyEndpoints),
        ],
      );
    });
  }
  for (const test of file.healthCheckWhenTerminating?.cases ?? []) {
    report.check(`${id}/health check when terminating/${test.localReady}`, () => {
      const endpoint = (i: number, ready: boolean) => ({
        addresses: [`10.0.0.${i + 1}`],
        conditions: { ready, serving: true, terminating: !ready },
        nodeName,
      });
      const endpoints = Array.from({ length: test.localReady + test.localNotReady }, (_, i) =>
        endpoint(i, i < test.localReady),
      );
      const slice = {
        metadata: {
          namespace: "ns1",
          name: "svc1-a",
          labels: { "kubernetes.io/service-name": "svc1" },
        },
        addressType: "IPv4",
        endpoints,
        ports: [{ name: "", port: 80, protocol: "TCP" }],
      };
      const model = buildModel({ services: [], endpointSlices: [slice] }, { family: "ip4" });
      const count = countLocalReady(model, "ns1/svc1", nodeName);
      return compareJson(count > 0 ? 1 : 0, test.expectedServices);
    });
  }
}

/** `service-map.json`. */
export function checkServiceMap(
  id: string,
  file: {
    readonly cases: readonly {
      readonly name: string;
      readonly services: readonly ProxyService[];
      readonly expectedHealthCheckNodePorts: Readonly<Record<string, number>>;
      readonly servicePortNames: readonly string[];
    }[];
  },
  report: Report,
): void {
  for (const test of file.cases) {
    report.check(`${id}/${test.name}`, () => {
      const model = buildModel({ services: test.services, endpointSlices: [] }, { family: "ip4" });
      const names = model.services.values.flatMap(({ ports }) =>
        ports.map((p) => `${p.name}/${p.protocol.toUpperCase()}`),
      );
      const health = healthCheckPorts(model, "").map((h) => [h.service, h.port] as const);
      return compareJson(
        [names.sort(compare), sortKeys(Object.fromEntries(health))],
        [sorted(test.servicePortNames), sortKeys(test.expectedHealthCheckNodePorts)],
      );
    });
  }
}

interface ConntrackEntry {
  readonly protocol: string;
  readonly orig: { readonly dstIP?: string | null; readonly dstPort: number };
  readonly reply: { readonly srcIP: string; readonly srcPort: number };
  readonly expectDeleted: boolean;
}

interface ConntrackCase {
  readonly services: readonly ProxyService[];
  readonly endpointSlices: readonly ProxyEndpointSlice[];
  readonly entries: readonly ConntrackEntry[];
}

/** `conntrack-cleanup.json`. */
export function checkConntrack(
  id: string,
  file: {
    readonly ipFamily: string;
    readonly cleanStaleEntries: ConntrackCase;
    readonly serviceWithoutEndpoints: ConntrackCase;
    readonly deleteFilters: readonly (Omit<ConntrackEntry, "expectDeleted" | "protocol"> & {
      readonly name: string;
      readonly protocolNumber: number;
    })[];
  },
  report: Report,
): void {
  const family = file.ipFamily === "IPv6" ? "ip6" : "ip4";
  for (const part of ["cleanStaleEntries", "serviceWithoutEndpoints"] as const) {
    const test = file[part];
    const entries = test.entries.map(readEntry);
    const filters = findStaleEntries(buildModel(test, { family }), entries);
    test.entries.forEach((expected, i) => {
      const entry = entries[i] as CleanableEntry;
      report.check(`${id}/${part}/${i}`, () =>
        compareJson(
          filters.some((f) => matchesFilter(f, entry)),
          expected.expectDeleted,
        ),
      );
    });
  }
  file.deleteFilters.forEach((filter, i) => {
    report.check(`${id}/filter ${i} ${filter.name}`, () => {
      const { dstIP } = filter.orig;
      const made: ConntrackFilter = {
        protocol: filter.protocolNumber,
        original: { ...(dstIP ? { dst: parseAddr(dstIP) } : {}), dport: filter.orig.dstPort },
        reply: { src: parseAddr(filter.reply.srcIP), sport: filter.reply.srcPort },
      };
      const entry = {
        original: {
          protocol: filter.protocolNumber,
          dst: parseAddr(dstIP ?? "192.0.2.1"),
          dport: filter.orig.dstPort,
        },
        reply: made.reply,
      };
      const other = { ...entry, reply: { ...entry.reply, sport: filter.reply.srcPort + 1 } };
      return compareJson([matchesFilter(made, entry), matchesFilter(made, other)], [true, false]);
    });
  });
}

const NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

function readEntry({ protocol, orig, reply }: ConntrackEntry): CleanableEntry {
  return {
    original: {
      protocol: NUMBERS[protocol] ?? 0,
      dst: parseAddr(orig.dstIP ?? "192.0.2.1"),
      dport: orig.dstPort,
    },
    reply: { src: parseAddr(reply.srcIP), sport: reply.srcPort },
  };
}

function mapOf(model: ProxyModel, nodeName: string) {
  const entries = model.services.values.flatMap(({ byPort }) =>
    [...byPort].map(([key, port]) => {
      const slash = key.lastIndexOf("/");
      const name = `${key.slice(0, slash)}/${key.slice(slash + 1).toUpperCase()}`;
      const list = endpointsOnNode(port, nodeName).map((e) => ({
        endpoint: e.text,
        isLocal: isLocalTo(e, nodeName),
        ready: e.ready,
        serving: e.serving,
        terminating: e.terminating,
      }));
      return [name, list] as const;
    }),
  );
  return sortKeys(Object.fromEntries(entries));
}

function sortKeys<T>(object: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => compare(a, b)));
}

function textsOf(endpoints: readonly Endpoint[] | undefined): readonly string[] | null {
  return endpoints === undefined ? null : sorted(endpoints.map((e) => e.text));
}

function sorted<T extends readonly string[] | null>(list: T): readonly string[] | T {
  return list === null ? list : list.toSorted(compare);
}

function byText(a: Endpoint, b: Endpoint): number {
  return compare(a.text, b.text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareJson(ours: unknown, theirs: unknown): string | undefined {
  const left = JSON.stringify(ours);
  const right = JSON.stringify(theirs);
  return left === right ? undefined : `ours ${left}, theirs ${right}`;
}

/** kube-proxy's small tests of iptables and nftables mode: names, numbers, single rules, metrics. */
import {
  buildModel,
  endpointBaseName,
  endpointChainName,
  type ProxyEndpointSlice,
  type ProxyModel,
  type ProxyService,
  probabilityText,
  serviceBaseName,
  serviceChainNames,
  serviceCIDRsOf,
  startNftables,
  syncIptables,
  syncNftables,
} from "../../../src/proxy/index.js";
import type { Report } from "../suite.js";
import { startVector } from "./iptables-golden.js";
import { firstDifference } from "./iptables-normalise.js";
import { NftDump, normaliseNft } from "./nft-dump.js";
import { nodeOf, type Snapshot, settingsOf, type VectorConfig } from "./setup.js";

/** What the unit tests leave unsaid. */
const CONFIG: VectorConfig = {
  ipFamily: "IPv4",
  nodeName: "test-node",
  nodeIP: "192.168.0.2",
  nodeLocalIPs: ["192.168.0.2"],
  interfaces: { lo: ["127.0.0.1/8"], eth0: ["192.168.0.2/24"] },
  detectLocal: { mode: "ClusterCIDR", clusterCIDR: "10.0.0.0/8" },
  masqueradeAll: false,
  masqueradeMark: "0x4000",
  nodePortAddresses: null,
  localhostNodePorts: true,
  nfacctCounters: false,
};

const EMPTY: Snapshot = { services: [], endpointSlices: [] };

interface MetricFile {
  readonly noLocalEndpointsMetric: {
    readonly cases: readonly (Snapshot & {
      readonly name: string;
      readonly noLocalEndpointsTotal: { readonly internal: number; readonly external: number };
    })[];
  };
  readonly loadBalancerIngressIPMode: {
    readonly cases: readonly (Snapshot & {
      readonly ipMode: string | null;
      readonly loadBalancerIP: string;
      readonly expectRuleForLoadBalancerIP: boolean;
      readonly gateLoadBalancerIPMode?: boolean;
    })[];
  };
}

/** `iptables-units.json`. */
export interface IptablesUnitsFile extends MetricFile {
  readonly computeProbability: {
    readonly vectors: readonly { readonly n: number; readonly probability: string }[];
  };
  readonly dropInvalidRule: {
    readonly cases: readonly {
      readonly conntrackTCPLiberal: boolean;
      readonly nfacctCounter: boolean;
      readonly kubeForward: readonly string[];
    }[];
  };
  readonly masqueradeRule: {
    readonly cases: readonly {
      readonly randomFully: boolean;
      readonly kubePostrouting: readonly string[];
    }[];
  };
  readonly chainNames: {
    readonly vectors: readonly {
      readonly servicePortName: string;
      readonly protocol: string;
      readonly endpoint: string | null;
      readonly chain: string;
    }[];
  };
  readonly largeClusterMode: LargeClusterTest;
}

/** Small tests of iptables mode. */
export function checkIptablesUnits(id: string, file: IptablesUnitsFile, report: Report): void {
  for (const { n, probability } of file.computeProbability.vectors) {
    report.check(`${id}/probability/${n}`, () => same(probabilityText(n), probability));
  }
  report.check(`${id}/probability/every n has its own`, () => {
    for (let n = 100_000; n > 2; n--) {
      if (!(probabilityText(n) < probabilityText(n - 1))) return `${n} and ${n - 1}`;
    }
    return undefined;
  });
  for (const test of file.dropInvalidRule.cases) {
    const config = { ...CONFIG, ...test, nfacctCounters: test.nfacctCounter };
    report.check(`${id}/drop invalid/${JSON.stringify(test).slice(0, 60)}`, () =>
      same(chainOf(sendIptables(config, EMPTY).text, "KUBE-FORWARD"), test.kubeForward),
    );
  }
  for (const test of file.masqueradeRule.cases) {
    report.check(`${id}/masquerade/${test.randomFully}`, () => {
      const { text } = sendIptables({ ...CONFIG, randomFully: test.randomFully }, EMPTY);
      return same(chainOf(text, "KUBE-POSTROUTING"), test.kubePostrouting);
    });
  }
  for (const { servicePortName: name, protocol, endpoint, chain } of file.chainNames.vectors) {
    report.check(`${id}/names/${chain}`, () => {
      const names = serviceChainNames({ name, protocol });
      const ours =
        endpoint === null
          ? (Object.values(names).find((n) => n === chain) ?? names.cluster)
          : endpointChainName({ name, protocol }, endpoint);
      return same(ours, chain);
    });
  }
  checkMetrics(id, file, report, (objects) => sendIptables(CONFIG, objects));
  checkLargeCluster(id, file.largeClusterMode, report);
}

/** `nftables-units.json`. */
export interface NftUnitsFile extends MetricFile {
  readonly serviceBaseNames: { readonly vectors: readonly NameVector[] };
  readonly endpointBaseNames: {
    readonly vectors: readonly (NameVector & {
      readonly endpointIP: string;
      readonly endpointPort: number;
    })[];
  };
  readonly serviceCIDRs: {
    readonly vectors: readonly {
      readonly ipFamily: string;
      readonly input: readonly string[];
      readonly result: string;
    }[];
  };
  readonly baseRules: { readonly text: string };
}

interface NameVector {
  readonly namespace: string;
  readonly service: string;
  readonly portName: string;
  readonly protocol: string;
  readonly baseName: string;
}

/** Small tests of nftables mode. */
export function checkNftUnits(id: string, file: NftUnitsFile, report: Report): void {
  for (const v of file.serviceBaseNames.vectors) {
    report.check(`${id}/names/${v.baseName}`, () =>
      same(serviceBaseName(namedPort(v)), v.baseName),
    );
  }
  for (const v of file.endpointBaseNames.vectors) {
    report.check(`${id}/names/${v.baseName}`, () =>
      same(endpointBaseName(namedPort(v), v.endpointIP, v.endpointPort), v.baseName),
    );
  }
  for (const v of file.serviceCIDRs.vectors) {
    report.check(`${id}/service CIDRs/${v.result}`, () =>
      same(serviceCIDRsOf(v.input, v.ipFamily === "IPv6" ? "ip6" : "ip4").join(","), v.result),
    );
  }
  report.check(`${id}/base rules`, () => {
    const config = {
      ...CONFIG,
      nodePortAddresses: ["192.168.0.2/32"],
      serviceCIDRs: "172.30.0.0/16",
    };
    const dump = new NftDump();
    dump.apply(sendNft(config, EMPTY).text);
    return firstDifference(dump.print(), normaliseNft(file.baseRules.text));
  });
  checkMetrics(id, file, report, (objects) => sendNft(CONFIG, objects));
}

function namedPort({ namespace, service, portName, protocol }: NameVector) {
  return { service: `${namespace}/${service}`, portName, protocol };
}

function checkMetrics(
  id: string,
  file: MetricFile,
  report: Report,
  send: (objects: Snapshot) => {
    readonly text: string;
    readonly noLocalEndpoints: { readonly internal: number; readonly external: number };
  },
): void {
  for (const test of file.noLocalEndpointsMetric.cases) {
    report.check(`${id}/metric/${test.name}`, () =>
      same(send(test).noLocalEndpoints, test.noLocalEndpointsTotal),
    );
  }
  for (const test of file.loadBalancerIngressIPMode.cases) {
    report.check(`${id}/ipMode/${test.ipMode}`, () =>
      same(send(test).text.includes(test.loadBalancerIP), test.expectRuleForLoadBalancerIP),
    );
  }
}

function sendIptables(config: VectorConfig, objects: Snapshot) {
  const state = startVector(config);
  return syncIptables(state, buildModel(objects, state.settings), { nowUs: 0 });
}

function sendNft(config: VectorConfig, objects: Snapshot) {
  const printMark = (mark: number) => `0x${mark.toString(16)}`;
  const state = startNftables(settingsOf(config), nodeOf(config), { printMark });
  return syncNftables(state, buildModel(objects, state.settings), { nowUs: 0 });
}

function chainOf(text: string, chain: string): readonly string[] {
  return text.split("\n").filter((line) => line.startsWith(`-A ${chain} `));
}

interface LargeClusterTest {
  readonly services: readonly ProxyService[];
  readonly steps: readonly {
    readonly step: string;
    readonly emittedEndpoints: number;
    readonly emittedSEPsWithComments?: number;
    readonly contains?: readonly string[];
    readonly notContains?: readonly string[];
  }[];
}

/** The steps are told in words; these are the objects they speak of. */
function checkLargeCluster(id: string, test: LargeClusterTest, report: Report): void {
  const many = (net: number) => (i: number) => `10.${net}.${i % 256}.${Math.floor(i / 256)}`;
  const svc4: ProxyService = {
    metadata: { namespace: "ns4", name: "svc4" },
    spec: {
      type: "ClusterIP",
      clusterIP: "172.30.0.44",
      ports: [{ name: "p8082", protocol: "TCP", port: 8082 }],
    },
  };
  const large = [
    sliceOf(
      "ns1",
      "svc1",
      80,
      Array.from({ length: 499 }, (_, i) => many(0)(i)),
    ),
    sliceOf(
      "ns2",
      "svc2",
      8080,
      Array.from({ length: 499 }, (_, i) => many(1)(i)),
    ),
  ];
  const over = [
    ...large,
    sliceOf("ns3", "svc3", 8081, ["203.0.113.4", "203.0.113.8", "203.0.113.12"]),
  ];
  const three = { services: test.services, endpointSlices: over };
  const four = {
    services: [...test.services, svc4],
    endpointSlices: [...over, sliceOf("ns4", "svc4", 8082, ["10.4.0.1"])],
  };
  const second = 1_000_000;
  const runs: readonly (readonly [Snapshot, number, boolean])[] = [
    [{ services: test.services, endpointSlices: large }, second, false],
    [three, second, false],
    [three, second, true],
    [four, second, false],
    [three, second, false],
    [three, 60 * second, false],
    [three, 61 * second, true],
  ];
  let state = startVector({ ...CONFIG, masqueradeAll: true });
  let model: ProxyModel | undefined;
  test.steps.forEach((step, i) => {
    const [objects, nowUs, full] = runs[i] as (typeof runs)[number];
    model = buildModel(objects, { family: "ip4" }, model);
    const sync = syncIptables(state, model, { nowUs, full });
    state = sync.state;
    report.check(`${id}/large cluster/${i + 1} ${step.step}`, () => {
      const lines = sync.text.split("\n").filter((l) => l.includes("-j DNAT"));
      const noted = lines.filter((l) => l.includes("--comment")).length;
      if (lines.length !== step.emittedEndpoints) return `${lines.length} endpoints`;
      const expected = step.emittedSEPsWithComments;
      if (expected !== undefined && noted !== expected) return `${noted} with comments`;
      const missing = (step.contains ?? []).filter((text) => !sync.text.includes(text));
      const surplus = (step.notContains ?? []).filter((text) => sync.text.includes(text));
      return same([...missing, ...surplus], []);
    });
  });
}

function sliceOf(
  namespace: string,
  service: string,
  port: number,
  addrs: readonly string[],
): ProxyEndpointSlice {
  return {
    metadata: {
      namespace,
      name: `${service}-a`,
      labels: { "kubernetes.io/service-name": service },
    },
    addressType: "IPv4",
    endpoints: addrs.map((addr) => ({ addresses: [addr] })),
    ports: [{ name: `p${port}`, port, protocol: "TCP" }],
  };
}

function same(ours: unknown, theirs: unknown): string | undefined {
  const [left, right] = [JSON.stringify(ours), JSON.stringify(theirs)];
  return left === right ? undefined : `ours ${left}, theirs ${right}`;
}

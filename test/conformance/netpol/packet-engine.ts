/** Tests of the packet engine kube-network-policies: packets, selectors, blocks, ports. */
import type { Report } from "../suite.js";
import { ask, ENGINE, openCourt, type Raw, type RawCluster } from "./cluster.js";
import { isKnown, openReadings } from "./known.js";

interface PacketTest {
  readonly name: string;
  readonly namespace: readonly Raw[];
  readonly networkpolicy: readonly Raw[] | null;
  readonly node?: Raw | null;
  readonly pod: readonly Raw[];
  readonly packet: Packet;
  readonly allowed: boolean;
  readonly implementationQuirk?: string;
}

interface Packet {
  readonly srcIP: string;
  readonly dstIP: string;
  readonly proto?: string;
  readonly dstPort?: number;
}

/** The engine does not know pods of namespaces it was not told of. */
function isIn(pod: Raw, namespaces: readonly Raw[]): boolean {
  const { namespace } = pod.metadata as { namespace: string };
  return namespaces.some((n) => (n.metadata as { name: string }).name === namespace);
}

function isAllowed(cluster: RawCluster, packet: Packet, policyKind: string): boolean {
  const judge = openCourt(cluster, { policyKind });
  const { srcIP: src, dstIP: dst, dstPort: port = 0, proto: protocol = "" } = packet;
  return ask(judge, { src, dst, port, protocol }).allowed;
}

function expectAllowed(got: boolean, wanted: boolean): string | undefined {
  return got === wanted ? undefined : `${got ? "allowed" : "denied"}, which is wrong`;
}

/** Whole packets against NetworkPolicies or AdminNetworkPolicies. */
export function runPacketTests(tests: readonly PacketTest[], kind: string, report: Report): void {
  tests.forEach((test, i) => {
    const id = `${kind}/packet/${i} ${test.name}`;
    const cluster = {
      namespaces: test.namespace,
      pods: test.pod.filter((pod) => isIn(pod, test.namespace)),
      policies: test.networkpolicy ?? [],
      nodes: test.node ? [test.node] : [],
    };
    if (test.implementationQuirk === undefined) {
      const { allowed, packet } = test;
      report.check(id, () => expectAllowed(isAllowed(cluster, packet, kind), allowed));
    } else if (cluster.policies.some(hasEmptyList)) report.skip(id, "KNOWN.md: empty-list-accepts");
    else report.check(id, () => checkQuirk(cluster, { test, kind, report }));
  });
}

function hasEmptyList(policy: Raw): boolean {
  const { ingress, egress } = policy.spec as {
    ingress?: unknown[] | null;
    egress?: unknown[] | null;
  };
  return ingress?.length === 0 || egress?.length === 0;
}

interface Quirk {
  readonly test: PacketTest;
  readonly kind: string;
  readonly report: Report;
}

/**
 * A test that states what this engine does and the API does not: the engine's reading must answer as
 * the engine, and where the API's answer differs, a row of KNOWN.md must say why.
 */
function checkQuirk(cluster: RawCluster, { test, kind, report }: Quirk): string | undefined {
  const { srcIP: src, dstIP: dst, dstPort: port = 0, proto: protocol = "" } = test.packet;
  const asked = { src, dst, port, protocol };
  const engine = openCourt(cluster, { policyKind: kind, readings: ENGINE });
  const wrong = expectAllowed(ask(engine, asked).allowed, test.allowed);
  if (wrong !== undefined) return `as the engine reads it: ${wrong}`;
  if (isAllowed(cluster, test.packet, kind) === test.allowed) return undefined;
  const courts = openReadings(cluster, kind);
  const known = isKnown(courts, { asked, answered: test.allowed, report });
  return known ? undefined : "no known reading explains this";
}

interface BaselineTest {
  readonly name: string;
  readonly packet: Packet;
  readonly policies: readonly Raw[];
  readonly testNamespaces: readonly Raw[];
  readonly testPods: readonly Raw[];
  readonly expected: boolean;
}

/** Whole packets against the BaselineAdminNetworkPolicy. */
export function runBaselineTests(tests: readonly BaselineTest[], report: Report): void {
  tests.forEach((test, i) => {
    report.check(`BaselineAdminNetworkPolicy/packet/${i} ${test.name}`, () => {
      const { testNamespaces: namespaces, testPods: pods, policies } = test;
      const cluster = { namespaces, pods, policies };
      const got = isAllowed(cluster, test.packet, "BaselineAdminNetworkPolicy");
      return expectAllowed(got, test.expected);
    });
  });
}

interface TierTest {
  readonly name: string;
  readonly packet: Packet;
  readonly policies: readonly { readonly spec: { readonly tier: string } }[];
  readonly wantAdmin: string;
  readonly wantBase: string;
}

interface Fixtures {
  readonly namespaces: readonly Raw[];
  readonly node: Raw;
  readonly pods: readonly Raw[];
}

/** Each tier of ClusterNetworkPolicy alone. */
export function runTierTests(tests: readonly TierTest[], fixtures: Fixtures, report: Report): void {
  tests.forEach((test, i) => {
    for (const [tier, want] of [
      ["Admin", test.wantAdmin],
      ["Baseline", test.wantBase],
    ] as const) {
      report.check(`ClusterNetworkPolicy/${tier}/${i} ${test.name}`, () => {
        const policies = test.policies.filter((p) => p.spec.tier === tier) as unknown as Raw[];
        const cluster = { ...fixtures, nodes: [fixtures.node], policies };
        const got = isAllowed(cluster, test.packet, "ClusterNetworkPolicy");
        return expectAllowed(got, want !== "Deny");
      });
    }
  });
}

const NAMESPACE = { metadata: { name: "test", labels: { a: "b" } } };
const CLIENT = podOf({ name: "client", namespace: "test", ip: "10.0.0.1" });
const SERVER_IP = "10.0.0.2";

function podOf(parts: {
  name: string;
  namespace: string;
  ip: string;
  labels?: Raw;
  ports?: Raw[];
}): Raw {
  const { name, namespace, ip, labels = {}, ports = [] } = parts;
  return {
    metadata: { name, namespace, labels },
    spec: { containers: [{ name: "c", image: "i", ports }] },
    status: { podIPs: [{ ip }] },
  };
}

/** The containers of a pod given by a test, in a pod of ours. */
function serverLike(pod: Raw | null): Raw {
  const given = pod as { spec?: { containers?: Raw[] } } | null;
  const ports = (given?.spec?.containers ?? []).flatMap((c) => (c.ports as Raw[]) ?? []);
  return podOf({ name: "server", namespace: "test", ip: SERVER_IP, ports });
}

interface PortTest {
  readonly name: string;
  readonly port: number;
  readonly protocol?: string;
  readonly pod?: Raw | null;
  readonly want: boolean;
  readonly networkPolicyPorts?: unknown;
  readonly policyProtocols?: unknown;
  readonly policyPort?: unknown;
  readonly namedPort?: string;
  readonly podInfo?: { readonly Pod: Raw } | null;
}

/** Ports alone: a rule for everybody with these ports, and one packet. */
export function runPortTests(tests: readonly PortTest[], kind: string, report: Report): void {
  tests.forEach((test, i) => {
    report.check(`${kind}/port/${i} ${test.name}`, () => {
      const { port, protocol = "TCP" } = test;
      const cluster = {
        namespaces: [NAMESPACE],
        pods: [CLIENT, serverLike(test.pod ?? test.podInfo?.Pod ?? null)],
        policies: [portPolicy(test, kind)],
      };
      const packet = { srcIP: "10.0.0.1", dstIP: SERVER_IP, proto: protocol, dstPort: port };
      // In the cluster-wide kinds the rule denies, so that a match is seen at all.
      const isDenying = kind !== "NetworkPolicy";
      return expectAllowed(isAllowed(cluster, packet, kind), test.want !== isDenying);
    });
  });
}

function portPolicy(test: PortTest, kind: string): Raw {
  const metadata = { name: "p", namespace: "test" };
  if (kind === "NetworkPolicy") {
    const ingress = [{ ports: test.networkPolicyPorts ?? [] }];
    return { metadata, spec: { podSelector: {}, policyTypes: ["Ingress"], ingress } };
  }
  const from = [{ namespaces: {} }];
  const subject = { namespaces: {} };
  if (kind === "AdminNetworkPolicy") {
    const ports = test.networkPolicyPorts ? { ports: test.networkPolicyPorts } : {};
    const ingress = [{ action: "Deny", from, ...ports }];
    return { metadata: { name: "p" }, spec: { priority: 1, subject, ingress } };
  }
  const protocols =
    test.policyProtocols ??
    (test.namedPort === undefined
      ? [{ tcp: test.policyPort ? { destinationPort: test.policyPort } : {} }]
      : [{ destinationNamedPort: test.namedPort }]);
  const ingress = [{ action: "Deny", from, protocols }];
  return { metadata: { name: "p" }, spec: { tier: "Admin", priority: 1, subject, ingress } };
}

interface BlockTest {
  readonly name: string;
  readonly ip: string;
  readonly ipBlock: Raw;
  readonly want: boolean;
}

/** Address blocks alone. */
export function runBlockTests(tests: readonly BlockTest[], report: Report): void {
  tests.forEach((test, i) => {
    report.check(`NetworkPolicy/block/${i} ${test.name}`, () => {
      const ingress = [{ from: [{ ipBlock: test.ipBlock }] }];
      const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress };
      const policies = [{ metadata: { name: "p", namespace: "test" }, spec }];
      const ip = test.ip.includes(":") ? "2001:db8:ffff::1" : "203.0.113.250";
      const pods = [podOf({ name: "server", namespace: "test", ip })];
      const packet = { srcIP: test.ip, dstIP: ip };
      const got = isAllowed({ namespaces: [NAMESPACE], pods, policies }, packet, "NetworkPolicy");
      return expectAllowed(got, test.want);
    });
  });
}

interface SelectorTest {
  readonly name: string;
  readonly namespaces: readonly Raw[];
  readonly peerNSSelector: Raw | null;
  readonly peerPodSelector: Raw | null;
  readonly pod: { readonly metadata: { name: string; namespace: string; labels?: Raw } };
  readonly policyNs: string;
  readonly want: boolean;
}

/** Peers by selectors alone. A peer without any selector is no peer the API server takes. */
export function runSelectorTests(tests: readonly SelectorTest[], report: Report): void {
  tests.forEach((test, i) => {
    const id = `NetworkPolicy/selector/${i} ${test.name}`;
    const { peerNSSelector, peerPodSelector, policyNs } = test;
    if (peerNSSelector === null && peerPodSelector === null) {
      report.skip(id, "the API server refuses a peer without selectors");
      return;
    }
    report.check(id, () => {
      const peer = {
        ...(peerNSSelector === null ? {} : { namespaceSelector: peerNSSelector }),
        ...(peerPodSelector === null ? {} : { podSelector: peerPodSelector }),
      };
      const podSelector = { matchLabels: { role: "the server" } };
      const spec = { podSelector, policyTypes: ["Ingress"], ingress: [{ from: [peer] }] };
      const policies = [{ metadata: { name: "p", namespace: policyNs }, spec }];
      const labels = { role: "the server" };
      const server = podOf({ name: "server", namespace: policyNs, ip: SERVER_IP, labels });
      const client = podOf({ labels: {}, ...test.pod.metadata, ip: "10.0.0.1" });
      const cluster = { namespaces: test.namespaces, pods: [client, server], policies };
      const packet = { srcIP: "10.0.0.1", dstIP: SERVER_IP };
      return expectAllowed(isAllowed(cluster, packet, "NetworkPolicy"), test.want);
    });
  });
}

interface SubjectTest {
  readonly name: string;
  readonly networkpolicy: { readonly spec: { readonly subject: Raw } };
  readonly want: boolean;
}

/** Subjects of AdminNetworkPolicies alone; an empty one selects nobody. */
export function runSubjectTests(tests: readonly SubjectTest[], report: Report): void {
  tests.forEach((test, i) => {
    report.check(`AdminNetworkPolicy/subject/${i} ${test.name}`, () => {
      const { subject } = test.networkpolicy.spec;
      const ingress = [{ action: "Deny", from: [{ namespaces: {} }] }];
      const policies = [{ metadata: { name: "p" }, spec: { priority: 1, subject, ingress } }];
      const labels = { a: "b" };
      const server = podOf({ name: "server", namespace: "test", ip: SERVER_IP, labels });
      const cluster = { namespaces: [NAMESPACE], pods: [CLIENT, server], policies };
      const packet = { srcIP: "10.0.0.1", dstIP: SERVER_IP };
      return expectAllowed(isAllowed(cluster, packet, "AdminNetworkPolicy"), !test.want);
    });
  });
}

interface DomainTest {
  readonly name: string;
  readonly dstIP: string;
  readonly policy: Raw;
  readonly expectedAction: boolean;
}

/** What the tests' resolver knows, as their note says. */
const DOMAINS: ReadonlyMap<string, string> = new Map([
  ["allow.example.com", "10.0.0.1"],
  ["deny.example.com", "10.0.0.2"],
  ["test.wild.com", "10.0.0.1"],
]);

/** Domain names, with a resolver handed in. */
export function runDomainTests(tests: readonly DomainTest[], report: Report): void {
  const resolveDomain = (pattern: string, addr: { toString(): string }) =>
    [...DOMAINS].some(([name, ip]) => ip === addr.toString() && matchesDomain(pattern, name));
  tests.forEach((test, i) => {
    report.check(`AdminNetworkPolicy/domain/${i} ${test.name}`, () => {
      const pods = [podOf({ name: "a", namespace: "foo", ip: "192.168.1.11" })];
      const namespaces = [{ metadata: { name: "foo", labels: { a: "b" } } }];
      const cluster = { namespaces, pods, policies: [test.policy] };
      const judge = openCourt(cluster, { policyKind: "AdminNetworkPolicy", resolveDomain });
      const flow = { src: "192.168.1.11", dst: test.dstIP, port: 80, protocol: "TCP" };
      return expectAllowed(ask(judge, flow).allowed, test.expectedAction);
    });
  });
}

function matchesDomain(pattern: string, name: string): boolean {
  return pattern.startsWith("*.") ? name.endsWith(pattern.slice(1)) : pattern === name;
}

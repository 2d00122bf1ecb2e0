/** Random Services and EndpointSlices, small enough that rare things meet. */
import * as fc from "fast-check";
import { parseAddr } from "../../../src/addr/index.js";
import {
  defaultSettings,
  PROXY_RELEASES,
  type ProxyEndpointSlice,
  type ProxyNode,
  type ProxyObjects,
  type ProxyService,
  type ProxySettings,
} from "../../../src/proxy/index.js";

const PORTS = [
  { name: "http", protocol: "TCP", port: 80 },
  { name: "dns", protocol: "UDP", port: 53 },
  { name: "", protocol: "TCP", port: 443 },
] as const;

const anyPolicy = fc.constantFrom("Cluster", "Local");

/** The Service of a number; its addresses follow from the number, so no two claim one. */
const anyService = (i: number): fc.Arbitrary<ProxyService> =>
  fc
    .record({
      type: fc.constantFrom("ClusterIP", "NodePort", "LoadBalancer"),
      ports: fc.subarray([...PORTS], { minLength: 1 }),
      external: fc.boolean(),
      internalTrafficPolicy: anyPolicy,
      externalTrafficPolicy: anyPolicy,
      sessionAffinity: fc.constantFrom("None", "ClientIP"),
      ranges: fc.subarray(["203.0.113.0/24", "192.0.2.0/25", "198.51.100.7/32"]),
    })
    .map(({ type, ports, external, ranges, ...policies }) => ({
      metadata: { namespace: "shop", name: `web-${i}` },
      spec: {
        type,
        clusterIP: `10.96.0.${i + 1}`,
        ...(external ? { externalIPs: [`198.51.100.${i + 1}`] } : {}),
        ...policies,
        healthCheckNodePort: 31000 + i,
        loadBalancerSourceRanges: ranges,
        ports: ports.map((p) => ({
          ...p,
          ...(type === "ClusterIP" ? {} : { nodePort: 30000 + i * 8 + p.name.length }),
        })),
      },
      status:
        type === "LoadBalancer"
          ? { loadBalancer: { ingress: [{ ip: `203.0.113.${i + 1}` }] } }
          : {},
    }));

const anyEndpoint = fc.record({
  addresses: fc.integer({ min: 1, max: 12 }).map((n) => [`10.244.0.${n}`]),
  conditions: fc.record({
    ready: fc.boolean(),
    serving: fc.boolean(),
    terminating: fc.boolean(),
  }),
  nodeName: fc.constantFrom("node-a", "node-b"),
  hints: fc.option(
    fc.record({
      forZones: fc.subarray([{ name: "zone-a" }, { name: "zone-b" }]),
      forNodes: fc.subarray([{ name: "node-a" }, { name: "node-b" }]),
    }),
    { nil: undefined },
  ),
});

const anySlice = (service: number, i: number): fc.Arbitrary<ProxyEndpointSlice> =>
  fc.array(anyEndpoint, { maxLength: 5 }).map((endpoints) => ({
    metadata: {
      namespace: "shop",
      name: `web-${service}-${i}`,
      labels: { "kubernetes.io/service-name": `web-${service}` },
    },
    addressType: "IPv4",
    endpoints,
    ports: PORTS.map(({ name, protocol }) => ({ name, protocol, port: 8000 + name.length })),
  }));

/** Any few Services, each with up to two slices; some slices have no Service. */
export const anyObjects: fc.Arbitrary<ProxyObjects> = fc
  .tuple(
    ...[0, 1, 2, 3].map((i) =>
      fc.record({
        service: fc.option(anyService(i), { nil: undefined, freq: 4 }),
        slices: fc.tuple(
          fc.option(anySlice(i, 0), { nil: undefined, freq: 4 }),
          fc.option(anySlice(i, 1), { nil: undefined, freq: 2 }),
        ),
      }),
    ),
  )
  .map((parts) => ({
    services: parts.flatMap(({ service }) => service ?? []),
    endpointSlices: parts.flatMap(({ slices }) => slices.flatMap((s) => s ?? [])),
  }));

/** Any settings of the IPv4 proxy. */
export const anySettings: fc.Arbitrary<ProxySettings> = fc
  .record({
    release: fc.constantFrom(...PROXY_RELEASES),
    detector: fc.constantFrom(
      undefined,
      { kind: "cidr", cidr: "10.244.0.0/16" } as const,
      { kind: "bridge-interface", link: "cni0" } as const,
      { kind: "interface-prefix", prefix: "veth" } as const,
    ),
    masqueradeAll: fc.boolean(),
    nodePortAddresses: fc.constantFrom([], ["192.0.2.0/24"], ["primary"], ["127.0.0.0/8"]),
    iptables: fc.record({
      localhostNodePorts: fc.boolean(),
      nfacctCounters: fc.boolean(),
      conntrackTcpLiberal: fc.boolean(),
      randomFully: fc.boolean(),
    }),
  })
  .map((some) => ({ ...defaultSettings("ip4"), ...some }));

/** The node the proxies under test run on. */
export const NODE: ProxyNode = {
  name: "node-a",
  zone: "zone-a",
  primaryAddr: parseAddr("192.0.2.1"),
  addrs: ["127.0.0.1", "192.0.2.1", "192.0.2.200"].map(parseAddr),
};

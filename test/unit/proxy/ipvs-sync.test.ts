import { expect, test } from "vitest";
import {
  buildModel,
  defaultSettings,
  expireIpvs,
  type IpvsState,
  ipvsRulesOf,
  type ProxyObjects,
  printIpvsOperations,
  startIpvs,
  syncIpvs,
} from "../../../src/proxy/index.js";
import { NODE } from "../../support/proxy/arbitrary-objects.js";

const SETTINGS = defaultSettings("ip4");

function cluster(protocol: string, ...addrs: readonly string[]): ProxyObjects {
  return {
    services: [
      {
        metadata: { namespace: "shop", name: "web" },
        spec: { type: "ClusterIP", clusterIP: "10.96.0.10", ports: [{ protocol, port: 80 }] },
      },
    ],
    endpointSlices: [
      {
        metadata: {
          namespace: "shop",
          name: "web-1",
          labels: { "kubernetes.io/service-name": "web" },
        },
        addressType: "IPv4",
        endpoints: addrs.map((addr) => ({ addresses: [addr] })),
        ports: [{ name: "", protocol, port: 8080 }],
      },
    ],
  };
}

function run(state: IpvsState, objects: ProxyObjects, connections = 0) {
  const sync = syncIpvs(state, buildModel(objects, { family: "ip4" }), {
    connections: () => connections,
  });
  return { state: sync.state, ...printIpvsOperations(sync.operations, "kube-ipvs0") };
}

test("a first run makes servers, entries and addresses", () => {
  const { ipvsadm, ipset, ip } = run(startIpvs(SETTINGS, NODE), cluster("TCP", "10.244.0.3"));
  expect(ipvsadm).toBe(
    "-A -t 10.96.0.10:80 -s rr\n-a -t 10.96.0.10:80 -r 10.244.0.3:8080 -m -w 1\n",
  );
  expect(ipset).toBe("add KUBE-CLUSTER-IP 10.96.0.10,tcp:80\nadd KUBE-IPVS-IPS 10.96.0.10\n");
  expect(ip).toBe("addr add 10.96.0.10/32 dev kube-ipvs0\n");
});

test("an idle real server goes at once", () => {
  const first = run(startIpvs(SETTINGS, NODE), cluster("TCP", "10.244.0.3", "10.244.0.4"));
  const { ipvsadm } = run(first.state, cluster("TCP", "10.244.0.4"));
  expect(ipvsadm).toBe("-d -t 10.96.0.10:80 -r 10.244.0.3:8080\n");
});

test("a real server with TCP connections stays with weight 0 until they end", () => {
  const first = run(startIpvs(SETTINGS, NODE), cluster("TCP", "10.244.0.3", "10.244.0.4"));
  const second = run(first.state, cluster("TCP", "10.244.0.4"), 2);
  expect(second.ipvsadm).toBe("-e -t 10.96.0.10:80 -r 10.244.0.3:8080 -m -w 0\n");
  const weights = ipvsRulesOf(second.state).virtualServers[0]?.realServers.map((r) => r.weight);
  expect(weights).toEqual([1, 0]);
  expect(expireIpvs(second.state, () => 1).operations).toEqual([]);
  const done = expireIpvs(second.state, () => 0);
  expect(printIpvsOperations(done.operations, "kube-ipvs0").ipvsadm).toBe(
    "-d -t 10.96.0.10:80 -r 10.244.0.3:8080\n",
  );
  expect(ipvsRulesOf(done.state).virtualServers[0]?.realServers).toHaveLength(1);
});

test("UDP connections keep no real server", () => {
  const first = run(startIpvs(SETTINGS, NODE), cluster("UDP", "10.244.0.3", "10.244.0.4"));
  const { ipvsadm } = run(first.state, cluster("UDP", "10.244.0.4"), 2);
  expect(ipvsadm).toBe("-d -u 10.96.0.10:80 -r 10.244.0.3:8080\n");
});

test("a real server that comes back is deleted and added again", () => {
  const both = cluster("TCP", "10.244.0.3", "10.244.0.4");
  const first = run(startIpvs(SETTINGS, NODE), both);
  const second = run(first.state, cluster("TCP", "10.244.0.4"), 2);
  const third = run(second.state, both, 2);
  expect(third.ipvsadm).toBe(
    "-d -t 10.96.0.10:80 -r 10.244.0.3:8080\n-a -t 10.96.0.10:80 -r 10.244.0.3:8080 -m -w 1\n",
  );
});

test("a virtual server in an excluded CIDR is never deleted", () => {
  const settings = {
    ...SETTINGS,
    ipvs: { ...SETTINGS.ipvs, excludeCIDRs: ["10.96.0.0/28"] },
  };
  const first = run(startIpvs(settings, NODE), cluster("TCP", "10.244.0.3"));
  const second = run(first.state, { services: [], endpointSlices: [] });
  expect(second.ipvsadm).toBe("");
  expect(second.ip).toBe("addr del 10.96.0.10/32 dev kube-ipvs0\n");
  expect(ipvsRulesOf(second.state).virtualServers).toHaveLength(1);
  expect(run(second.state, cluster("TCP", "10.244.0.3")).ipvsadm).toBe("");
});

import { expect, test } from "vitest";
import { answerHealthCheck, buildModel, healthCheckPorts } from "../../../src/proxy/index.js";

const SERVICE = {
  metadata: { namespace: "shop", name: "web" },
  spec: {
    type: "LoadBalancer",
    clusterIP: "10.96.0.1",
    externalTrafficPolicy: "Local",
    healthCheckNodePort: 31000,
    ports: [
      { name: "http", port: 80, protocol: "TCP" },
      { name: "https", port: 443, protocol: "TCP" },
    ],
  },
};

function portsWith(...ready: readonly boolean[]) {
  const slice = {
    metadata: {
      namespace: "shop",
      name: "web-a",
      labels: { "kubernetes.io/service-name": "web" },
    },
    addressType: "IPv4",
    endpoints: ready.map((r, i) => ({
      addresses: [`10.244.0.${i + 1}`],
      conditions: { ready: r, serving: true, terminating: !r },
      nodeName: "node-a",
    })),
    ports: [
      { name: "http", port: 8080, protocol: "TCP" },
      { name: "https", port: 8443, protocol: "TCP" },
    ],
  };
  const model = buildModel({ services: [SERVICE], endpointSlices: [slice] }, { family: "ip4" });
  return healthCheckPorts(model, "node-a");
}

test("counts each local ready address once over all ports", () => {
  expect(portsWith(true, true, false)).toEqual([
    { service: "shop/web", port: 31000, localEndpoints: 2 },
  ]);
});

test("answers 503 without local endpoints, or when the proxy is unhealthy", () => {
  const [some] = portsWith(true);
  const [none] = portsWith(false);
  if (some === undefined || none === undefined) throw new Error("no health-check port");
  expect(answerHealthCheck(some, true).status).toBe(200);
  expect(answerHealthCheck(some, false).status).toBe(503);
  expect(answerHealthCheck(none, true).status).toBe(503);
  expect(JSON.parse(answerHealthCheck(some, true).body)).toEqual({
    service: { namespace: "shop", name: "web" },
    localEndpoints: 1,
    serviceProxyHealthy: true,
  });
  expect(answerHealthCheck(some, true).headers).toContainEqual([
    "X-Load-Balancing-Endpoint-Weight",
    "1",
  ]);
});

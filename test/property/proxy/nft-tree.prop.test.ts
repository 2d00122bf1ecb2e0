import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyNft } from "../../../src/netfilter/index.js";
import {
  buildModel,
  compileNftablesProxy,
  defaultSettings,
  type ProxyObjects,
  type ProxySettings,
  startNftables,
  syncNftables,
} from "../../../src/proxy/index.js";
import { anyObjects, anySettings, NODE } from "../../support/proxy/arbitrary-objects.js";

const OPTIONS = { seed: 1, numRuns: 150 };

/** A tree as text that does not tell origins, nor the order in which things were made. */
function plain(tree: unknown): string {
  const order = (a: string, b: string) => (a < b ? -1 : 1);
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) {
      const items = value.map((item) => walk(item, ""));
      const loose = key === "chains" || key === "sets" || key === "elements";
      return loose ? items.map((i) => JSON.stringify(i)).sort(order) : items;
    }
    if (value === null || typeof value !== "object") return value;
    const json = (value as { toJSON?: () => unknown }).toJSON;
    if (json !== undefined) return json.call(value);
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name, v]) => name !== "origin" && v !== undefined)
        .sort(([a], [b]) => order(a, b))
        .map(([name, v]) => [name, walk(v, name)]),
    );
  };
  return JSON.stringify(walk(tree, ""));
}

function readBack(objects: ProxyObjects, settings: ProxySettings): string {
  const sync = syncNftables(startNftables(settings, NODE), buildModel(objects, settings), {
    nowUs: 0,
  });
  return plain(applyNft({ tables: [] }, sync.text).tables[0]);
}

test("the trees are what nft would read of the transaction", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(anyObjects, anySettings, (objects, settings) => {
      const tree = compileNftablesProxy({
        model: buildModel(objects, settings),
        node: NODE,
        settings,
      });
      for (const { statements } of tree.chains.flatMap((c) => c.rules)) {
        for (const { kind } of statements) kinds.add(kind);
      }
      expect(plain(tree)).toBe(readBack(objects, settings));
    }),
    OPTIONS,
  );
  expect([...kinds].sort((a, b) => (a < b ? -1 : 1))).toEqual(
    ["dnat", "masquerade", "match", "reject", "set", "update", "verdict", "vmap"].sort((a, b) =>
      a < b ? -1 : 1,
    ),
  );
});

test("a tree of other objects breaks the law", () => {
  const law = fc.property(anyObjects, anySettings, (objects, settings) => {
    const fewer = { ...objects, services: objects.services.slice(1) };
    const model = buildModel(fewer, settings);
    return (
      plain(compileNftablesProxy({ model, node: NODE, settings })) === readBack(objects, settings)
    );
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

test("rules name the Service they come from", () => {
  const service = {
    metadata: { namespace: "shop", name: "web" },
    spec: { clusterIP: "10.96.0.1", ports: [{ name: "http", port: 80, protocol: "TCP" }] },
  };
  const slice = {
    metadata: {
      namespace: "shop",
      name: "web-a",
      labels: { "kubernetes.io/service-name": "web" },
    },
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.244.0.2"] }],
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  };
  const settings = defaultSettings("ip4");
  const model = buildModel({ services: [service], endpointSlices: [slice] }, settings);
  const { chains } = compileNftablesProxy({ model, node: NODE, settings });
  const chain = chains.find((c) => c.name.startsWith("endpoint-"));
  expect(chain?.rules.at(-1)?.origin).toEqual({
    kind: "Service",
    namespace: "shop",
    name: "web",
    part: "http",
  });
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  buildModel,
  compileIpvsProxy,
  type ProxyObjects,
  type ProxySettings,
  printIpvsRestore,
  printNftTable,
  startIptables,
  startNftables,
  syncIptables,
  syncNftables,
} from "../../../src/proxy/index.js";
import { anyObjects, anySettings, NODE } from "../../support/proxy/arbitrary-objects.js";
import { keepFirstSlice } from "../../support/proxy/broken.js";

const OPTIONS = { seed: 1, numRuns: 300 };

/** Everything the three modes make of objects, as one text. */
function render(objects: ProxyObjects, settings: ProxySettings): string {
  const model = buildModel(objects, settings);
  const iptables = syncIptables(startIptables(settings, NODE), model, { nowUs: 0 });
  const nftables = syncNftables(startNftables(settings, NODE), model, { nowUs: 0 });
  const ipvs = compileIpvsProxy({ model, node: NODE, settings });
  return [
    iptables.text,
    nftables.text,
    printNftTable(nftables.state),
    printIpvsRestore(ipvs),
    JSON.stringify([ipvs.virtualServers, ipvs.sets, ipvs.dummyAddrs]),
  ].join("\n");
}

function shuffle(objects: ProxyObjects, order: readonly number[]): ProxyObjects {
  const by = <T>(list: readonly T[]) =>
    list
      .map((value, i) => ({ value, at: order[i % order.length] ?? 0, i }))
      .sort((a, b) => a.at - b.at || b.i - a.i)
      .map(({ value }) => value);
  return { services: by(objects.services), endpointSlices: by(objects.endpointSlices) };
}

const anyOrder = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 8, maxLength: 8 });

test("the order of objects changes nothing in any mode", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyObjects, anySettings, anyOrder, (objects, settings, order) => {
      const text = render(objects, settings);
      for (const [word] of text.matchAll(/KUBE-[A-Z]{2,3}-|REJECT|DROP|--rcheck|firewall-/g)) {
        seen.add(word);
      }
      expect(render(shuffle(objects, order), settings)).toBe(text);
    }),
    OPTIONS,
  );
  expect([...seen].sort((a, b) => (a < b ? -1 : 1))).toEqual(
    expect.arrayContaining([
      "--rcheck",
      "DROP",
      "KUBE-EXT-",
      "KUBE-FW-",
      "KUBE-SEP-",
      "KUBE-SVC-",
      "KUBE-SVL-",
      "REJECT",
      "firewall-",
    ]),
  );
});

test("a reading that depends on the order of slices breaks the law", () => {
  const law = fc.property(anyObjects, anySettings, anyOrder, (objects, settings, order) => {
    const text = render(keepFirstSlice(objects), settings);
    return render(keepFirstSlice(shuffle(objects, order)), settings) === text;
  });
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

test("an unrelated Service adds lines and changes none", () => {
  const other = {
    metadata: { namespace: "zoo", name: "lion" },
    spec: { clusterIP: "10.96.9.9", ports: [{ port: 99, protocol: "TCP" }] },
  };
  fc.assert(
    fc.property(anyObjects, anySettings, (objects, settings) => {
      const more = { ...objects, services: [...objects.services, other] };
      const lines = new Set(
        syncIptables(startIptables(settings, NODE), buildModel(more, settings), {
          nowUs: 0,
        }).text.split("\n"),
      );
      const before = syncIptables(startIptables(settings, NODE), buildModel(objects, settings), {
        nowUs: 0,
      }).text.split("\n");
      expect(before.filter((line) => !lines.has(line))).toEqual([]);
    }),
    { ...OPTIONS, numRuns: 100 },
  );
});

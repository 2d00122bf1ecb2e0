import { expect, test } from "vitest";
import { READINGS, type Reading, readPolicies, withReadings } from "../../../src/policy/index.js";
import { readKnown } from "../../conformance/netpol/known.js";
import {
  adminPolicy,
  askShop,
  clusterPolicy,
  judgeOf,
  networkPolicy,
  readOne,
} from "../../support/policy/cluster.js";

const denyOut = { action: "Deny", to: [{ networks: ["0.0.0.0/0"] }] };
const toNamed = [{ action: "Deny", to: [{ namespaces: {} }], ports: [{ namedPort: "http" }] }];
const toNodes = [{ action: "Deny", to: [{ nodes: { matchLabels: { zone: "one" } } }] }];

/** The reading, policies, a question, and its answers by the API and by the reading. */
const ROWS: readonly (readonly [Reading, readonly object[], string, boolean, boolean])[] = [
  [
    "network-policy-settles-both",
    [networkPolicy("d", {}), clusterPolicy("b", { tier: "Baseline", egress: [denyOut] })],
    "shop/client > 8.8.8.8 TCP/80",
    false,
    true,
  ],
  [
    "named-port-any-number",
    [adminPolicy("a", { egress: toNamed })],
    "shop/client > shop/web UDP/53",
    true,
    false,
  ],
  [
    "nodes-mean-hosted-pods",
    [adminPolicy("a", { egress: toNodes })],
    "shop/client > shop/web TCP/80",
    true,
    false,
  ],
];

test.each(ROWS)("%s", (reading, policies, question, byApi, byReading) => {
  expect(askShop(judgeOf(policies), question).allowed).toBe(byApi);
  const read = withReadings(readPolicies(policies.map((p) => ({ object: readOne(p) }))), [reading]);
  expect(askShop(judgeOf([], { policies: read }), question).allowed).toBe(byReading);
});

test("every reading of an engine has a row above, and one in the table of what is known", () => {
  const readings = READINGS["kube-network-policies"];
  expect(ROWS.map(([reading]) => reading)).toEqual(readings);
  expect([...readKnown()]).toEqual(expect.arrayContaining([...readings]));
  expect(READINGS.api).toEqual([]);
});

test("what only the newer kind calls a port keeps its number", () => {
  const protocols = [{ destinationNamedPort: "http" }];
  const policy = clusterPolicy("c", {
    egress: [{ action: "Deny", to: [{ namespaces: {} }], protocols }],
  });
  const read = readPolicies([{ object: readOne(policy) }], "kube-network-policies");
  const judge = judgeOf([], { policies: read });
  expect(askShop(judge, "shop/client > shop/web TCP/80").allowed).toBe(true);
  expect(askShop(judge, "shop/client > shop/web TCP/8080").allowed).toBe(false);
});

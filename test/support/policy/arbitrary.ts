/** Arbitrary small clusters with policies of every kind, and flows that meet them. */
import * as fc from "fast-check";
import { type Addr, parseAddr, parsePrefix } from "../../../src/addr/index.js";
import type { Origin } from "../../../src/base/index.js";
import type { LabelSelector } from "../../../src/objects/index.js";
import type {
  Flow,
  Member,
  Peer,
  PodGroup,
  Policy,
  PortRange,
  Rule,
} from "../../../src/policy/index.js";

const value = fc.constantFrom("a", "b", "c");
const key = fc.constantFrom("app", "tier");
/** Labels of a pod or namespace. */
export const anyLabels = fc.dictionary(key, value, { maxKeys: 2 });

const requirement = fc.oneof(
  fc.record({
    key,
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.array(value, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key, operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const) }),
);

/** A selector that some labels meet, and others do not. */
export const anySelector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  anyLabels.map((matchLabels) => ({ matchLabels })),
  fc
    .array(requirement, { minLength: 1, maxLength: 2 })
    .map((matchExpressions) => ({ matchExpressions })),
);

/** For what only an engine's reading sets (see `Semantics`). */
const mostlyNot = fc.nat({ max: 3 }).map((n) => n === 0);

const namespace = fc.constantFrom("one", "two");

const group: fc.Arbitrary<PodGroup> = fc.record({
  namespaces: fc.oneof(
    namespace.map((name) => ({ name })),
    anySelector.map((s) => ({ selector: s })),
  ),
  pods: anySelector,
});

const BLOCKS = ["0.0.0.0/0", "::/0", "10.0.0.0/24", "10.0.0.2/32", "203.0.113.0/24", "fd00::/64"];

const peer: fc.Arbitrary<Peer> = fc.oneof(
  { weight: 4, arbitrary: group.map((g): Peer => ({ kind: "pods", group: g })) },
  fc.tuple(fc.constantFrom(...BLOCKS), fc.boolean()).map(([cidr, hasHole]): Peer => {
    const hole = cidr.includes(":") ? "fd00::2/127" : "10.0.0.2/31";
    const isWide = cidr.endsWith("/0") || cidr === "10.0.0.0/24" || cidr === "fd00::/64";
    const except = hasHole && isWide ? [parsePrefix(hole)] : [];
    return { kind: "block", prefix: parsePrefix(cidr), except };
  }),
  fc.tuple(anySelector, mostlyNot).map(
    ([s, hostedPods]): Peer => ({
      kind: "nodes",
      selector: s,
      ...(hostedPods && { hostedPods }),
    }),
  ),
  fc.constant<Peer>({ kind: "unknown" }),
);

const protocol = fc.constantFrom(6, 17, 132);

const port: fc.Arbitrary<PortRange> = fc.oneof(
  protocol.map((p): PortRange => ({ kind: "numbers", protocol: p, first: 0, last: 65535 })),
  fc.tuple(protocol, fc.constantFrom(80, 81, 90), fc.constantFrom(0, 10)).map(
    ([p, first, more]): PortRange => ({
      kind: "numbers",
      protocol: p,
      first,
      last: first + more,
    }),
  ),
  fc
    .tuple(fc.constantFrom("http", "dns", "none"), mostlyNot)
    .map(
      ([name, anyNumber]): PortRange => ({ kind: "named", name, ...(anyNumber && { anyNumber }) }),
    ),
  fc
    .tuple(protocol, fc.constantFrom("http", "dns"))
    .map(([p, name]): PortRange => ({ kind: "named", protocol: p, name })),
);

function ruleOf(actions: readonly Rule["action"][]): fc.Arbitrary<Omit<Rule, "origin">> {
  const list = <T>(item: fc.Arbitrary<T>) =>
    fc.option(fc.array(item, { minLength: 1, maxLength: 2 }));
  return fc
    .tuple(fc.constantFrom(...actions), list(peer), list(port))
    .map(([action, peers, ports]) => ({
      action,
      ...(peers === null ? {} : { peers }),
      ...(ports === null ? {} : { ports }),
    }));
}

function policyOf(tier: Policy["tier"]): fc.Arbitrary<Omit<Policy, "origin">> {
  const actions =
    tier === "network" ? (["accept"] as const) : (["accept", "deny", "pass"] as const);
  const rules = fc.array(ruleOf(actions), { maxLength: 3 }).map((list) => list as Rule[]);
  return fc
    .tuple(group, fc.integer({ min: 0, max: 9 }), fc.option(rules), fc.option(rules), mostlyNot)
    .map(([subject, priority, ingress, egress, settles]) => ({
      tier,
      priority,
      subject,
      ...(ingress === null ? {} : { ingress }),
      ...(egress === null ? {} : { egress }),
      ...(tier === "network" && settles ? { settlesBoth: true } : {}),
    }));
}

const TIERS = ["admin", "network", "baseline"] as const;

/** Policies in the order in which they are asked, each with a name. */
export const anyPolicies: fc.Arbitrary<readonly Policy[]> = fc
  .tuple(...TIERS.map((tier) => fc.array(policyOf(tier), { maxLength: 3 })))
  .map((tiers) =>
    tiers.flatMap((list) =>
      [...list]
        .sort((a, b) => a.priority - b.priority)
        .map((policy, i) => nameRules(policy, { kind: policy.tier, name: `${i}` })),
    ),
  );

function nameRules(policy: Omit<Policy, "origin">, origin: Origin): Policy {
  const named = (rules: readonly Rule[] | undefined, direction: string) =>
    rules?.map((rule, i) => ({ ...rule, origin: { ...origin, part: `${direction}[${i}]` } }));
  const ingress = named(policy.ingress, "ingress");
  const egress = named(policy.egress, "egress");
  return {
    ...{ tier: policy.tier, priority: policy.priority, subject: policy.subject, origin },
    ...(ingress === undefined ? {} : { ingress }),
    ...(egress === undefined ? {} : { egress }),
    ...(policy.settlesBoth === undefined ? {} : { settlesBoth: policy.settlesBoth }),
  };
}

const ports = fc.uniqueArray(
  fc.constantFrom(
    { name: "http", protocol: 6, port: 80 },
    { name: "dns", protocol: 17, port: 90 },
    { name: "dns", protocol: 6, port: 81 },
  ),
  { maxLength: 2 },
);

/** Up to five pods with an address of each family. */
export const anyMembers: fc.Arbitrary<readonly Member[]> = fc
  .array(fc.record({ namespace, labels: anyLabels, ports }), { minLength: 1, maxLength: 5 })
  .map((list) =>
    list.map((pod, i) => ({
      ...pod,
      name: `pod${i}`,
      namespaceLabels: { "kubernetes.io/metadata.name": pod.namespace, tier: "a" },
      addrs: [parseAddr(`10.0.0.${i + 1}`), parseAddr(`fd00::${i + 1}`)],
      origin: { kind: "Pod", name: `pod${i}` },
    })),
  );

/** The nodes that policies can name. */
export const NODES = [
  { name: "node-a", labels: { app: "a" }, addrs: [parseAddr("192.0.2.1"), parseAddr("fd00:1::1")] },
];

const OUTSIDE: Readonly<Record<"ip4" | "ip6", readonly Addr[]>> = {
  ip4: ["203.0.113.9", "192.0.2.1", "198.51.100.1"].map(parseAddr),
  ip6: ["fd00:1::1", "2001:db8::9", "fd00::ffff"].map(parseAddr),
};

/** Every flow between five pods and some others, in both families, on ports that rules name. */
export const anyFlow: fc.Arbitrary<Flow> = fc
  .record({
    family: fc.constantFrom("ip4" as const, "ip6" as const),
    from: fc.nat({ max: 7 }),
    to: fc.nat({ max: 7 }),
    protocol: fc.constantFrom(6, 17, 132, 0),
    port: fc.constantFrom(79, 80, 81, 90, 100, 101),
  })
  .map(({ family, from, to, protocol: number, port: at }) => {
    const pods = [1, 2, 3, 4, 5].map((n) =>
      parseAddr(family === "ip4" ? `10.0.0.${n}` : `fd00::${n}`),
    );
    const all = [...pods, ...OUTSIDE[family]];
    const flow = { src: all[from] as Addr, dst: all[to] as Addr, protocol: number };
    return { ...flow, port: number === 0 ? 0 : at };
  });

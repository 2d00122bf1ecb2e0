/** Scenarios about which ports are open: one item of each form, and two in one rule. */
import { oneWay, type Scenario, SIDES, withPolicies } from "./scenario.js";

const PROTOCOLS = [undefined, "TCP", "UDP", "SCTP"] as const;

/** Forms of an item for a protocol; a missing protocol means TCP. */
function itemsOf(protocol: (typeof PROTOCOLS)[number]): readonly (readonly [string, object])[] {
  const on = protocol === undefined ? {} : { protocol };
  const word = protocol ?? "no protocol";
  const served = (port: number) => `serve-${port}-${(protocol ?? "TCP").toLowerCase()}`;
  return [
    [`${word}, no port`, on],
    [`${word}, 80`, { ...on, port: 80 }],
    [`${word}, the name of 80`, { ...on, port: served(80) }],
    [`${word}, the name of 81`, { ...on, port: served(81) }],
    [`${word}, 80 to 81`, { ...on, port: 80, endPort: 81 }],
    [`${word}, 81 to 90`, { ...on, port: 81, endPort: 90 }],
  ];
}

/** Items that open nothing that is served. */
const STRANGE: readonly (readonly [string, object])[] = [
  ["a name of another protocol", { protocol: "UDP", port: "serve-80-tcp" }],
  ["a name that nobody has", { protocol: "TCP", port: "nobody" }],
  ["a number that nobody serves", { protocol: "TCP", port: 7981 }],
];

const ITEMS = [...PROTOCOLS.flatMap(itemsOf), ...STRANGE];

/** One item of each form, in both directions. */
export function onePort(): Scenario[] {
  return SIDES.flatMap((side) =>
    ITEMS.map(([word, item]) => {
      const step = withPolicies(oneWay(side, [{ ports: [item] }]));
      return { topic: "port", name: `${side.direction}: ${word}`, steps: [step] } as const;
    }),
  );
}

/** Two items in one rule, and the same two in rules of their own with different peers. */
export function twoPorts(): Scenario[] {
  const chosen = ITEMS.filter((_, i) => i % 5 === 1);
  const peers = [{ podSelector: {} }, { namespaceSelector: { matchLabels: { ns: "y" } } }];
  return SIDES.flatMap((side) =>
    chosen.flatMap(([first, a], i) =>
      chosen.slice(i + 1).flatMap(([second, b]) => {
        const name = `${side.direction}: ${first}; ${second}`;
        const apart = [a, b].map((item, k) => ({ ports: [item], [side.peers]: [peers[k]] }));
        return [
          { name, steps: [withPolicies(oneWay(side, [{ ports: [a, b] }]))] },
          { name: `${name}, apart`, steps: [withPolicies(oneWay(side, apart))] },
        ].map((each) => ({ topic: "two ports", ...each }) as const);
      }),
    ),
  );
}

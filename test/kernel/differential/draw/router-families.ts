/** The families whose scenarios are a router between three hosts. */
import type { Scenario } from "../scenario.js";
import { Dice } from "./dice.js";
import { drawIpsets } from "./ipsets.js";
import { drawIptables } from "./iptables-rules.js";
import { drawNftables } from "./nftables.js";
import { drawPolicyRoutes } from "./policy-routes.js";
import { drawReversePath, drawReversePathProbes } from "./reverse-path.js";
import { type Additions, drawRouter, type Router, routerScenario } from "./router.js";
import { drawServices } from "./services.js";
import { drawProbes } from "./world.js";

/** Probes of one scenario. */
export const PROBES = 12;

type Family = (router: Router, id: Pick<Additions, "name" | "family">) => Scenario;

const CLIENTS = ["c", "c", "c", "s", "t", "r"];

const filter: Family = (router, id) => {
  const { world } = router;
  const { dice } = world;
  return routerScenario(router, {
    ...id,
    rules: iptablesOf(router, {
      ...(dice.chance(0.5) ? { raw: dice.int(1, 4) } : {}),
      ...(dice.chance(0.6) ? { mangle: dice.int(1, 6) } : {}),
      filter: dice.int(3, 16),
    }),
    probes: drawProbes(world, CLIENTS, PROBES),
  });
};

const nat: Family = (router, id) => {
  const { world } = router;
  const { dice } = world;
  const services = drawServices(router);
  const rules = iptablesOf(router, {
    ...(dice.chance(0.2) ? { mangle: dice.int(1, 4) } : {}),
    nat: dice.int(1, 8),
    ...(dice.chance(0.3) ? { filter: dice.int(1, 6) } : {}),
  });
  const key = world.isIp6 ? "ip6tables" : "iptables";
  return routerScenario(router, {
    ...id,
    rules: { ...rules, [key]: services.addTo(rules[key] ?? "") },
    probes: [...services.probes, ...drawProbes(world, CLIENTS, PROBES - services.probes.length)],
  });
};

const policyroute: Family = (router, id) => {
  const { dice } = router.world;
  const routes = drawPolicyRoutes(router);
  return routerScenario(router, {
    ...id,
    steps: routes.steps,
    hostSteps: routes.hostSteps,
    rules: dice.chance(0.6) ? iptablesOf(router, { mangle: dice.int(1, 4) }) : {},
    probes: routes.probes(PROBES),
  });
};

const rpf: Family = (router, id) => {
  const spoof = drawReversePath(router);
  return routerScenario(router, {
    ...id,
    steps: spoof.steps,
    hostSteps: spoof.hostSteps,
    rules: spoof.rules,
    probes: drawReversePathProbes(router, spoof, PROBES),
  });
};

const nft: Family = (router, id) =>
  routerScenario(router, {
    ...id,
    rules: { nft: drawNftables(router.world) },
    probes: drawProbes(router.world, CLIENTS, PROBES),
  });

/** Everything at once: iptables beside nft, several tables of routes, source checks. */
const mixed: Family = (router, id) => {
  const { world } = router;
  const { dice } = world;
  const routes = drawPolicyRoutes(router);
  const spoof = world.isIp6 ? undefined : drawReversePath(router);
  return routerScenario(router, {
    ...id,
    steps: [...routes.steps, ...(spoof?.steps ?? [])],
    hostSteps: {
      c: [...(routes.hostSteps.c ?? []), ...(spoof?.hostSteps.c ?? [])],
      s: [...(routes.hostSteps.s ?? []), ...(spoof?.hostSteps.s ?? [])],
      t: [...(routes.hostSteps.t ?? []), ...(spoof?.hostSteps.t ?? [])],
    },
    rules: {
      ...iptablesOf(router, {
        raw: dice.int(0, 2),
        mangle: dice.int(1, 5),
        nat: dice.int(0, 4),
        filter: dice.int(1, 6),
      }),
      ...(dice.chance(0.7) ? { nft: drawNftables(world) } : {}),
    },
    probes: [
      ...drawProbes(world, CLIENTS, 5),
      ...routes.probes(4),
      ...(spoof === undefined ? [] : drawReversePathProbes(router, spoof, 3)),
    ],
  });
};

function iptablesOf({ world }: Router, counts: Parameters<typeof drawIptables>[1]) {
  const key = world.isIp6 ? "ip6tables" : "iptables";
  return { [key]: drawIptables(world, counts), ipset: drawIpsets(world) } as {
    iptables?: string;
    ip6tables?: string;
    ipset: string;
  };
}

const FAMILIES = { filter, nat, policyroute, rpf, nft, mixed } as const;

/** Names of the families, both IP families where they have them. */
export const ROUTER_FAMILIES = [
  "filter",
  "filter6",
  "nat",
  "nat6",
  "policyroute",
  "policyroute6",
  "rpf",
  "nft",
  "nft6",
  "mixed",
  "mixed6",
] as const;

/** Draws a scenario of one of these families. */
export function drawRouterScenario(
  family: (typeof ROUTER_FAMILIES)[number],
  seed: string,
): Scenario {
  const isIp6 = family.endsWith("6");
  const draw = FAMILIES[family.replace("6", "") as keyof typeof FAMILIES];
  return draw(drawRouter(new Dice(`${family} ${seed}`), isIp6), {
    name: `${family}-${seed}`,
    family,
  });
}

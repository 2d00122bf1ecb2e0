/** Families of scenarios and how one is drawn. */
import type { Scenario } from "../scenario.js";
import { drawBridgeScenario } from "./bridge.js";
import { drawClusterScenario } from "./cluster.js";

export { drawRelative, type RecordedSetup } from "./relative.js";

import { drawRouterScenario, ROUTER_FAMILIES } from "./router-families.js";

/** All families. */
export const FAMILIES = [...ROUTER_FAMILIES, "bridge", "bridge6", "cluster"] as const;

/** A family's name. */
export type FamilyName = (typeof FAMILIES)[number];

/** Draws the scenario of a family and a seed: the same one whenever it is asked. */
export function drawScenario(family: FamilyName, seed: string): Scenario {
  switch (family) {
    case "bridge":
    case "bridge6":
      return drawBridgeScenario(seed, family === "bridge6");
    case "cluster":
      return drawClusterScenario(seed);
    default:
      return drawRouterScenario(family, seed);
  }
}

/** What IPVS answers about a packet, and what it is asked with. */
import type { Ipvs } from "../../../ipvs/index.js";
import type { Stack } from "../../stack.js";
import type { Transit } from "../../transit.js";

/** `stolen`: IPVS sends the packet itself; `drop`: its end was told. */
export type IpvsVerdict = "accept" | "drop" | "stolen";

/** A packet at one of IPVS' hooks. */
export interface IpvsQuestion {
  readonly stack: Stack;
  readonly ipvs: Ipvs;
  readonly transit: Transit;
  readonly hook: "input" | "output" | "forward";
}

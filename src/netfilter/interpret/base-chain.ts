/** One base chain as the hook runner sees it, whoever's rules are in it. */
import type { HookResult, StepSink } from "../engine.js";
import type { Hook, NfFamily } from "../hook.js";
import type { Ask } from "./ask.js";

/** A chain that is registered on a hook. */
export interface BaseChain {
  readonly family: NfFamily;
  readonly hook: Hook;
  readonly priority: number;
  /** `nat` chains are asked by NAT; after a `route` chain a local packet may have to be routed again. */
  readonly type: "filter" | "nat" | "route";
  /** Links of `netdev` chains; absent: all. */
  readonly links?: readonly string[];
  /** Asks the chain, and those it leads to. */
  run(ask: Ask, sink: StepSink): HookResult;
}

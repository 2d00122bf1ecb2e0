/** Ending a packet: every end is a fate, told as the last step of the hop. */
import type { Fate, FateKind } from "../../trace/index.js";
import type { Stack } from "../stack.js";
import type { Transit } from "../transit.js";

/** What else is known of an end. */
export type FateFacts = Omit<Fate, "kind" | "netns">;

/** Tells what finally became of a packet here. */
export function endPacket(
  stack: Stack,
  transit: Pick<Transit, "tell"> | undefined,
  kind: FateKind,
  facts?: FateFacts,
): void {
  transit?.tell?.({ kind: "fate", fate: { kind, netns: stack.name, ...facts } });
}

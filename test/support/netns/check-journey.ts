/** What must hold of every journey of one packet, as sentences that are broken. */
import type { Hop, Trace } from "../../../src/trace/index.js";

/** The sentences that a journey breaks; none for a sound one. */
export function brokenSentences(trace: Trace): string[] {
  const steps = trace.hops.flatMap((h) => h.steps);
  const broken: string[] = [];
  const fates = steps.filter((s) => s.kind === "fate");
  const isSplit = steps.some((s) => s.kind === "fragment");
  if (fates.length === 0) broken.push("a packet ends in a fate");
  if (fates.length > 1 && !isSplit) broken.push("a packet ends in one fate only");
  for (const hop of trace.hops) broken.push(...brokenInHop(hop));
  const times = trace.hops.map((h) => h.atUs);
  if (times.some((t, i) => i > 0 && t < (times[i - 1] ?? 0))) broken.push("time never goes back");
  return broken;
}

/** In one namespace the TTL falls by one where a packet is forwarded, and stays otherwise. */
function brokenInHop({ steps }: Hop): string[] {
  const came = steps.find((s) => s.kind === "receive");
  const left = steps.find((s) => s.kind === "transmit");
  if (came === undefined || left === undefined) return [];
  const [before, after] = [came.frame.payload, left.frame.payload];
  if ("kind" in before || "kind" in after) return [];
  const isBridged = steps.some(
    (s) => s.kind === "bridge" && s.port !== undefined && s.decision !== "up",
  );
  const expected = isBridged ? before.ttl : before.ttl - 1;
  return after.ttl === expected ? [] : ["the TTL falls by one at each router and nowhere else"];
}

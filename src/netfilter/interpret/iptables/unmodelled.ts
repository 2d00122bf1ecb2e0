/**
 * What of iptables' rules the engine cannot evaluate, told when they are read. A packet that comes to
 * such a place ends in the fate _unknown_; the same names are used there.
 */
import type { Origin } from "../../../base/index.js";
import type { IptablesMatch, IptablesRuleset, IptablesTarget } from "../../iptables.js";

/** One construct, and the rule it stands in. */
export interface UnmodelledIptables {
  readonly feature: string;
  readonly origin?: Origin;
}

/** Targets that only watch: a packet goes on as if they were not there. */
const WATCHING: ReadonlySet<string> = new Set(["TRACE", "AUDIT", "LED"]);

/** Lists what is not modelled, in the order of the rules. */
export function listUnmodelledIptables(ruleset: IptablesRuleset): UnmodelledIptables[] {
  const rules = ruleset.tables.flatMap((table) => table.chains.flatMap((chain) => chain.rules));
  return rules.flatMap(({ matches, target, origin }) => {
    const all = [...matches.map(unmodelledMatch), target && unmodelledTarget(target)];
    const named = all.filter((feature) => feature !== undefined);
    return named.map((feature) => ({ feature, ...(origin && { origin }) }));
  });
}

/** What of a match is not modelled, if something is not. */
export function unmodelledMatch(match: IptablesMatch): string | undefined {
  if (match.kind === "unknown") return `match ${match.module}`;
  if (match.kind === "sctp" && match.chunkTypes !== undefined) return "match sctp --chunk-types";
  const isOwner = match.kind === "owner" && (match.uid !== undefined || match.gid !== undefined);
  return isOwner ? "match owner" : undefined;
}

/** What of a target is not modelled, if something is not. */
export function unmodelledTarget(target: IptablesTarget): string | undefined {
  if (target.kind === "QUEUE") return "target QUEUE";
  if (target.kind === "CT" && (target.words ?? []).length > 0) return "target CT";
  const isUnknown = target.kind === "unknown" && !WATCHING.has(target.module);
  return isUnknown ? `target ${target.module}` : undefined;
}

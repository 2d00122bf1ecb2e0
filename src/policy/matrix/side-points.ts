/** What one direction of one pod lets through, for one kind of peer: all protocols and ports at once. */
import type { LoweredPipeline, LoweredRule } from "./lowered.js";
import type { SetAlgebra, SetId } from "./set-algebra.js";

/** What a pipeline is asked about: the peers and points of a rule, for the two ends at hand. */
export interface SideQuestion {
  readonly sets: SetAlgebra;
  /** Every point. */
  readonly all: SetId;
  isPeer(rule: LoweredRule): boolean;
  pointsOf(rule: LoweredRule): SetId;
}

/**
 * The points that pass. The tiers are walked once, and every point goes the way it would go alone: the
 * first rule that has it takes it out of what is still open.
 *
 * Laws: a point passes just when the judge allows a flow of it.
 */
export function passingPoints(pipeline: LoweredPipeline, question: SideQuestion): SetId {
  const { sets, all } = question;
  const admin = walk(pipeline.admin, all, question);
  // What no rule took goes on, as does what a rule passed.
  const open = sets.or(admin.rest, admin.passed);
  if (pipeline.isIsolated) {
    const allowed = sets.and(open, pointsOfAny(pipeline.network, question));
    return sets.or(admin.accepted, allowed);
  }
  const { accepted, passed, rest } = walk(pipeline.baseline, open, question);
  return sets.or(admin.accepted, sets.or(accepted, sets.or(passed, rest)));
}

interface Walked {
  readonly accepted: SetId;
  readonly passed: SetId;
  /** What no rule took. */
  readonly rest: SetId;
}

function walk(rules: readonly LoweredRule[], open: SetId, question: SideQuestion): Walked {
  const { sets } = question;
  let [accepted, passed, rest] = [0, 0, open];
  for (const rule of rules) {
    if (rest === 0) break;
    if (!question.isPeer(rule)) continue;
    const taken = sets.and(question.pointsOf(rule), rest);
    rest = sets.without(rest, taken);
    if (rule.action === "accept") accepted = sets.or(accepted, taken);
    else if (rule.action === "pass") passed = sets.or(passed, taken);
  }
  return { accepted, passed, rest };
}

/** Rules that only allow add up, in whatever order. */
function pointsOfAny(rules: readonly LoweredRule[], question: SideQuestion): SetId {
  const { sets, all } = question;
  let sum = 0;
  for (const rule of rules) {
    if (question.isPeer(rule)) sum = sets.or(sum, question.pointsOf(rule));
    if (sum === all) break;
  }
  return sum;
}

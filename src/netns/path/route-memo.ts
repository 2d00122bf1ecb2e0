/**
 * Answers of the routing tables, remembered: routes do not change while a namespace runs, so the same
 * question has the same answer.
 */
import type { Fib, Flow, PathAnswer } from "../../fib/index.js";

/** Destinations that are remembered; when there are more, all are forgotten. */
const DESTINATIONS_MAX = 4096;
/** Different questions about one destination that are remembered. */
const QUESTIONS_MAX = 32;

interface Remembered {
  readonly flow: Flow;
  readonly answer: PathAnswer;
}

/**
 * The remembered answers of one namespace.
 *
 * Laws: an answer is what the tables would give.
 * Cost: one look by the text of the destination, which addresses keep, and a few comparisons.
 */
export class RouteMemo {
  readonly #answers = new Map<string, Remembered[]>();
  readonly #needsPorts: boolean;

  /** Ports are part of the question only where a rule or a route with several next hops reads them. */
  constructor(fib: Fib) {
    const rules = [...fib.rules("ip4"), ...fib.rules("ip6")];
    this.#needsPorts =
      rules.some((r) => r.sport || r.dport || r.protocol !== undefined || r.uidRange) ||
      fib.hasMultipath;
  }

  /** The answer to a question, asked only once. */
  remember(flow: Flow, ask: () => PathAnswer): PathAnswer {
    const key = flow.dst.key();
    const known = this.#answers.get(key);
    if (known !== undefined) {
      for (const old of known) if (this.#isSame(old.flow, flow)) return old.answer;
    }
    const answer = ask();
    if (known !== undefined && known.length < QUESTIONS_MAX) known.push({ flow, answer });
    else {
      if (this.#answers.size >= DESTINATIONS_MAX) this.#answers.clear();
      this.#answers.set(key, [{ flow, answer }]);
    }
    return answer;
  }

  #isSame(a: Flow, b: Flow): boolean {
    if (a.iif !== b.iif || a.oif !== b.oif || a.anySource !== b.anySource) return false;
    if ((a.mark ?? 0) !== (b.mark ?? 0) || (a.tos ?? 0) !== (b.tos ?? 0)) return false;
    if (a.src !== b.src && (a.src === undefined || b.src === undefined || !a.src.equals(b.src))) {
      return false;
    }
    if (!this.#needsPorts) return true;
    const samePorts = a.sport === b.sport && a.dport === b.dport;
    return samePorts && a.protocol === b.protocol && a.uid === b.uid;
  }
}

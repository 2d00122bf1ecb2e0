/**
 * Answers of the routing tables, remembered: routes do not change while a namespace runs, so the same
 * question has the same answer.
 */
import type { Fib, Flow, PathAnswer } from "../../fib/index.js";

/** Answers that are kept; when there are more, all are forgotten. */
const ANSWERS_MAX = 4096;

/**
 * The remembered answers of one namespace.
 *
 * Laws: an answer is what the tables would give.
 */
export class RouteMemo {
  readonly #answers = new Map<string, PathAnswer>();
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
    const key = this.#keyOf(flow);
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = ask();
      if (this.#answers.size >= ANSWERS_MAX) this.#answers.clear();
      this.#answers.set(key, answer);
    }
    return answer;
  }

  #keyOf(flow: Flow): string {
    const { dst, src, iif, oif, mark = 0, tos = 0, anySource } = flow;
    const key = `${dst.key()} ${src?.key()} ${iif} ${oif} ${mark} ${tos} ${anySource}`;
    if (!this.#needsPorts) return key;
    return `${key} ${flow.protocol} ${flow.sport} ${flow.dport} ${flow.uid}`;
  }
}

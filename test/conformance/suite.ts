/**
 * What a conformance suite is: a function that reads every vector file of its shape below a folder
 * (whole or in part, ours or anybody's) and reports each case as passed, failed or unsupported.
 */

/** Collects what a suite finds. */
export class Report {
  #passed = 0;
  readonly failures: { readonly id: string; readonly detail: string }[] = [];
  readonly unsupported: { readonly id: string; readonly why: string }[] = [];
  /** Further numbers a suite wants told, e.g. how many messages are equal. */
  readonly facts: Record<string, number> = {};

  get passed(): number {
    return this.#passed;
  }

  get total(): number {
    return this.#passed + this.failures.length + this.unsupported.length;
  }

  pass(_id: string): void {
    this.#passed++;
  }

  fail(id: string, detail: string): void {
    this.failures.push({ id, detail: detail.length > 2000 ? `${detail.slice(0, 2000)}…` : detail });
  }

  skip(id: string, why: string): void {
    this.unsupported.push({ id, why });
  }

  /** Passes when `check` returns undefined, fails with what it returns or throws otherwise. */
  check(id: string, check: () => string | undefined): void {
    let detail: string | undefined;
    try {
      detail = check();
    } catch (error) {
      detail = `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
    if (detail === undefined) this.pass(id);
    else this.fail(id, detail);
  }
}

/** Runs every vector file below `dir` (a folder, or one file). */
export type Suite = (dir: string, report: Report) => void | Promise<void>;

/**
 * Sets and maps while packets move. Elements with plain keys are found by key, others (ranges,
 * networks, wildcards) are tried one after the other; a catch-all comes last.
 */
import type { NftElement, NftSet, NftValue } from "../../nft.js";
import { type Datum, datumKey, parseTimeUs, setTypes, type TypeName } from "./datum.js";
import { type DatumTest, testOf } from "./value-test.js";

/** One element in use. */
export interface OpenElement {
  readonly data: NftValue | undefined;
  expiresUs: number | undefined;
  /** The key, for listing; absent for those of the ruleset itself. */
  readonly parts?: readonly Datum[];
}

interface TestedElement {
  readonly tests: readonly DatumTest[];
  readonly element: OpenElement;
}

/** One set or map in use. Its elements are read when somebody first asks. */
export class SetIndex {
  readonly dataTypes: readonly TypeName[];
  readonly #types: readonly TypeName[];
  readonly #openedUs: number;
  /** Elements that are not read yet. */
  #unread: readonly NftElement[];
  #unmodelled: string | undefined;
  readonly #exact = new Map<string, OpenElement>();
  readonly #tested: TestedElement[] = [];
  readonly #size: number | undefined;
  readonly #timeoutUs: number | undefined;
  readonly #nowUs: () => number;
  #catchAll: OpenElement | undefined;

  constructor(
    elements: readonly NftElement[],
    types: readonly TypeName[],
    nowUs: () => number,
    set?: NftSet,
  ) {
    this.#nowUs = nowUs;
    this.#openedUs = nowUs();
    this.#types = types;
    this.#unread = elements;
    this.#size = set?.size;
    this.#timeoutUs = set?.timeout === undefined ? undefined : parseTimeUs(set.timeout);
    this.dataTypes = set?.data === undefined ? [] : setTypes(set.data);
  }

  /** What in the set is not modelled: asking it gives an unknown fate. */
  get unmodelled(): string | undefined {
    this.#read();
    return this.#unmodelled;
  }

  #read(): void {
    if (this.#unread.length === 0) return;
    const elements = this.#unread;
    this.#unread = [];
    const types = this.#types;
    for (const element of elements) {
      if (this.#load(element, types)) continue;
      this.#unmodelled ??= `an element of a set of ${types.join(" . ")}`;
    }
  }

  #load(element: NftElement, types: readonly TypeName[]): boolean {
    const open: OpenElement = { data: element.data, expiresUs: this.#expiry(element) };
    if (element.key.kind === "any") {
      this.#catchAll = open;
      return true;
    }
    const parts = element.key.kind === "concat" ? element.key.parts : [element.key];
    if (parts.length !== types.length) return false;
    const tests: DatumTest[] = [];
    for (const [at, part] of parts.entries()) {
      const test = testOf(part, types[at] as TypeName);
      if (test === undefined) return false;
      tests.push(test);
    }
    const exact = tests.map((t) => t.exact);
    if (exact.every((datum) => datum !== undefined)) this.#exact.set(keyOf(exact), open);
    else this.#tested.push({ tests, element: open });
    return true;
  }

  #expiry({ expires, timeout }: NftElement): number | undefined {
    const own = expires ?? timeout;
    const leftUs = own === undefined ? this.#timeoutUs : parseTimeUs(own);
    return leftUs === undefined ? undefined : this.#openedUs + leftUs;
  }

  /** The element that holds the data; undefined if there is none, or its time is over. */
  find(data: readonly Datum[]): OpenElement | undefined {
    this.#read();
    const key = keyOf(data);
    const exact = this.#exact.get(key);
    if (exact !== undefined) {
      if (this.#isLive(exact)) return exact;
      this.#exact.delete(key);
    }
    for (const { tests, element } of this.#tested) {
      if (!this.#isLive(element)) continue;
      if (tests.every((test, at) => test.passes(data[at] as Datum))) return element;
    }
    return this.#catchAll;
  }

  #isLive(element: OpenElement): boolean {
    return element.expiresUs === undefined || element.expiresUs > this.#nowUs();
  }

  /**
   * Adds an element for a packet; `update` begins its time anew.
   *
   * Returns: the element, or undefined when the set is full.
   * Follows: Linux 6.18 net/netfilter/nft_dynset.c `nft_dynset_eval`.
   */
  put(
    parts: readonly Datum[],
    how: {
      readonly timeout: string | undefined;
      readonly refresh: boolean;
      readonly data?: NftValue;
    },
  ): OpenElement | undefined {
    const found = this.find(parts);
    const timeoutUs = how.timeout === undefined ? this.#timeoutUs : parseTimeUs(how.timeout);
    const expiresUs = timeoutUs === undefined ? undefined : this.#nowUs() + timeoutUs;
    if (found !== undefined) {
      if (how.refresh) found.expiresUs = expiresUs;
      return found;
    }
    if (this.#size !== undefined && this.#exact.size >= this.#size && !this.#makeRoom()) {
      return undefined;
    }
    const element: OpenElement = { data: how.data, expiresUs, parts };
    this.#exact.set(keyOf(parts), element);
    return element;
  }

  /** Elements whose time is over leave when room is needed. */
  #makeRoom(): boolean {
    const before = this.#exact.size;
    for (const [key, element] of this.#exact) {
      if (!this.#isLive(element)) this.#exact.delete(key);
    }
    return this.#exact.size < before;
  }

  /** Takes an element out. */
  remove(parts: readonly Datum[]): void {
    this.#read();
    this.#exact.delete(keyOf(parts));
  }

  /** The keys that packets added and that are still there. */
  added(): readonly (readonly Datum[])[] {
    const live = [...this.#exact.values()].filter((element) => this.#isLive(element));
    return live.flatMap((element) => (element.parts === undefined ? [] : [element.parts]));
  }
}

function keyOf(data: readonly Datum[]): string {
  return data.length === 1 ? datumKey(data[0] as Datum) : data.map(datumKey).join(" . ");
}

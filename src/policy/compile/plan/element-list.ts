/** The elements of a set that changes: counted, since pods can share an address, and kept in order. */
import type { Family } from "../../../addr/index.js";
import { compareElements, type SetElement } from "./address-set.js";

/** After more changes than this, sorting anew is cheaper than putting each in its place. */
const PENDING_MOST = 16;

type Sorted = Readonly<Record<Family, readonly SetElement[]>>;

/**
 * Elements that are added and removed, in the order of `compareElements`.
 *
 * Cost: one map access for a change; `list` copies the elements once for each of a few changes, and
 * sorts them after many.
 */
export class ElementList {
  readonly #counted = new Map<string, { readonly element: SetElement; count: number }>();
  #sorted: Sorted | undefined;
  #pending: { readonly element: SetElement; readonly isAdded: boolean }[] = [];

  /** Whether the lists are others than when they were read last. */
  get isChanged(): boolean {
    return this.#sorted === undefined || this.#pending.length > 0;
  }

  /** Adds an element once more. */
  add(element: SetElement): void {
    const known = this.#counted.get(element.text);
    if (known !== undefined) known.count++;
    else {
      this.#counted.set(element.text, { element, count: 1 });
      this.#note(element, true);
    }
  }

  /** Takes an element away once. */
  remove(element: SetElement): void {
    const known = this.#counted.get(element.text);
    if (known === undefined) return;
    known.count--;
    if (known.count > 0) return;
    this.#counted.delete(element.text);
    this.#note(known.element, false);
  }

  #note(element: SetElement, isAdded: boolean): void {
    if (this.#sorted === undefined) return;
    this.#pending.push({ element, isAdded });
    if (this.#pending.length <= PENDING_MOST) return;
    this.#sorted = undefined;
    this.#pending = [];
  }

  /** The elements of each family, in order. */
  lists(): Sorted {
    let sorted = this.#sorted ?? this.#sort();
    for (const { element, isAdded } of this.#pending) {
      const { family } = element.addr;
      sorted = { ...sorted, [family]: changed(sorted[family], element, isAdded) };
    }
    this.#pending = [];
    this.#sorted = sorted;
    return sorted;
  }

  #sort(): Sorted {
    const all = [...this.#counted.values()].map(({ element }) => element).sort(compareElements);
    const split = all.findIndex((element) => element.addr.family === "ip6");
    return split < 0 ? { ip4: all, ip6: [] } : { ip4: all.slice(0, split), ip6: all.slice(split) };
  }
}

function changed(
  list: readonly SetElement[],
  element: SetElement,
  isAdded: boolean,
): readonly SetElement[] {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareElements(list[middle] as SetElement, element) < 0) low = middle + 1;
    else high = middle;
  }
  return isAdded ? list.toSpliced(low, 0, element) : list.toSpliced(low, 1);
}

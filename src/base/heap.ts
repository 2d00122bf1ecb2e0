/** An ordered queue: smallest first, ties broken by the order of insertion. */

interface Item<T> {
  readonly key: number;
  readonly sequence: number;
  readonly value: T;
}

/**
 * A binary heap of values with numeric keys. Equal keys come out in the order they went in.
 *
 * Cost: `push` and `pop` take a logarithmic number of steps.
 */
export class Heap<T> {
  readonly #items: Item<T>[] = [];
  #sequence = 0;

  /** How many values wait. */
  get count(): number {
    return this.#items.length;
  }

  /** The smallest key, or undefined when empty. */
  peekKey(): number | undefined {
    return this.#items[0]?.key;
  }

  /** Adds a value under a key. */
  push(key: number, value: T): void {
    const item = { key, sequence: this.#sequence++, value };
    this.#items.push(item);
    this.#siftUp(this.#items.length - 1, item);
  }

  /** Takes the value with the smallest key, or undefined when empty. */
  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (first === undefined || last === undefined) return undefined;
    if (first !== last) this.#siftDown(last);
    return first.value;
  }

  #siftUp(start: number, item: Item<T>): void {
    let at = start;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#items[parentAt] as Item<T>;
      if (!isBefore(item, parent)) break;
      this.#items[at] = parent;
      at = parentAt;
    }
    this.#items[at] = item;
  }

  #siftDown(item: Item<T>): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const useRight =
        right < items.length && isBefore(items[right] as Item<T>, items[left] as Item<T>);
      const childAt = useRight ? right : left;
      const child = items[childAt] as Item<T>;
      if (!isBefore(child, item)) break;
      items[at] = child;
      at = childAt;
    }
    items[at] = item;
  }
}

function isBefore(a: { key: number; sequence: number }, b: { key: number; sequence: number }) {
  return a.key < b.key || (a.key === b.key && a.sequence < b.sequence);
}

/** Many selectors, asked at once which of them select some labels. */
import { type LabelSelector, type Labels, matchesSelector } from "../../../objects/index.js";

interface Indexed<T> {
  readonly selector: LabelSelector;
  readonly value: T;
}

/**
 * Values under selectors.
 *
 * Shape: a selector stands under a label that it cannot do without, if there is one. Only those under
 * the labels asked for, and those without such a label, are compared.
 * Laws: gives what comparing every selector gives (test/property/policy/selector-index.prop.test.ts).
 */
export class SelectorIndex<T> {
  readonly #byLabel = new Map<string, Indexed<T>[]>();
  readonly #others: Indexed<T>[] = [];

  /** Adds a value under a selector. */
  add(selector: LabelSelector, value: T): void {
    const indexed = { selector, value };
    const labels = neededLabels(selector);
    if (labels === undefined) this.#others.push(indexed);
    for (const label of labels ?? []) {
      const list = this.#byLabel.get(label);
      if (list === undefined) this.#byLabel.set(label, [indexed]);
      else list.push(indexed);
    }
  }

  /** The values whose selectors select these labels. */
  match(labels: Labels): T[] {
    const found: T[] = [];
    const take = (list: readonly Indexed<T>[]) => {
      for (const { selector, value } of list) {
        if (matchesSelector(selector, labels)) found.push(value);
      }
    };
    take(this.#others);
    for (const key of Object.keys(labels)) {
      const list = this.#byLabel.get(labelText(key, labels[key] as string));
      if (list !== undefined) take(list);
    }
    return found;
  }
}

/** Labels of which what is selected has one; undefined if nothing can be said. */
function neededLabels(selector: LabelSelector): readonly string[] | undefined {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const [key] = Object.keys(matchLabels);
  if (key !== undefined) return [labelText(key, matchLabels[key] as string)];
  const choice = matchExpressions.find(({ operator }) => operator === "In");
  if (choice === undefined) return undefined;
  return [...new Set(choice.values ?? [])].map((value) => labelText(choice.key, value));
}

/** Keys of labels have no `=` in them. */
function labelText(key: string, value: string): string {
  return `${key}=${value}`;
}

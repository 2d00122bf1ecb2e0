/**
 * Labels and selectors in one line.
 *
 * Follows: apimachinery v0.35 pkg/labels (`FormatLabels`, `Requirement.String`),
 * pkg/apis/meta/v1 `FormatLabelSelector`.
 */
import type { LabelSelector, LabelSelectorRequirement, Labels } from "../../objects/index.js";

/** `a=1,b=2`, keys sorted; `<none>` for none. */
export function printLabels(labels: Labels | undefined): string {
  const keys = Object.keys(labels ?? {}).sort(compareText);
  return keys.length === 0 ? "<none>" : keys.map((k) => `${k}=${labels?.[k]}`).join(",");
}

/** `app=web,tier in (a,b),!old`, sorted by key; "" for a selector that selects everything. */
export function printSelector(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {});
  const parts = labels.map(([key, value]) => ({ key, text: `${key}=${value}` }));
  for (const e of selector?.matchExpressions ?? []) {
    parts.push({ key: e.key, text: printRequirement(e) });
  }
  return parts
    .sort((a, b) => compareText(a.key, b.key))
    .map((p) => p.text)
    .join(",");
}

/** The same, with `<none>` for a selector that selects everything. */
export function formatSelector(selector: LabelSelector | undefined): string {
  return printSelector(selector) || "<none>";
}

function printRequirement({ key, operator, values = [] }: LabelSelectorRequirement): string {
  const list = `(${[...values].sort(compareText).join(",")})`;
  if (operator === "In") return `${key} in ${list}`;
  if (operator === "NotIn") return `${key} notin ${list}`;
  return operator === "Exists" ? key : `!${key}`;
}

/** Order by UTF-16 units, as Go orders bytes of ASCII. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

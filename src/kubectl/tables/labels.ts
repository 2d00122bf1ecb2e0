/**
 * Labels and selectors in one line.
 *
 * Follows: apimachinery v0.35 pkg/labels (`FormatLabels`, `Requirement.String`),
 * pkg/apis/meta/v1 `FormatLabelSelector`.
 */
import {
  faultsOfLabelValue,
  faultsOfQualifiedName,
  type LabelSelector,
  type LabelSelectorRequirement,
  type Labels,
} from "../../objects/index.js";

/** `a=1,b=2`, sorted as whole texts; `<none>` for none. */
export function printLabels(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.sort(compareText).join(",") || "<none>";
}

/** `app=web,tier in (a,b),!old`, sorted by key; `wrong` for one that is not valid. */
export function printSelector(selector: LabelSelector | undefined, wrong = "<invalid>"): string {
  if (!isValid(selector)) return wrong;
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

/** The same, with `<none>` for a selector that selects everything or nothing. */
export function formatSelector(selector: LabelSelector | undefined): string {
  return printSelector(selector, "<error>") || "<none>";
}

/** Follows: apimachinery v0.35 pkg/labels/selector.go `NewRequirement`. */
function isValid(selector: LabelSelector | undefined): boolean {
  const pairs = Object.entries(selector?.matchLabels ?? {});
  return (
    pairs.every(([key, value]) => isKey(key) && isValue(value)) &&
    (selector?.matchExpressions ?? []).every(isRequirement)
  );
}

function isRequirement({ key, operator, values = [] }: LabelSelectorRequirement): boolean {
  const takesValues = operator === "In" || operator === "NotIn";
  const isKnown = takesValues || operator === "Exists" || operator === "DoesNotExist";
  return isKnown && isKey(key) && values.every(isValue) && takesValues === values.length > 0;
}

function isKey(text: string): boolean {
  return faultsOfQualifiedName(text).length === 0;
}

function isValue(text: string): boolean {
  return faultsOfLabelValue(text).length === 0;
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

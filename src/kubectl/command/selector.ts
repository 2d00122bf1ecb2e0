/**
 * `-l`: label selectors as people type them, `app=web,tier in (a,b),!old`.
 *
 * Follows: apimachinery v0.35 pkg/labels/selector.go `Parse`.
 */
import { type Labels, matchesRequirement } from "../../objects/index.js";
import { mistake } from "./failure.js";

/** Reads a selector into a test of labels. */
export function readSelector(text: string | undefined): (labels: Labels | undefined) => boolean {
  if (text === undefined || text.trim() === "") return () => true;
  const parts = text.match(/[^,(]+(\([^)]*\))?/g) ?? [];
  const tests = parts.map((part) => readRequirement(part.trim()));
  return (labels) => tests.every((test) => test(labels));
}

type Test = (labels: Labels | undefined) => boolean;

function readRequirement(text: string): Test {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const values = (set[3] as string).split(",").map((v) => v.trim());
    return test(set[1] as string, set[2] === "in" ? "In" : "NotIn", values);
  }
  const equal = /^([^=!\s]+)\s*(!=|==|=)\s*(\S*)$/.exec(text);
  if (equal !== null) {
    return test(equal[1] as string, equal[2] === "!=" ? "NotIn" : "In", [equal[3] as string]);
  }
  const absent = /^!\s*(\S+)$/.exec(text);
  if (absent !== null) return test(absent[1] as string, "DoesNotExist", []);
  if (/^[^=!\s()]+$/.test(text)) return test(text, "Exists", []);
  throw mistake(`unable to parse requirement: ${JSON.stringify(text)}`);
}

function test(
  key: string,
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
  values: readonly string[],
): Test {
  return (labels) => matchesRequirement({ key, operator, values }, labels);
}

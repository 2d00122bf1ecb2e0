/**
 * The checks that a declaration states field by field: closed lists, ranges, forms of names, numbers.
 * Kinds whose checks depend on more are checked by functions of their own.
 */
import type { Fault } from "../../base/index.js";
import type { LabelSelector } from "../kinds/meta.js";
import { invalid, notSupported } from "../shape/field-error.js";
import type { CheckName, Field, Mode, Shape, StructShape } from "../shape/shape.js";
import { checkAddr, checkCidr } from "./addresses.js";
import { checkLabels, checkSelector } from "./meta.js";
import {
  checkForm,
  faultsOfLabel,
  faultsOfPortName,
  faultsOfPortNumber,
  faultsOfSubdomain,
} from "./names.js";

/** Checks a struct by its declaration, and everything below it. */
export function checkDeclared(
  shape: StructShape<unknown>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  faults: Fault[],
): void {
  for (const name of shape.names) {
    const below = path === "" ? name : `${path}.${name}`;
    const given = value[name];
    if (given === undefined) continue;
    const field = shape.fields[name] as Field<unknown, Mode>;
    checkField(field, given, below, faults);
    checkValue(field.shape, given, below, faults);
  }
}

function checkValue(shape: Shape<unknown>, value: unknown, path: string, faults: Fault[]): void {
  if (shape.kind === "struct") {
    if (shape.isCheckedApart === true) return;
    checkDeclared(shape, value as Readonly<Record<string, unknown>>, path, faults);
  } else if (shape.kind === "list") {
    if (shape.item.kind === "struct" || isClosed(shape.item)) {
      for (const [i, item] of (value as readonly unknown[]).entries()) {
        checkValue(shape.item, item, `${path}[${i}]`, faults);
      }
    }
  } else if (isClosed(shape) && !(shape.oneOf as readonly unknown[]).includes(value)) {
    faults.push(notSupported(path, value, shape.oneOf as readonly string[]));
  }
}

function isClosed(shape: Shape<unknown>): shape is Shape<unknown> & { oneOf: readonly string[] } {
  return shape.kind === "string" && shape.oneOf !== undefined;
}

function checkField(
  field: Field<unknown, Mode>,
  value: unknown,
  path: string,
  faults: Fault[],
): void {
  if (field.range !== undefined && typeof value === "number") {
    const [least, most] = field.range;
    if (value < least || value > most) {
      const message = `must be between ${least} and ${most}, inclusive`;
      faults.push(invalid(path, value, message));
    }
  }
  if (field.check !== undefined) checkNamed(field.check, value, path, faults);
}

function checkNamed(check: CheckName, value: unknown, path: string, faults: Fault[]): void {
  switch (check) {
    case "port": {
      const wrong =
        typeof value === "string" ? faultsOfPortName(value) : faultsOfPortNumber(value as number);
      for (const message of wrong) faults.push(invalid(path, value, message));
      return;
    }
    case "not-negative":
      if ((value as number) < 0) {
        faults.push(invalid(path, value, "must be greater than or equal to 0"));
      }
      return;
    case "label-map":
      checkLabels(path, value as Readonly<Record<string, string>>, faults);
      return;
    case "selector":
      checkSelector(path, value as LabelSelector, faults);
      return;
    case "dns-label":
      checkForm(path, value as string, faultsOfLabel, faults);
      return;
    case "dns-subdomain":
      checkForm(path, value as string, faultsOfSubdomain, faults);
      return;
    case "port-name":
      checkForm(path, value as string, faultsOfPortName, faults);
      return;
    default:
      for (const [place, text] of textsOf(value, path)) checkText(check, text, place, faults);
  }
}

function textsOf(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (!Array.isArray(value)) return [[path, value as string]];
  return (value as string[]).map((text, i) => [`${path}[${i}]`, text] as const);
}

function checkText(check: CheckName, text: string, path: string, faults: Fault[]): void {
  if (check === "ip") checkAddr(path, text, faults);
  else if (check === "cidr") checkCidr(path, text, faults);
}

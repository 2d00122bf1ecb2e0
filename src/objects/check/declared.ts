/**
 * The checks that a declaration states field by field: closed lists, ranges, forms of names, how
 * many items, exactly one of. Kinds whose checks depend on more are checked by functions of their
 * own; the policy kinds are checked by this alone, as their definitions state all of it.
 */
import { tryParsePrefix } from "../../addr/index.js";
import type { Fault } from "../../base/index.js";
import type { LabelSelector } from "../kinds/meta.js";
import { invalid, notSupported, required, tooMany } from "../shape/field-error.js";
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
  if (shape.exactlyOne === true) checkOne(shape, value, path, faults);
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

/** Exactly one field of a choice must be there. */
function checkOne(
  shape: StructShape<unknown>,
  value: Readonly<Record<string, unknown>>,
  path: string,
  faults: Fault[],
): void {
  const given = shape.names.filter((name) => value[name] !== undefined);
  if (given.length === 1) return;
  const names = shape.names.join(", ");
  if (given.length === 0) faults.push(required(path, `exactly one of ${names} must be given`));
  else faults.push(tooMany(path, given.length, 1));
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
  if (field.items !== undefined && Array.isArray(value)) {
    const [least, most] = field.items;
    if (value.length < least) faults.push(required(path, `must have at least ${least} items`));
    if (value.length > most) faults.push(tooMany(path, value.length, most));
  }
  if (field.maxLength !== undefined && [...String(value)].length > field.maxLength) {
    const message = `must be no more than ${field.maxLength} characters`;
    faults.push(invalid(path, value, message));
  }
  if (field.check !== undefined) checkNamed(field.check, value, path, faults);
}

const DOMAIN_NAME =
  /^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;

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
  else if (check === "crd-cidr" && tryParsePrefix(text) === undefined) {
    faults.push(invalid(path, text, "Invalid CIDR format provided"));
  } else if (check === "domain-name" && !DOMAIN_NAME.test(text)) {
    faults.push(invalid(path, text, `should match '${DOMAIN_NAME.source}'`));
  }
}

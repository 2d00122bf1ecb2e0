/**
 * What the API server says to a patch whose result is of a wrong form.
 *
 * Follows: apiserver v0.35 pkg/endpoints/handlers/patch.go `applyPatchToObject`; apimachinery v0.35
 * pkg/runtime/converter.go `fromUnstructured`.
 */
import type { Fault } from "../../base/index.js";
import { type KindInfo, readObject } from "../../objects/index.js";
import { CommandFailure } from "../command/failure.js";
import { goText, goType } from "../output/go-value.js";

type Json = Readonly<Record<string, unknown>>;

/** Ends the command where the result of a patch cannot be read as an object of its kind. */
export function checkPatched(info: KindInfo, merged: Json, patch: Json): void {
  if (info.isCustom) return;
  const read = readObject(merged);
  if (read.kind !== "object" || read.faults.length === 0) return;
  const wrong = read.faults.find(({ code }) => code !== "unknown-field");
  const reason = wrong === undefined ? unknownFields(read.faults) : conversionOf(info, wrong);
  const value = `patch: Invalid value: ${JSON.stringify(goText(leftOf(patch)))}: ${reason}`;
  const detail = ` "" is invalid: ${value}`;
  throw new CommandFailure(detail, {
    alone: `The request is invalid: ${value}`,
    among: `Error from server (Invalid): ${detail}`,
    reason: "Invalid",
  });
}

const ORDER = "$setElementOrder/";

/** What is left of a patch once it has been worked off: its directives and their lists are gone. */
function leftOf(patch: Json): Json {
  const worked = Object.keys(patch)
    .filter((key) => key.startsWith("$"))
    .flatMap((key) => [key, key.slice(ORDER.length)]);
  const left = Object.entries(patch).filter(([key]) => !worked.includes(key));
  return Object.fromEntries(
    left.map(([key, value]) => {
      const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
      return [key, isMap ? leftOf(value as Json) : value];
    }),
  );
}

function unknownFields(faults: readonly Fault[]): string {
  return `strict decoding error: ${faults.map((f) => f.message).join(", ")}`;
}

/** A shape, as far as the words depend on it. */
interface Told {
  readonly kind: string;
  readonly go: string;
  readonly fields?: Readonly<Record<string, { readonly shape: Told }>>;
  readonly item?: Told;
  readonly value?: Told;
}

/** Go's reflection says only what it holds and what it wants, not where. */
function conversionOf({ shape }: KindInfo, { message, path, value }: Fault): string {
  const target = shapeAt(shape as unknown as Told, path);
  const held = goType(value);
  const isNumber = typeof value === "number";
  const kind = Array.isArray(value) ? "slice" : typeof value === "object" ? "map" : held;
  switch (target?.kind) {
    case "string":
      return isNumber ? `cannot convert ${held} to ${target.go}` : "unrecognized type: string";
    case "int":
      return isNumber
        ? `cannot convert ${held} to ${target.go}`
        : `unrecognized type: ${target.go}`;
    case "bool":
      return "unrecognized type: bool";
    case "list":
      return `cannot restore slice from ${kind}`;
    case "map":
      return `cannot restore map from ${kind}`;
    case "struct":
      return `cannot restore struct from: ${kind}`;
    default:
      return message;
  }
}

function shapeAt(shape: Told, path: string): Told | undefined {
  let at: Told | undefined = shape;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (at?.kind === "list") at = at.item;
    else if (at?.kind === "map") at = at.value;
    else if (at?.fields !== undefined && Object.hasOwn(at.fields, step)) {
      at = at.fields[step]?.shape;
    } else return undefined;
  }
  return at;
}

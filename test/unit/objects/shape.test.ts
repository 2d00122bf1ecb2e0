/** One line of a declaration: the type, the decoder, the default, the check and the printed form. */
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Fault } from "../../../src/base/index.js";
import { checkDeclared } from "../../../src/objects/check/declared.js";
import { decode } from "../../../src/objects/shape/decode.js";
import { type Draft, fillDeclared } from "../../../src/objects/shape/defaults.js";
import { toJson } from "../../../src/objects/shape/print.js";
import {
  type Infer,
  int32,
  oneOf,
  opt,
  ptr,
  str,
  struct,
} from "../../../src/objects/shape/shape.js";

const before = { name: opt(str) };
const after = {
  ...before,
  replicas: ptr(int32, { default: 2, check: "not-negative" }),
  mode: opt(oneOf("Mode", "Fast", "Safe")),
};
const oldShape = struct("Thing", before);
const newShape = struct("Thing", after);

function read(json: unknown) {
  const { value, faults } = decode(newShape, json);
  fillDeclared(newShape, value as Draft);
  const wrong: Fault[] = [...faults];
  checkDeclared(newShape, value as Readonly<Record<string, unknown>>, "", wrong);
  return { printed: toJson(newShape, value), wrong: wrong.map((f) => `${f.code} ${f.path}`) };
}

describe("a field that is added to a declaration", () => {
  it("has a type", () => {
    expectTypeOf<Infer<typeof newShape>["replicas"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Infer<typeof newShape>["mode"]>().toEqualTypeOf<"Fast" | "Safe" | undefined>();
    expectTypeOf<Infer<typeof oldShape>>().not.toHaveProperty("replicas");
  });

  it("was unknown before", () => {
    expect(decode(oldShape, { replicas: 1 }).faults.map((f) => f.code)).toEqual(["unknown-field"]);
  });

  it.each([
    [{}, { replicas: 2 }, []],
    [{ replicas: 0 }, { replicas: 0 }, []],
    [{ replicas: null }, { replicas: 2 }, []],
    [{ replicas: "2" }, { replicas: 2 }, ["wrong-type replicas"]],
    [{ replicas: 1.5 }, { replicas: 2 }, ["wrong-type replicas"]],
    [{ replicas: -1 }, { replicas: -1 }, ["FieldValueInvalid replicas"]],
    [{ replicas: 1, mode: "Fast" }, { replicas: 1, mode: "Fast" }, []],
    [{ replicas: 1, mode: "" }, { replicas: 1 }, []],
    [{ replicas: 1, mode: "x" }, { replicas: 1, mode: "x" }, ["FieldValueNotSupported mode"]],
    [{ replica: 1 }, { replicas: 2 }, ["unknown-field replica"]],
  ])("%j", (json, printed, wrong) => {
    expect(read(json)).toEqual({ printed, wrong });
  });
});

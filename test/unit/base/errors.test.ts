import { describe, expect, it } from "vitest";
import {
  assert,
  InputError,
  InvariantError,
  printFault,
  printOrigin,
  RefusedError,
  UnsupportedError,
  unreachable,
} from "../../../src/base/index.js";

describe("errors", () => {
  it("an input error holds every fault, each with its place", () => {
    const error = new InputError([
      {
        code: "range",
        path: "spec.ports[0].port",
        value: 0,
        message: "must be between 1 and 65535",
        file: "shop.yaml",
        line: 41,
      },
      {
        code: "type",
        path: "spec.type",
        value: "x",
        message: "is not a type",
        expected: "ClusterIP",
      },
    ]);
    expect(error.faults.map((fault) => fault.code)).toEqual(["range", "type"]);
    expect(error.message).toBe(
      'shop.yaml:41: spec.ports[0].port: 0: must be between 1 and 65535\nspec.type: "x": is not a type (expected ClusterIP)',
    );
  });

  it("a long value cannot flood a terminal", () => {
    const text = printFault({ code: "c", path: "", value: "x".repeat(1e6), message: "is long" });
    expect(text.length).toBeLessThan(250);
  });

  it("a refusal and an unsupported construct say what and where as fields", () => {
    const refused = new RefusedError("ENOSPC", "no address is left", { range: "10.0.0.0/24" });
    expect([refused.code, refused.facts]).toEqual(["ENOSPC", { range: "10.0.0.0/24" }]);
    const unsupported = new UnsupportedError("-m u32", "node-a/iptables:12", "-m conntrack");
    expect(unsupported.message).toBe(
      "node-a/iptables:12: -m u32 is not modelled; nearest supported: -m conntrack",
    );
  });

  it("an assertion says the sentence that must hold", () => {
    expect(() => assert(true, "one is one")).not.toThrow();
    expect(() => assert(false, "one is one", { one: 2 })).toThrow(InvariantError);
    expect(() => unreachable("x" as never)).toThrow("every kind of a closed union has a case");
  });

  it("an origin prints as an operator would say it", () => {
    const origin = {
      kind: "Service",
      namespace: "shop",
      name: "web",
      part: "http",
      file: "shop.yaml",
      line: 41,
    };
    expect(printOrigin(origin)).toBe("Service shop/web:http (shop.yaml:41)");
    expect(printOrigin({ kind: "kernel" })).toBe("kernel");
  });
});

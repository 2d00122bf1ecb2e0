/** Tests that constants make: equal, in a range, in a network, a name that begins so. */
import type { Addr } from "../../../addr/index.js";
import type { NftValue } from "../../nft.js";
import { compareData, type Datum, datumKey, type TypeName, wordDatum } from "./datum.js";

/** One test of one datum. */
export interface DatumTest {
  /** Present where only equal data pass. */
  readonly exact?: Datum;
  passes(datum: Datum): boolean;
}

/** The datum a constant is; undefined for ranges and the like, and for words that mean nothing. */
export function datumOf(value: NftValue, type: TypeName): Datum | undefined {
  switch (value.kind) {
    case "addr":
      return value.addr;
    case "number":
      return value.number;
    case "word":
      return wordDatum(value.word, type);
    case "string":
      return value.text.endsWith("*") && type === "ifname" ? undefined : value.text;
    case "or":
    case "list":
      return orOf(value.items, type);
    case "prefix":
      return value.prefix.bits === (value.prefix.family === "ip4" ? 32 : 128)
        ? value.prefix.addr
        : undefined;
    default:
      return undefined;
  }
}

function orOf(items: readonly NftValue[], type: TypeName): number | undefined {
  let bits = 0;
  for (const item of items) {
    const datum = datumOf(item, type);
    if (typeof datum !== "number") return undefined;
    bits |= datum;
  }
  return bits >>> 0;
}

/** The test of a constant; undefined if it is not modelled. */
export function testOf(value: NftValue, type: TypeName): DatumTest | undefined {
  switch (value.kind) {
    case "any":
      return { passes: () => true };
    case "prefix": {
      const { prefix } = value;
      return { passes: (datum) => typeof datum === "object" && prefix.contains(datum) };
    }
    case "range":
      return rangeTest(datumOf(value.first, type), datumOf(value.last, type));
    case "string":
      if (type === "ifname" && value.text.endsWith("*")) {
        const start = value.text.slice(0, -1);
        return { passes: (datum) => typeof datum === "string" && datum.startsWith(start) };
      }
      return exactTest(value.text);
    default: {
      const datum = datumOf(value, type);
      return datum === undefined ? undefined : exactTest(datum);
    }
  }
}

function exactTest(exact: Datum): DatumTest {
  const key = datumKey(exact);
  return { exact, passes: (datum) => datumKey(datum) === key };
}

function rangeTest(first: Datum | undefined, last: Datum | undefined): DatumTest | undefined {
  if (first === undefined || last === undefined) return undefined;
  return { passes: (datum) => compareData(first, datum) <= 0 && compareData(datum, last) <= 0 };
}

/** True for data that are addresses. */
export function isAddr(datum: Datum | undefined): datum is Addr {
  return typeof datum === "object";
}

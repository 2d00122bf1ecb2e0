/** Arbitrary addresses and prefixes: clustered, so that they meet. */
import * as fc from "fast-check";
import { type Addr, Addr as AddrClass, makePrefix, type Prefix } from "../../../src/addr/index.js";

/** Words that are often zero, all ones, or one of a few. */
const word = fc.oneof(
  fc.constantFrom(0, 0xffffffff, 0xffff, 0x0af40000, 0x0af40100, 1),
  fc.integer({ min: 0, max: 0xffffffff }),
);

export const anyIp4: fc.Arbitrary<Addr> = word.map((w) => new AddrClass("ip4", 0, 0, 0, w));

export const anyIp6: fc.Arbitrary<Addr> = fc
  .tuple(word, word, word, word)
  .map(([w0, w1, w2, w3]) => new AddrClass("ip6", w0, w1, w2, w3));

export const anyAddr: fc.Arbitrary<Addr> = fc.oneof(anyIp4, anyIp6);

export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.tuple(anyIp4, fc.integer({ min: 0, max: 32 })).map(([a, bits]) => makePrefix(a, bits)),
  fc.tuple(anyIp6, fc.integer({ min: 0, max: 128 })).map(([a, bits]) => makePrefix(a, bits)),
);

/** Text that is nearly an address: pieces of addresses glued together. */
export const nearlyAddr: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(
      fc.constantFrom("::", ":", ".", "0", "1", "255", "256", "01", "ffff", "a", "g", "%", "/"),
      {
        maxLength: 18,
      },
    )
    .map((parts) => parts.join("")),
  fc
    .array(fc.constantFrom("0", "1", "99", "255", "256", "00", "1234"), {
      minLength: 3,
      maxLength: 5,
    })
    .map((parts) => parts.join(".")),
  fc
    .tuple(
      fc.array(fc.constantFrom("0", "1", "abcd", "00ff", "12345", ""), { maxLength: 9 }),
      fc.boolean(),
    )
    .map(([parts, dotted]) => [...parts, ...(dotted ? ["192.0.2.1"] : [])].join(":")),
  anyAddr.map((addr) => addr.toString()),
);

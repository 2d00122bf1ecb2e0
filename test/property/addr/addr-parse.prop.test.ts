import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { Addr, parseAddr, parseAddrSlow, tryParseAddr } from "../../../src/addr/index.js";
import { anyAddr, nearlyAddr } from "../../support/addr/arbitrary.js";
import { parseAddrLenient } from "../../support/addr/broken.js";

const OPTIONS = { seed: 1, numRuns: 20_000 };

function printOf(addr: Addr | object | undefined): string {
  return addr instanceof Addr ? `${addr.family} ${addr}` : "refused";
}

test("the fast parser gives what the slow one gives", () => {
  const seen = { refused: 0, ip4: 0, ip6: 0 };
  fc.assert(
    fc.property(nearlyAddr, (text) => {
      const fast = tryParseAddr(text);
      seen[fast?.family ?? "refused"]++;
      expect(printOf(fast)).toBe(printOf(parseAddrSlow(text)));
    }),
    OPTIONS,
  );
  expect(Math.min(seen.refused, seen.ip4, seen.ip6)).toBeGreaterThan(500);
});

test("a parser that skips leading zeros breaks the law", () => {
  const law = fc.property(
    nearlyAddr,
    (text) => printOf(parseAddrLenient(text)) === printOf(parseAddrSlow(text)),
  );
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

test("parse then print then parse is identity", () => {
  fc.assert(
    fc.property(anyAddr, (addr) => {
      expect(parseAddr(addr.toString()).equals(addr)).toBe(true);
    }),
    OPTIONS,
  );
});

test("ipaddr.js reads our text as the same bytes, and prints the same canonical form", () => {
  fc.assert(
    fc.property(anyAddr, (addr) => {
      const theirs = ipaddr.parse(addr.toString());
      expect(theirs.toByteArray()).toEqual([...addr.toBytes()]);
      if (theirs.kind() === "ipv4") expect(theirs.toString()).toBe(addr.toString());
      else if (addr.s0 !== 0 || addr.s1 !== 0 || addr.s2 !== 0xffff) {
        expect((theirs as ipaddr.IPv6).toRFC5952String()).toBe(addr.toString());
      }
    }),
    { ...OPTIONS, numRuns: 5_000 },
  );
});

test("what ipaddr.js takes in strict form, we take as the same bytes, and the reverse", () => {
  const seen = { both: 0, neither: 0 };
  fc.assert(
    fc.property(nearlyAddr, (text) => {
      // ipaddr.js also takes zones, octal and hexadecimal parts, and IPv4 with fewer parts.
      fc.pre(!/%|^$/.test(text));
      const ours = tryParseAddr(text);
      const isTheirs = text.includes(":")
        ? ipaddr.IPv6.isValid(text) && !/(^|[:.])0\d*\d\.|\.0\d/.test(text)
        : ipaddr.IPv4.isValidFourPartDecimal(text);
      expect([text, ours !== undefined]).toEqual([text, isTheirs]);
      if (ours !== undefined) expect(ipaddr.parse(text).toByteArray()).toEqual([...ours.toBytes()]);
      seen[ours === undefined ? "neither" : "both"]++;
    }),
    { ...OPTIONS, numRuns: 10_000 },
  );
  expect(Math.min(seen.both, seen.neither)).toBeGreaterThan(1000);
});

import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { masqueradeMark, printPaddedMark } from "../../../src/proxy/index.js";
import { hash8, hash16 } from "../../../src/proxy/name/hash.js";
import { sha256Words } from "../../../src/proxy/name/sha256.js";

test("sha256Words is what Node's crypto computes", () => {
  const ascii = fc.string({ unit: "binary-ascii", maxLength: 200 });
  fc.assert(
    fc.property(ascii, (text) => {
      const digest = createHash("sha256").update(text, "latin1").digest();
      const expected = [0, 4, 8].map((at) => digest.readInt32BE(at));
      expect([...sha256Words(text)]).toEqual(expected);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("hashes are the first characters of base32", () => {
  // Of `ns1/svc1:p80tcp`, as kube-proxy's own tests have it.
  expect(hash16("ns1/svc1:p80tcp")).toBe("XPGD46QRK7WJZT7O");
  expect(hash8("ns1/svc1/tcp/p80")).toBe("ULMVA6XW");
});

test("marks have eight digits, however many they need", () => {
  const marks = [0, 14, 31].map((masqueradeBit) => masqueradeMark({ masqueradeBit }));
  expect(marks.map(printPaddedMark)).toEqual(["0x00000001", "0x00004000", "0x80000000"]);
});

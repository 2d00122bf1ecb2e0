import { expect, test } from "vitest";
import { parseAddr, parseAddrSlow, tryParseAddr } from "../../../src/addr/index.js";
import { InputError } from "../../../src/base/index.js";

/** Text, and what it prints as. */
const VALID: readonly (readonly [string, string])[] = [
  ["0.0.0.0", "0.0.0.0"],
  ["255.255.255.255", "255.255.255.255"],
  ["10.244.1.7", "10.244.1.7"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:db8::1", "2001:db8::1"],
  ["2001:DB8::A", "2001:db8::a"],
  ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
  // A single zero group is not shortened (RFC 5952 §4.2.2).
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  // The longest run, and of two equal ones the first (RFC 5952 §4.2.3).
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["::ffff:c000:201", "::ffff:192.0.2.1"],
  ["0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["::192.0.2.1", "::c000:201"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ["::1.2.3.4", "::102:304"],
  ["fe80::ff:fe00:1", "fe80::ff:fe00:1"],
];

test.each(VALID)("%s reads as %s", (text, printed) => {
  expect(parseAddr(text).toString()).toBe(printed);
  expect(String(parseAddrSlow(text))).toBe(printed);
});

/** Text, and a part of the reason why it is refused. */
const INVALID: readonly (readonly [string, string])[] = [
  ["", "empty"],
  [" 10.0.0.1", "number"],
  ["10.0.0.1 ", "number"],
  ["10.0.0", "four numbers"],
  ["10.0.0.1.2", "four numbers"],
  ["10.0.0.256", "above 255"],
  ["10.0.0.1000", "above 255"],
  ["10.0.0.01", "leading zero"],
  ["00.0.0.0", "leading zero"],
  ["10.0.0.-1", "number"],
  ["10.0.0.+1", "number"],
  ["10..0.1", "number"],
  [".10.0.1", "number"],
  ["10.0.0.", "number"],
  ["0x10.0.0.1", "number"],
  ["167772161", "four numbers"],
  ["10.0.0.1/24", "prefix length"],
  ["１.0.0.1", "number"],
  ["host", "four numbers"],
  [":", "empty group"],
  [":::", "empty group"],
  ["1:", "empty group"],
  [":1", "empty group"],
  ["1::2::3", "more than once"],
  ["1:2:3:4:5:6:7", "7 groups"],
  ["1:2:3:4:5:6:7:8:9", "9 groups"],
  ["1:2:3:4::5:6:7:8", "no group"],
  ["::1:2:3:4:5:6:7:8", "no group"],
  ["12345::", "group"],
  ["::00001", "group"],
  ["g::", "group"],
  ["::1%eth0", "zone"],
  ["[::1]", "group"],
  ["::1.2.3", "four numbers"],
  ["::1.2.3.04", "leading zero"],
  ["::1.2.3.256", "above 255"],
  ["1.2.3.4::", "not the last"],
  ["::1.2.3.4:5", "not the last"],
  ["1:2:3:4:5:6:7:1.2.3.4", "9 groups"],
  ["1:2:3:4:5:1.2.3.4", "7 groups"],
  ["::1 ", "group"],
];

test.each(INVALID)("%j is refused: %s", (text, reason) => {
  expect(tryParseAddr(text)).toBeUndefined();
  expect(parseAddrSlow(text)).toMatchObject({ reason: expect.stringContaining(reason) });
  try {
    parseAddr(text);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).faults).toMatchObject([{ code: "bad-address", value: text }]);
  }
});

test("text without end is refused at once", () => {
  expect(tryParseAddr(":".repeat(10_000_000))).toBeUndefined();
  expect(tryParseAddr("1.".repeat(10_000_000))).toBeUndefined();
});

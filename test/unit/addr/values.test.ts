import { describe, expect, test } from "vitest";
import {
  type Addr,
  addOffset,
  addrFromBytes,
  BROADCAST_MAC,
  isLinkLocal,
  isLoopback,
  isMapped,
  isMulticast,
  linkLocalAddr,
  macFromBytes,
  makePrefix,
  multicastMac,
  offsetBetween,
  PrefixSet,
  parseAddr,
  parseAddrPort,
  parseLinkAddr,
  parseMac,
  parsePrefix,
  parseRange,
  prefixRange,
  singlePrefix,
  solicitedNodeAddr,
  tryAddOffset,
  tryParseAddrPort,
  tryParseLinkAddr,
  tryParseMac,
  tryParsePrefix,
  tryParseRange,
  unmapAddr,
  unspecifiedAddr,
} from "../../../src/addr/index.js";

const a = parseAddr;
const texts = (addrs: readonly Addr[]) => addrs.map(String);

describe("Addr", () => {
  test("words are unsigned, and high ones keep their sign only inside", () => {
    const addr = a("255.0.0.1");
    expect([addr.w0, addr.w1, addr.w2, addr.w3]).toEqual([0, 0, 0, 0xff000001]);
    expect(a("ffff::8000:0").w0).toBe(0xffff0000);
  });

  test("the order is IPv4 before IPv6, then by number", () => {
    const sorted = ["ffff::", "::1", "255.0.0.1", "9.0.0.1", "10.0.0.1", "::"].map(a);
    sorted.sort((x, y) => x.compare(y));
    expect(texts(sorted)).toEqual(["9.0.0.1", "10.0.0.1", "255.0.0.1", "::", "::1", "ffff::"]);
  });

  test("the same number in two families is two addresses", () => {
    expect(a("0.0.0.1").equals(a("::1"))).toBe(false);
    expect(unspecifiedAddr("ip4").key()).not.toBe(unspecifiedAddr("ip6").key());
  });

  test("bytes are those of the wire", () => {
    expect([...a("192.0.2.1").toBytes()]).toEqual([192, 0, 2, 1]);
    expect(addrFromBytes(a("2001:db8::ff").toBytes()).toString()).toBe("2001:db8::ff");
  });

  test("JSON is the text", () => {
    expect(JSON.stringify({ at: a("::1"), in: parsePrefix("10.0.0.0/8") })).toBe(
      '{"at":"::1","in":"10.0.0.0/8"}',
    );
  });

  test("special addresses", () => {
    expect(["127.9.9.9", "::1"].map(a).every(isLoopback)).toBe(true);
    expect(["128.0.0.1", "::2", "::127.0.0.1"].map(a).some(isLoopback)).toBe(false);
    expect(["224.0.0.1", "239.9.9.9", "ff02::1"].map(a).every(isMulticast)).toBe(true);
    expect(["223.0.0.1", "240.0.0.1", "fe80::1"].map(a).some(isMulticast)).toBe(false);
    expect(["169.254.1.1", "fe80::1", "febf::1"].map(a).every(isLinkLocal)).toBe(true);
    expect(["169.253.1.1", "fec0::1"].map(a).some(isLinkLocal)).toBe(false);
    expect(isMapped(a("::ffff:1.2.3.4"))).toBe(true);
    expect(unmapAddr(a("::ffff:1.2.3.4")).toString()).toBe("1.2.3.4");
  });

  test("addresses made of others", () => {
    expect(solicitedNodeAddr(a("2001:db8::aa:bbcc")).toString()).toBe("ff02::1:ffaa:bbcc");
    expect(multicastMac(a("ff02::1:ffaa:bbcc")).toString()).toBe("33:33:ff:aa:bb:cc");
    expect(multicastMac(a("224.128.0.1")).toString()).toBe("01:00:5e:00:00:01");
    expect(linkLocalAddr(parseMac("02:42:ac:11:00:02")).toString()).toBe("fe80::42:acff:fe11:2");
  });
});

describe("Prefix", () => {
  test.each([
    ["10.244.1.7/24", "10.244.1.0/24", "10.244.1.0", "10.244.1.255"],
    ["10.0.0.1/0", "0.0.0.0/0", "0.0.0.0", "255.255.255.255"],
    ["10.0.0.1/32", "10.0.0.1/32", "10.0.0.1", "10.0.0.1"],
    ["200.0.0.1/1", "128.0.0.0/1", "128.0.0.0", "255.255.255.255"],
    ["2001:db8::7/33", "2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"],
    ["fd00::1/127", "fd00::/127", "fd00::", "fd00::1"],
    ["ffff::/0", "::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
  ])("%s is %s, from %s to %s", (text, printed, first, last) => {
    const prefix = parsePrefix(text);
    expect(prefix.toString()).toBe(printed);
    expect(texts([prefix.first(), prefix.last()])).toEqual([first, last]);
    expect(prefixRange(prefix).size).toBe(offsetBetween(a(first), a(last)) + 1n);
  });

  test.each([
    "",
    "/",
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/-1",
    "10.0.0.0/+8",
    "10.0.0.0/8/8",
    "10.0.0/8",
    "::/129",
    "::/ 8",
    "10.0.0.0/8 ",
    "::1%a/64",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/1e1",
  ])("%j is refused", (text) => {
    expect(tryParsePrefix(text)).toBeUndefined();
    expect(tryParseLinkAddr(text)).toBeUndefined();
    expect(() => parsePrefix(text)).toThrow(/expected an address and a length/);
    expect(() => parseLinkAddr(text)).toThrow(/expected an address and a length/);
  });

  test("holds what shares its bits, of its own family only", () => {
    const prefix = parsePrefix("10.244.0.0/16");
    expect(["10.244.0.0", "10.244.255.255"].map(a).every((x) => prefix.contains(x))).toBe(true);
    expect(["10.243.0.0", "::af4:1"].map(a).some((x) => prefix.contains(x))).toBe(false);
    expect(parsePrefix("0.0.0.0/0").contains(a("::"))).toBe(false);
    expect(prefix.containsPrefix(parsePrefix("10.244.9.0/24"))).toBe(true);
    expect(prefix.containsPrefix(parsePrefix("10.0.0.0/8"))).toBe(false);
    expect(prefix.overlaps(parsePrefix("10.0.0.0/8"))).toBe(true);
    expect(singlePrefix(a("::1")).isSingle()).toBe(true);
  });

  test("a length outside the family is our own bug", () => {
    expect(() => makePrefix(a("10.0.0.1"), 33)).toThrow("the prefix length fits the family");
  });
});

describe("LinkAddr, Range, AddrPort, Mac", () => {
  test("a link's address keeps its host bits", () => {
    const linkAddr = parseLinkAddr("10.244.1.7/24");
    expect(linkAddr.toString()).toBe("10.244.1.7/24");
    expect(linkAddr.prefix().toString()).toBe("10.244.1.0/24");
  });

  test("a range holds both ends", () => {
    const range = parseRange("10.0.0.250-10.0.1.5");
    expect(range.size).toBe(12n);
    expect(["10.0.0.250", "10.0.1.5"].map(a).every((x) => range.contains(x))).toBe(true);
    expect(["10.0.0.249", "10.0.1.6", "::"].map(a).some((x) => range.contains(x))).toBe(false);
    expect(parseRange("::1").toString()).toBe("::1");
    expect(parseRange("10.0.0.1-10.0.0.9").overlaps(parseRange("10.0.0.9-10.0.0.12"))).toBe(true);
  });

  test.each(["", "-", "10.0.0.2-10.0.0.1", "10.0.0.1-::1", "10.0.0.1-", "a-b"])(
    "%j is no range",
    (text) => {
      expect(tryParseRange(text)).toBeUndefined();
      expect(() => parseRange(text)).toThrow(/is not a range/);
    },
  );

  test.each(["10.0.0.1:80", "[2001:db8::1]:65535", "0.0.0.0:0"])("%s reads and prints", (text) => {
    expect(parseAddrPort(text).toString()).toBe(text);
  });

  test.each([
    "10.0.0.1",
    "10.0.0.1:",
    "10.0.0.1:080",
    "10.0.0.1:65536",
    "::1:80",
    "[10.0.0.1]:80",
    "[::1]",
    "[::1]80",
    ":80",
    "10.0.0.1:-1",
  ])("%j is no address with a port", (text) => {
    expect(tryParseAddrPort(text)).toBeUndefined();
    expect(() => parseAddrPort(text)).toThrow(/is not an address with a port/);
  });

  test("a link-layer address reads, prints and knows its bytes", () => {
    const mac = parseMac("02:42:AC:11:00:ff");
    expect(mac.toString()).toBe("02:42:ac:11:00:ff");
    expect(macFromBytes(mac.toBytes()).equals(mac)).toBe(true);
    expect(mac.isMulticast()).toBe(false);
    expect(BROADCAST_MAC.isMulticast() && BROADCAST_MAC.isBroadcast()).toBe(true);
  });

  test.each([
    "",
    "02:42:ac:11:00",
    "02:42:ac:11:00:2",
    "02-42-ac-11-00-02",
    "g2:42:ac:11:00:02",
    "02:42:ac:11:00:02:03",
  ])("%j is no link-layer address", (text) => {
    expect(tryParseMac(text)).toBeUndefined();
    expect(() => parseMac(text)).toThrow(/six two-digit/);
  });
});

describe("arithmetic", () => {
  test.each([
    ["10.0.0.255", 1, "10.0.1.0"],
    ["10.0.1.0", -1, "10.0.0.255"],
    ["0.0.0.0", 4294967295, "255.255.255.255"],
    ["::ffff:ffff", 1, "::1:0:0"],
    ["::1:0:0", -1, "::ffff:ffff"],
    ["2001:db8::", 1n << 64n, "2001:db8:0:1::"],
  ])("%s and %s make %s", (from, n, sum) => {
    expect(addOffset(a(from), n).toString()).toBe(sum);
    expect(offsetBetween(a(from), a(sum))).toBe(BigInt(n));
  });

  test.each([
    ["255.255.255.255", 1],
    ["0.0.0.0", -1],
    ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1],
    ["::", -1],
  ])("nothing lies %s and %s further", (from, n) => {
    expect(tryAddOffset(a(from), n)).toBeUndefined();
    expect(() => addOffset(a(from), n)).toThrow("the sum stays inside the family");
  });
});

test("a set of prefixes", () => {
  const set = new PrefixSet(["10.0.0.0/8", "10.1.0.0/16"].map(parsePrefix));
  expect(set.lookup(a("10.1.2.3"))?.toString()).toBe("10.1.0.0/16");
  expect(set.contains(a("11.0.0.1"))).toBe(false);
  expect(set.delete(parsePrefix("10.1.0.0/16"))).toBe(true);
  expect(set.prefixes().map(String)).toEqual(["10.0.0.0/8"]);
});

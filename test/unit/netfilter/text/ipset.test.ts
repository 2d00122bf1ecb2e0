import { describe, expect, test } from "vitest";
import { InputError } from "../../../../src/base/index.js";
import { parseIpsetSave, printIpsetSave } from "../../../../src/netfilter/index.js";

/** As ipset 7.17 printed it. */
const SAVED = `create hosts hash:ip family inet hashsize 1024 maxelem 65536 timeout 300 counters comment skbinfo bucketsize 12 initval 0xf190da38
add hosts 10.0.0.2 timeout 299 packets 0 bytes 0
add hosts 10.0.0.1 timeout 199 packets 5 bytes 6 comment "hello world" skbmark 0x1 skbprio 1:2 skbqueue 3
create nets hash:net family inet6 hashsize 1024 maxelem 65536 comment bucketsize 12 initval 0xb9f81904
add nets fd00::/64 nomatch comment "x"
create hp hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x8d07bc9e
add hp 10.0.0.1,gre:0
add hp 10.0.0.1,sctp:80
add hp 10.0.0.1,icmp:echo-request
create bp bitmap:port range 0-65535
add bp 80
create hpn hash:ip,port,net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x8573f983
add hpn 1.2.3.4,tcp:80,10.0.0.0/8 nomatch
create np hash:net,port family inet hashsize 1024 maxelem 65536 timeout 0 bucketsize 12 initval 0x1fd4a61c
add np 1.2.3.0/24,udp:80 timeout 0
create ls list:set size 8
add ls nets
add ls hosts
`;

test("what ipset saved prints as it was", () => {
  expect(printIpsetSave(parseIpsetSave(SAVED))).toBe(SAVED);
});

describe("faults", () => {
  test.each([
    ["add x 10.0.0.1", "no-such-set"],
    ["create x", "missing-word"],
    ["create x hash:ip family inet7", "bad-word"],
    ["create x hash:ip\ncreate x hash:ip", "duplicate-name"],
    ["create x hash:ip\nadd x 10.0.0.256", "bad-element"],
    ["create x hash:ip\nadd x fd00::1", "bad-element"],
    ["create x hash:ip,port\nadd x 10.0.0.1", "bad-element"],
    ["create x hash:ip,port\nadd x 10.0.0.1,tcp:99999", "bad-element"],
    ["create x hash:ip\nadd x 10.0.0.1 timeout soon", "bad-number"],
    ["create x hash:ip\nadd x 0.0.0.0/0", "bad-element"],
    ["burn x", "unknown-command"],
  ])("%j: %s", (text, code) => {
    try {
      parseIpsetSave(text, "sets");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      const line = text.split("\n").length;
      expect((error as InputError).faults[0]).toMatchObject({ code, line, file: "sets" });
    }
  });
});

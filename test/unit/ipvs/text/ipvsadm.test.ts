import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../../src/addr/index.js";
import { InputError } from "../../../../src/base/index.js";
import { parseIpvsSave, printIpvsSave } from "../../../../src/ipvs/index.js";

/** What ipvsadm 1.31 printed on Linux 6.1, after these were added in another order. */
const SAVED = `-A -t 192.168.7.11:30005 -s mh -p 10800 -b mh-port
-a -t 192.168.7.11:30005 -r 10.244.0.2:8080 -m -w 3
-A -t 10.96.0.10:80 -s rr
-a -t 10.96.0.10:80 -r 10.244.0.1:8080 -m -w 0
-a -t 10.96.0.10:80 -r 10.244.0.2:8080 -m -w 1
-a -t 10.96.0.10:80 -r 10.244.0.3:8080 -m -w 1
-A -t 10.96.0.11:80 -s sh -b sh-fallback,sh-port
-A -t 10.96.0.12:80 -s rr
-a -t 10.96.0.12:80 -r 10.244.0.2:80 -g -w 1
-a -t 10.96.0.12:80 -r 10.244.0.3:80 -i -w 1 --tun-type ipip
-A -u 10.96.0.10:53 -s sh -p 100 -M 255.255.0.0 -o -b sh-fallback
-a -u 10.96.0.10:53 -r 10.244.0.2:5353 -m -w 1
-A --sctp-service 10.96.0.10:9000 -s wlc
-a --sctp-service 10.96.0.10:9000 -r 10.244.0.2:9000 -m -w 1
-A -t [fd00:10:96::a]:80 -s wrr -p 100
-a -t [fd00:10:96::a]:80 -r [fd00:10:244::1]:8080 -m -w 7
-a -t [fd00:10:96::a]:80 -r [fd00:10:244::2]:8080 -m -w 1
-A -f 7 -s lc
`;

describe("ipvsadm -Sn", () => {
  test("what was read is printed again", () => {
    expect(printIpvsSave(parseIpvsSave(SAVED))).toBe(SAVED);
  });

  test("virtual servers in any order are printed as ipvsadm sorts them", () => {
    const { virtualServers, marked } = parseIpvsSave(SAVED);
    const turned = virtualServers.toReversed().map((server) => ({
      ...server,
      realServers: server.realServers.toReversed(),
    }));
    expect(printIpvsSave({ virtualServers: turned, ...(marked && { marked }) })).toBe(SAVED);
  });

  test("real servers stand as the kernel would keep them: the last added first", () => {
    const [, web] = parseIpvsSave(SAVED).virtualServers;
    expect(web?.addr.equals(parseAddr("10.96.0.10"))).toBe(true);
    expect(web?.realServers.map(({ addr }) => addr.toString())).toEqual([
      "10.244.0.3",
      "10.244.0.2",
      "10.244.0.1",
    ]);
  });

  test("long options and ipvsadm's defaults are understood", () => {
    const text = `--add-service --tcp-service 10.96.0.10:81
-a -t 10.96.0.10:81 -r 10.244.0.9:9
--add-server -t 10.96.0.10:81 --real-server 10.244.0.8:81 --masquerading
`;
    // As ipvsadm told of the same commands: direct routing keeps the port of the virtual server.
    expect(printIpvsSave(parseIpvsSave(text))).toBe(`-A -t 10.96.0.10:81 -s wlc
-a -t 10.96.0.10:81 -r 10.244.0.8:81 -m -w 1
-a -t 10.96.0.10:81 -r 10.244.0.9:81 -g -w 1
`);
  });

  test.each([
    ["-A -t 10.96.0.10 -s rr", "bad-end"],
    ["-A -t 10.96.0.10:80 -s", "missing-value"],
    ["-A -t 10.96.0.10:80 --fast", "unknown-option"],
    ["-s rr", "no-command"],
    ["-A -s rr", "no-service"],
    ["-a -t 10.96.0.10:80 -r 10.244.0.2:80 -m", "ENOENT"],
    ["-A -t 10.96.0.10:80\n-A -t 10.96.0.10:80", "EEXIST"],
    ["-A -t 10.96.0.10:80\n-a -t 10.96.0.10:80 -m", "no-server"],
    ["-A -t 10.96.0.10:80 -p never", "bad-number"],
    ["-A -t 10.96.0.10:80 -p 1 -M 255.0.255.0", "bad-mask"],
    ["-A -t 10.96.0.10:80 -s sh -b mh-port", "bad-flag"],
    ["-A -t 10.96.0.10:80\n-a -t 10.96.0.10:80 -r 10.0.0.1:1 -i --tun-type gue", "unsupported"],
  ])("%j is refused: %s", (text, code) => {
    try {
      parseIpvsSave(text, "ipvsadm-save.txt");
      expect.unreachable();
    } catch (error) {
      const faults = error instanceof InputError ? error.faults : [];
      const line = text.split("\n").length;
      expect(faults).toMatchObject([{ code, line, file: "ipvsadm-save.txt" }]);
    }
  });
});

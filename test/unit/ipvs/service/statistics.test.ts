import { expect, test } from "vitest";
import { parseAddr } from "../../../../src/addr/index.js";
import { Ipvs, type IpvsFlow, listStatistics, parseIpvsSave } from "../../../../src/ipvs/index.js";
import { TcpFlag } from "../../../../src/wire/index.js";

const SECOND = 1_000_000;
const NAME = { addr: parseAddr("10.96.0.10"), port: 80, protocol: "tcp" } as const;
const REAL = { addr: parseAddr("10.244.0.2"), port: 8080 };

let nowUs = 0;

const SAVED = `-A -t 10.96.0.10:80 -s rr\n-a -t 10.96.0.10:80 -r 10.244.0.2:8080 -m -w 1\n`;

function open(text = SAVED): Ipvs {
  nowUs = 0;
  return new Ipvs(parseIpvsSave(text), {
    nowUs: () => nowUs,
    sysctl: () => undefined,
    dropConntrack: () => undefined,
  });
}

/** A client's connection from one port, with packets of so many bytes in each direction. */
function connect(ipvs: Ipvs, sport: number, bytes: readonly [inward: number, outward: number]) {
  const flow: IpvsFlow = {
    family: "ip4",
    protocol: "tcp",
    src: parseAddr("192.0.2.7"),
    sport,
    dst: NAME.addr,
    dport: NAME.port,
    tcpFlags: TcpFlag.syn,
    chunks: [],
  };
  const answer = ipvs.request(flow, { isTracked: false, isOwn: false });
  if (answer.kind !== "forward") throw new Error(answer.kind);
  ipvs.count(answer.connection, "in", bytes[0]);
  ipvs.count(answer.connection, "out", bytes[1]);
  return answer.connection;
}

/** Lines of the virtual server and of its real servers, without what precedes the numbers. */
function numbers(ipvs: Ipvs, show: "stats" | "rate", isExact = false): string[] {
  const [, , , ...lines] = listStatistics(ipvs, { show, isExact, nowUs }).trimEnd().split("\n");
  return lines.map((line) => line.slice(33));
}

test("connections, packets and bytes of a real server are its virtual server's, too", () => {
  const ipvs = open();
  connect(ipvs, 40_000, [60, 52]);
  connect(ipvs, 40_001, [1500, 40]);
  expect(listStatistics(ipvs, { show: "stats", isExact: false, nowUs })).toBe(
    `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  10.96.0.10:80                       2        2        2     1560       92
  -> 10.244.0.2:8080                     2        2        2     1560       92
`,
  );
});

/**
 * ipvsadm 1.31 on Linux 6.1, after eight connections that took 40 packets of 2,944 bytes in and 40 of
 * 4,544 out (as iptables counted at the real server), at the fourth look at them.
 */
const KERNEL = {
  stats: `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
TCP  10.96.0.10:80                       8       40       40     2944     4544
  -> 10.244.0.2:8080                     8       40       40     2944     4544
TCP  [fd00::80]:80                       0        0        0        0        0
  -> [fd00:10:244::2]:8080               0        0        0        0        0
`,
  rate: `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS
  -> RemoteAddress:Port
TCP  10.96.0.10:80                       0        2        2      155      240
  -> 10.244.0.2:8080                     0        2        2      155      240
TCP  [fd00::80]:80                       0        0        0        0        0
  -> [fd00:10:244::2]:8080               0        0        0        0        0
`,
};

test("counts and rates are shown as a real kernel's", () => {
  const ipvs = open(
    `${SAVED}-A -t [fd00::80]:80 -s rr\n-a -t [fd00::80]:80 -r [fd00:10:244::2]:8080 -m -w 1\n`,
  );
  for (let n = 0; n < 8; n++) {
    const connection = connect(ipvs, 40_000 + n, [60, 60]);
    for (const bytes of [152, 52, 52, 52]) ipvs.count(connection, "in", bytes);
    for (const bytes of [52, 352, 52, 52]) ipvs.count(connection, "out", bytes);
  }
  nowUs = 8 * SECOND;
  expect(listStatistics(ipvs, { show: "stats", isExact: false, nowUs })).toBe(KERNEL.stats);
  expect(listStatistics(ipvs, { show: "rate", isExact: false, nowUs })).toBe(KERNEL.rate);
});

test("large numbers are shortened, unless they are asked for in full", () => {
  for (const [bytes, short, exact] of [
    [99_999_999, " 99999999", " 99999999"],
    [123_456_789, "  123456K", " 123456789"],
    [12_345_678_901, "   12345M", " 12345678901"],
    [1_234_567_890_123, "    1234G", " 1234567890123"],
    [123_456_789_012_345, "     123T", " 123456789012345"],
  ] as const) {
    const ipvs = open();
    connect(ipvs, 40_000, [bytes, 0]);
    const head = "        1        1        1";
    expect(numbers(ipvs, "stats")[0]).toBe(`${head}${short}        0`);
    expect(numbers(ipvs, "stats", true)[0]).toBe(`${head}${exact}        0`);
  }
});

test("every two seconds a rate goes a quarter of the way to what was seen", () => {
  const ipvs = open();
  for (let n = 0; n < 16; n++) connect(ipvs, 40_000 + n, [100, 50]);
  // 8 a second, 800 and 400 bytes: nobody has looked yet.
  nowUs = 2 * SECOND - 1;
  expect(numbers(ipvs, "rate")[0]).toBe("        0        0        0        0        0");
  nowUs = 2 * SECOND;
  expect(numbers(ipvs, "rate")[0]).toBe("        2        2        2      200      100");
  nowUs = 4 * SECOND;
  // 3/4 of that, 1.5, is 1 and 511/1024 rounded up.
  expect(numbers(ipvs, "rate")[0]).toBe("        1        1        1      150       75");
  nowUs = 1000 * SECOND;
  expect(numbers(ipvs, "rate")[0]).toBe("        0        0        0        0        0");
});

test("a real server that was taken out is counted no more; put back, it goes on", () => {
  const ipvs = open();
  const connection = connect(ipvs, 40_000, [60, 60]);
  ipvs.removeServer(NAME, REAL);
  ipvs.count(connection, "in", 60);
  expect(numbers(ipvs, "stats")).toEqual(["        1        1        1       60       60"]);
  ipvs.addServer(NAME, { ...REAL, weight: 1 });
  ipvs.count(connection, "in", 60);
  const line = "        1        2        1      120       60";
  expect(numbers(ipvs, "stats")).toEqual([line, line]);
});

test("in a virtual server made anew a real server is counted anew", () => {
  const ipvs = open();
  const connection = connect(ipvs, 40_000, [60, 60]);
  ipvs.removeService(NAME);
  ipvs.addService({ ...NAME, scheduler: "rr", realServers: [{ ...REAL, weight: 1 }] });
  ipvs.count(connection, "in", 52);
  const line = "        0        1        0       52        0";
  expect(numbers(ipvs, "stats")).toEqual([line, line]);
});

test("what was saved goes on when it is restored", () => {
  const ipvs = open();
  for (let n = 0; n < 16; n++) connect(ipvs, 40_000 + n, [100, 50]);
  nowUs = 2 * SECOND;
  const saved = ipvs.save();
  const other = open();
  nowUs = 2 * SECOND;
  other.restore(saved);
  connect(ipvs, 50_000, [100, 50]);
  for (const show of ["stats", "rate"] as const) {
    expect(numbers(other, show)[0]).toBe(
      show === "stats"
        ? "       16       16       16     1600      800"
        : "        2        2        2      200      100",
    );
  }
});

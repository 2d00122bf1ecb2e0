import { beforeEach, describe, expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import {
  type ConnectionName,
  Ipvs,
  type IpvsFlow,
  listConnections,
  listServices,
  parseIpvsSave,
} from "../../../src/ipvs/index.js";
import { TcpFlag } from "../../../src/wire/index.js";

const { syn, ack, fin, rst } = TcpFlag;
const SECOND = 1_000_000;

/** As kube-proxy sets it. */
const KUBE_PROXY = {
  "net.ipv4.vs.conntrack": "1",
  "net.ipv4.vs.expire_nodest_conn": "1",
  "net.ipv4.vs.expire_quiescent_template": "1",
};

let nowUs = 0;
let dropped: ConnectionName[] = [];

beforeEach(() => {
  nowUs = 0;
  dropped = [];
});

function open(text: string, sysctls: Readonly<Record<string, string>> = KUBE_PROXY): Ipvs {
  return new Ipvs(parseIpvsSave(text), {
    nowUs: () => nowUs,
    sysctl: (name) => sysctls[name],
    dropConntrack: (name) => dropped.push(name),
  });
}

/** `tcp 192.0.2.7:40000 > 10.96.0.10:80`, with flags. */
function flow(text: string, tcpFlags: number = syn, chunks: readonly number[] = []): IpvsFlow {
  const [protocol = "", from = "", , to = ""] = text.split(" ");
  const [src = "", sport] = split(from);
  const [dst = "", dport] = split(to);
  return {
    family: src.includes(":") ? "ip6" : "ip4",
    protocol: protocol as IpvsFlow["protocol"],
    src: parseAddr(src),
    sport: Number(sport),
    dst: parseAddr(dst),
    dport: Number(dport),
    tcpFlags: protocol === "tcp" ? tcpFlags : 0,
    chunks,
  };
}

function split(end: string): string[] {
  const at = end.lastIndexOf(":");
  return [end.slice(0, at).replace(/^\[|\]$/g, ""), end.slice(at + 1)];
}

/** What becomes of a request, in a word: the real server's last part, or why there is none. */
function ask(
  ipvs: Ipvs,
  text: string,
  flags?: number,
  facts: { isTracked?: boolean } = {},
): string {
  ipvs.expire();
  const answer = ipvs.request(flow(text, flags), { isTracked: false, isOwn: false, ...facts });
  if (answer.kind !== "forward") return answer.kind;
  return `${answer.how} ${answer.connection.real}:${answer.connection.realPort}`;
}

const TWO = `-A -t 10.96.0.10:80 -s rr
-a -t 10.96.0.10:80 -r 10.244.0.2:8080 -m -w 1
-a -t 10.96.0.10:80 -r 10.244.0.3:8080 -m -w 1
`;
const REQUEST = "tcp 192.0.2.7:40000 > 10.96.0.10:80";
const REPLY = "tcp 10.244.0.3:8080 > 192.0.2.7:40000";

describe("connections", () => {
  test("a SYN gets a real server, the rest of the connection follows", () => {
    const ipvs = open(TWO);
    // The real server that was added last comes first in the kernel's list.
    expect(ask(ipvs, REQUEST)).toBe("scheduled 10.244.0.3:8080");
    expect(ask(ipvs, REQUEST, ack)).toBe("known 10.244.0.3:8080");
    expect(ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80")).toBe("scheduled 10.244.0.2:8080");
    expect(ipvs.reply(flow(REPLY, syn | ack))?.virtual.toString()).toBe("10.96.0.10");
    expect(ipvs.reply(flow("tcp 10.244.0.2:8080 > 192.0.2.7:40000"))).toBeUndefined();
  });

  test.each([
    ["another port", "tcp 192.0.2.7:40000 > 10.96.0.10:81", syn],
    ["another protocol", "udp 192.0.2.7:40000 > 10.96.0.10:80", 0],
    ["the middle of a connection", REQUEST, ack],
    ["a reset", REQUEST, syn | rst],
    ["data of FTP", "tcp 192.0.2.7:20 > 10.96.0.10:80", syn],
  ])("%s is passed on", (_what, text, flags) => {
    expect(ask(open(TWO), text, flags)).toBe("pass");
  });

  test("a virtual server without real servers refuses", () => {
    expect(ask(open("-A -t 10.96.0.10:80 -s rr"), REQUEST)).toBe("refuse");
    const idle = TWO.replaceAll("-w 1", "-w 0");
    expect(ask(open(idle), REQUEST)).toBe("refuse");
  });

  test("a scheduler that is not modelled makes the answer unknown", () => {
    expect(ask(open(TWO.replace("-s rr", "-s lblc")), REQUEST)).toBe("unknown");
    expect(ask(open(TWO.replace("-m -w 1", "-g -w 1")), REQUEST)).toBe("unknown");
  });

  test("states and times to live are those of the kernel's table", () => {
    const ipvs = open(TWO);
    const state = () => listConnections(ipvs, nowUs)[0]?.split(/\s+/).slice(1, 3).join(" ");
    ask(ipvs, REQUEST);
    expect(state()).toBe("01:00 SYN_RECV");
    ipvs.reply(flow(REPLY, syn | ack));
    expect(state()).toBe("01:00 SYN_RECV");
    ask(ipvs, REQUEST, ack);
    expect(state()).toBe("15:00 ESTABLISHED");
    expect(listServices(ipvs)).toContain(
      "10.244.0.3:8080              Masq    1      1          0",
    );
    ipvs.reply(flow(REPLY, fin | ack));
    expect(state()).toBe("02:00 FIN_WAIT");
    expect(listServices(ipvs)).toContain(
      "10.244.0.3:8080              Masq    1      0          1",
    );
    ask(ipvs, REQUEST, fin | ack);
    expect(state()).toBe("02:00 TIME_WAIT");
    nowUs += 119 * SECOND;
    expect(state()).toBe("00:01 TIME_WAIT");
    nowUs += SECOND;
    expect(state()).toBeUndefined();
  });

  test("its entry of conntrack goes with a connection, without the sysctl it stays", () => {
    for (const sysctls of [KUBE_PROXY, {}]) {
      const ipvs = open(TWO, sysctls);
      dropped = [];
      ask(ipvs, REQUEST);
      nowUs += 61 * SECOND;
      ipvs.expire();
      expect(ipvs.connections.count).toBe(0);
      expect(dropped.length).toBe(sysctls === KUBE_PROXY ? 1 : 0);
    }
  });

  test("SCTP begins with INIT", () => {
    const ipvs = open(TWO.replaceAll(" -t ", " --sctp-service "));
    const text = "sctp 192.0.2.7:40000 > 10.96.0.10:80";
    const facts = { isTracked: false, isOwn: false };
    expect(ipvs.request(flow(text, 0, [0]), facts).kind).toBe("pass");
    expect(ipvs.request(flow(text, 0, [1]), facts).kind).toBe("forward");
    expect(listConnections(ipvs, 0)[0]).toContain("INIT1");
    ipvs.reply(flow("sctp 10.244.0.3:8080 > 192.0.2.7:40000", 0, [2]));
    ipvs.request(flow(text, 0, [10]), facts);
    ipvs.reply(flow("sctp 10.244.0.3:8080 > 192.0.2.7:40000", 0, [11]));
    expect(listConnections(ipvs, 0)[0]).toContain("ESTABLISHED");
  });
});

describe("a port that is used anew", () => {
  const close = (ipvs: Ipvs) => {
    ask(ipvs, REQUEST);
    // A client's own reset says nothing while the real server was not heard.
    ask(ipvs, REQUEST, rst);
    ipvs.reply(flow(REPLY, rst | ack));
  };

  test("is scheduled anew by default, and loses the packet that conntrack knows", () => {
    const ipvs = open(TWO);
    close(ipvs);
    expect(ask(ipvs, REQUEST, syn, { isTracked: true })).toBe("drop");
    expect(dropped.length).toBe(1);
    expect(ask(ipvs, REQUEST)).toBe("scheduled 10.244.0.2:8080");
  });

  test("goes on without a loss where conntrack forgot", () => {
    const ipvs = open(TWO);
    close(ipvs);
    expect(ask(ipvs, REQUEST)).toBe("scheduled 10.244.0.2:8080");
    expect(dropped.length).toBe(0);
  });

  test("joins the old connection with conn_reuse_mode 0", () => {
    const ipvs = open(TWO, { ...KUBE_PROXY, "net.ipv4.vs.conn_reuse_mode": "0" });
    close(ipvs);
    expect(ask(ipvs, REQUEST)).toBe("known 10.244.0.3:8080");
  });
});

describe("real servers that go", () => {
  const web = { addr: parseAddr("10.96.0.10"), port: 80, protocol: "tcp" } as const;
  const last = { addr: parseAddr("10.244.0.3"), port: 8080 };

  test("with weight 0 a connection goes on, and no new one comes", () => {
    const ipvs = open(TWO, { ...KUBE_PROXY, "net.ipv4.vs.expire_nodest_conn": "0" });
    ask(ipvs, REQUEST);
    ipvs.setWeight(web, last, 0);
    expect(ask(ipvs, REQUEST, ack)).toBe("known 10.244.0.3:8080");
    expect(ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80")).toBe("scheduled 10.244.0.2:8080");
    expect(ask(ipvs, "tcp 192.0.2.7:40002 > 10.96.0.10:80")).toBe("scheduled 10.244.0.2:8080");
  });

  test("taken out, its connections end at once with expire_nodest_conn", () => {
    const ipvs = open(TWO);
    ask(ipvs, REQUEST);
    ask(ipvs, REQUEST, ack);
    ipvs.removeServer(web, last);
    expect(ipvs.connections.count).toBe(0);
    expect(ask(ipvs, REQUEST, ack)).toBe("pass");
  });

  test("taken out, its connections' packets are lost without it, until it comes back", () => {
    const ipvs = open(TWO, {});
    ask(ipvs, REQUEST);
    ipvs.removeServer(web, last);
    expect(ask(ipvs, REQUEST, ack)).toBe("drop");
    ipvs.addServer(web, { ...last, weight: 1 });
    expect(ask(ipvs, REQUEST, ack)).toBe("known 10.244.0.3:8080");
    expect(ipvs.services.find(web)?.find(last)?.total).toBe(1);
  });
});

describe("persistence", () => {
  const STICKY = TWO.replace("-s rr", "-s rr -p 100");

  test("a client stays with its real server, and others take turns", () => {
    const ipvs = open(STICKY);
    expect(ask(ipvs, REQUEST)).toBe("scheduled 10.244.0.3:8080");
    expect(ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80")).toBe("persistent 10.244.0.3:8080");
    expect(ask(ipvs, "tcp 192.0.2.8:40000 > 10.96.0.10:80")).toBe("scheduled 10.244.0.2:8080");
    expect(listConnections(ipvs, nowUs)[0]).toMatch(
      /^TCP 01:40 {2}NONE {8}192\.0\.2\.7:0 {8}10\.96\.0\.10:80 {6}10\.244\.0\.3:8080$/,
    );
  });

  test("the time begins anew with every connection; a template outlives those it controls", () => {
    const ipvs = open(STICKY);
    ask(ipvs, REQUEST);
    nowUs += 99 * SECOND;
    // The first connection is over after 60 s in SYN_RECV.
    expect(ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80")).toBe("persistent 10.244.0.3:8080");
    ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80", ack);
    expect(listConnections(ipvs, nowUs)[0]).toContain("ASSURED");
    // Established for 900 s: the template is asked again every 60 s.
    nowUs += 890 * SECOND;
    expect(ask(ipvs, "tcp 192.0.2.7:40002 > 10.96.0.10:80")).toBe("persistent 10.244.0.3:8080");
  });

  test("ends with the time", () => {
    const ipvs = open(STICKY);
    ask(ipvs, REQUEST);
    nowUs += 101 * SECOND;
    expect(ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80")).toBe("scheduled 10.244.0.2:8080");
  });

  test("a real server of weight 0 is left, and its template invalid", () => {
    const ipvs = open(STICKY);
    const web = { addr: parseAddr("10.96.0.10"), port: 80, protocol: "tcp" } as const;
    ask(ipvs, REQUEST);
    ipvs.setWeight(web, { addr: parseAddr("10.244.0.3"), port: 8080 }, 0);
    expect(ask(ipvs, "tcp 192.0.2.7:40001 > 10.96.0.10:80")).toBe("scheduled 10.244.0.2:8080");
    expect(listConnections(ipvs, nowUs)[0]).toContain("10.96.0.10:65535");
  });

  /** `ipvsadm -Lnc` of Linux 6.1, after one datagram of 10.96.0.10 to such a virtual server. */
  test("one-packet scheduling leaves the template only", () => {
    const ipvs = open(`-A -u 10.96.0.10:53 -s sh -p 360 -M 255.255.255.0 -o
-a -u 10.96.0.10:53 -r 10.244.0.2:5353 -m -w 1
`);
    ask(ipvs, "udp 10.96.0.10:33000 > 10.96.0.10:53");
    nowUs += 100;
    expect(listConnections(ipvs, nowUs)).toEqual([
      "UDP 05:59  NONE        10.96.0.0:0        10.96.0.10:53      10.244.0.2:5353",
    ]);
  });
});

test("saved and restored, everything goes on as before", () => {
  const ipvs = open(TWO.replace("-s rr", "-s rr -p 100"));
  ask(ipvs, REQUEST);
  const other = open("");
  other.restore(ipvs.save());
  expect(listServices(other)).toBe(listServices(ipvs));
  expect(listConnections(other, nowUs)).toEqual(listConnections(ipvs, nowUs));
  const next = "tcp 192.0.2.8:40000 > 10.96.0.10:80";
  expect(ask(other, next)).toBe(ask(ipvs, next));
  expect(ask(other, REQUEST, ack)).toBe("known 10.244.0.3:8080");
});

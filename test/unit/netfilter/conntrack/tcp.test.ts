import { describe, expect, test } from "vitest";
import { icmp, Router, tcp } from "../../../support/connections.js";

const client = "10.2.0.1:1000";
const server = "10.2.0.2:80";

/** Sends segments one after another; each row is [from, flags, fields, state, what the table shows]. */
type Row = readonly [string, string, Record<string, number>, string, string | undefined];

function play(rows: readonly Row[], sysctls: Record<string, string> = {}): void {
  const router = new Router({ sysctls });
  for (const [from, flags, fields, info, shown] of rows) {
    const to = from === client ? server : client;
    const skb = router.forward(tcp(from, to, flags, fields));
    expect([flags, skb?.ctInfo]).toEqual([flags, info]);
    const [line] = router.list();
    expect(line?.split(" src=")[0]).toBe(shown === undefined ? undefined : `tcp      6 ${shown}`);
  }
}

const opening: readonly Row[] = [
  [client, "S", { seq: 100 }, "new", "119 SYN_SENT"],
  [server, "SA", { seq: 500, ack: 101 }, "established", "59 SYN_RECV"],
  [client, "A", { seq: 101, ack: 501 }, "established", "431999 ESTABLISHED"],
];

describe("a TCP connection as conntrack sees it", () => {
  test("opens, carries data, closes, and is reopened by a SYN", () => {
    play([
      ...opening,
      [client, "PA", { seq: 101, ack: 501, length: 10 }, "established", "299 ESTABLISHED"],
      [server, "A", { seq: 501, ack: 111 }, "established", "431999 ESTABLISHED"],
      [client, "FA", { seq: 111, ack: 501 }, "established", "119 FIN_WAIT"],
      [server, "A", { seq: 501, ack: 112 }, "established", "59 CLOSE_WAIT"],
      [server, "FA", { seq: 501, ack: 112 }, "established", "29 LAST_ACK"],
      [client, "A", { seq: 112, ack: 502 }, "established", "119 TIME_WAIT"],
      [client, "S", { seq: 90000 }, "new", "119 SYN_SENT"],
    ]);
  });

  test("is closed by a reset inside the window", () => {
    play([
      ...opening,
      [server, "R", { seq: 501 }, "established", "9 CLOSE"],
      [client, "A", { seq: 101, ack: 501 }, "established", "9 CLOSE"],
    ]);
  });

  test("is forgotten when the SYN is refused", () => {
    play([
      [client, "S", { seq: 100 }, "new", "119 SYN_SENT"],
      [server, "RA", { seq: 0, ack: 101 }, "established", undefined],
    ]);
  });

  test("is picked up in the middle, unless tcp_loose is 0", () => {
    play([
      [client, "A", { seq: 7, ack: 9 }, "new", "299 ESTABLISHED"],
      [server, "A", { seq: 9, ack: 7 }, "established", "299 ESTABLISHED"],
    ]);
    const sysctls = { "net.netfilter.nf_conntrack_tcp_loose": "0" };
    play([[client, "A", { seq: 7, ack: 9 }, "invalid", undefined]], sysctls);
  });

  test("does not begin with anything but a SYN or an ACK", () => {
    for (const flags of ["SA", "R", "FA", "", "FPU", "SF"]) {
      play([[client, flags, { seq: 7, ack: 9 }, "invalid", undefined]]);
    }
  });

  test("takes nothing from beyond the window, unless told to be liberal", () => {
    play([
      ...opening,
      [client, "PA", { seq: 900_000, ack: 501, length: 9 }, "invalid", "431999 ESTABLISHED"],
      [client, "R", { seq: 900_000 }, "invalid", "431999 ESTABLISHED"],
    ]);
    const sysctls = { "net.netfilter.nf_conntrack_tcp_be_liberal": "1" };
    const liberal: Row = [
      client,
      "PA",
      { seq: 900_000, ack: 501, length: 9 },
      "established",
      "431999 ESTABLISHED",
    ];
    play([...opening, liberal], sysctls);
  });

  test("passes old data without effect", () => {
    play([
      ...opening,
      [client, "PA", { seq: -200_000, ack: 501, length: 10 }, "established", "431999 ESTABLISHED"],
      [client, "PA", { seq: 101, ack: 501, length: 10 }, "established", "299 ESTABLISHED"],
    ]);
  });
});

describe("an ICMP error", () => {
  const syn = tcp(client, server, "S", { seq: 100 });
  const stranger = tcp("10.2.0.1:1", server, "S");
  const rows = [
    // The error must quote a known flow and go to the flow's sender.
    ["related", icmp("10.2.0.2", "10.2.0.1", 3, { code: 3, quoted: syn })],
    ["invalid", icmp("10.2.0.2", "10.2.0.1", 3, { code: 3, quoted: stranger })],
    ["related", icmp("10.9.9.9", "10.2.0.1", 11, { quoted: syn })],
    ["invalid", icmp("10.9.9.9", "10.2.0.77", 11, { quoted: syn })],
    ["invalid", icmp("10.9.9.9", "10.2.0.1", 3)],
    ["invalid", icmp("10.9.9.9", "10.2.0.1", 0, { id: 4 })],
    ["new", icmp("10.9.9.9", "10.2.0.1", 8, { id: 4 })],
    ["invalid", icmp("10.9.9.9", "10.2.0.1", 40)],
  ] as const;

  test.each(rows)("is %s", (info, packet) => {
    const router = new Router();
    router.forward(syn);
    expect(router.forward(packet)?.ctInfo).toBe(info);
  });
});

/**
 * What Linux 6.1 chose: twelve clients, one datagram each, on a machine made for this. A digit is the
 * last part of the real server's address, `-` that nobody took it.
 */
import { expect, test } from "vitest";
import { parseAddr } from "../../../../src/addr/index.js";
import { Ipvs, type IpvsFlow, parseIpvsSave } from "../../../../src/ipvs/index.js";

/** Scheduler, flags, the server made quiet afterwards, weights of .2, .3, …; IPv4, IPv6. */
const FACTS = [
  ["rr", "", "", "1 1 1", "432432432432", "432432432432"],
  ["rr", "", "", "3 0 2", "424242424242", "424242424242"],
  ["wrr", "", "", "1 1 1", "432432432432", "432432432432"],
  ["wrr", "", "", "3 2 1", "432232432232", "432232432232"],
  ["wrr", "", "", "4 0 2", "422422422422", "422422422422"],
  ["wrr", "", "", "5 3", "322232323222", "322232323222"],
  ["lc", "", "", "1 1 1", "432432432432", "432432432432"],
  ["wlc", "", "", "1 2 3", "432434432434", "432434432434"],
  ["sed", "", "", "1 2 3", "444444444444", "444444444444"],
  ["nq", "", "", "1 2 3", "444444444444", "444444444444"],
  ["sh", "", "", "1 1 1", "243243243243", "443232444432"],
  ["sh", "", "", "1 2 4", "344423443442", "324443432434"],
  ["sh", "sh-port", "", "1 1 1", "234242323423", "432322343343"],
  ["sh", "", "3", "1 1 1", "24-24-24-24-", "44-2-24444-2"],
  ["sh", "sh-fallback", "3", "1 1 1", "242242242242", "442222444422"],
  ["mh", "", "", "1 1 1", "332442433344", "332243242433"],
  ["mh", "", "", "1 2 4", "334444433344", "332243442434"],
  ["mh", "mh-port", "", "1 1 1", "243322224342", "233234432324"],
  ["mh", "", "3", "1 1 1", "--24424---44", "--224-2424--"],
  ["mh", "mh-fallback", "3", "1 1 1", "422442444244", "422244242442"],
] as const;

const VIRTUAL = { ip4: "10.96.0.10", ip6: "fd00:10:96::a" } as const;
const NET = { ip4: "10.244.0.", ip6: "fd00:10:244::" } as const;
type Family = keyof typeof NET;

function open([name, flags, quiet, weights]: (typeof FACTS)[number], family: Family): Ipvs {
  const virtual = family === "ip4" ? `${VIRTUAL.ip4}:53` : `[${VIRTUAL.ip6}]:53`;
  const end = (at: number) =>
    family === "ip4" ? `${NET.ip4}${at}:5353` : `[${NET.ip6}${at}]:5353`;
  const lines = weights.split(" ").map((w, i) => `-a -u ${virtual} -r ${end(i + 2)} -m -w ${w}`);
  const head = `-A -u ${virtual} -s ${name}${flags === "" ? "" : ` -b ${flags}`}`;
  const ipvs = new Ipvs(parseIpvsSave([head, ...lines].join("\n")), {
    nowUs: () => 0,
    sysctl: () => undefined,
    dropConntrack: () => {},
  });
  if (quiet !== "") {
    const service = { addr: parseAddr(VIRTUAL[family]), port: 53, protocol: "udp" } as const;
    ipvs.setWeight(service, { addr: parseAddr(`${NET[family]}${quiet}`), port: 5353 }, 0);
  }
  return ipvs;
}

function chosen(ipvs: Ipvs, family: Family, firstPort: number): string {
  const words = Array.from({ length: 12 }, (_, i) => {
    const number = i + 1;
    const src = parseAddr(family === "ip4" ? `10.1.0.${number * 5}` : `fd00:1::${number * 7}`);
    const flow: IpvsFlow = {
      ...{ family, protocol: "udp", src, sport: firstPort + number * 37 },
      ...{ dst: parseAddr(VIRTUAL[family]), dport: 53, tcpFlags: 0, chunks: [] },
    };
    const answer = ipvs.request(flow, { isTracked: false, isOwn: true });
    if (answer.kind !== "forward") return "-";
    return answer.connection.real.toString().replace(NET[family], "");
  });
  return words.join("");
}

test.each(FACTS.map((fact, at) => [`${fact.slice(0, 4).join(" ")}`, at, fact] as const))(
  "%s",
  (_name, at, fact) => {
    // Every case was asked from ports of its own.
    const firstPort = 3000 + at * 1000;
    expect(chosen(open(fact, "ip4"), "ip4", firstPort)).toBe(fact[4]);
    expect(chosen(open(fact, "ip6"), "ip6", firstPort)).toBe(fact[5]);
  },
);

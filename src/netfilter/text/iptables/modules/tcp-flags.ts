/** The words iptables uses for TCP flags. */
import { LineFault } from "./rule-reader.js";

// In the order in which iptables prints them (extensions/libxt_tcp.c).
const FLAGS: readonly (readonly [string, number])[] = [
  ["FIN", 0x01],
  ["SYN", 0x02],
  ["RST", 0x04],
  ["PSH", 0x08],
  ["ACK", 0x10],
  ["URG", 0x20],
];
const ALL = 0x3f;

/** `SYN,ACK`, `ALL`, `NONE` as bits. */
export function parseTcpFlags(word: string): number {
  let bits = 0;
  for (const name of word.split(",")) {
    const upper = name.toUpperCase();
    if (upper === "ALL") bits |= ALL;
    else if (upper !== "NONE") {
      const flag = FLAGS.find(([known]) => known === upper);
      if (flag === undefined) {
        throw new LineFault("bad-flag", "not a TCP flag", name, "FIN,SYN,RST,PSH,ACK,URG,ALL,NONE");
      }
      bits |= flag[1];
    }
  }
  return bits;
}

/** Bits as `FIN,SYN`; `NONE` for no bit. */
export function printTcpFlags(bits: number): string {
  const names = FLAGS.filter(([, bit]) => (bits & bit) !== 0).map(([name]) => name);
  return names.length === 0 ? "NONE" : names.join(",");
}

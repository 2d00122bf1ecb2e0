/** Match modules about protocols and ports: tcp, udp, sctp, icmp, icmp6, multiport. */
import type { Family } from "../../../../addr/index.js";
import type { IptablesMatch, MultiportMatch, PortsMatch, TcpMatch } from "../../../iptables.js";
import { icmpNumbers } from "./icmp-names.js";
import { defineModule, type MatchModule, negated, type OptionReader } from "./match-module.js";
import {
  LineFault,
  parseNumber,
  parsePortRange,
  parseRisingRange,
  type RuleReader,
} from "./rule-reader.js";
import { parseTcpFlags } from "./tcp-flags.js";

interface Ports {
  sport?: TcpMatch["sport"] & object;
  dport?: TcpMatch["dport"] & object;
}

/** Options for ports; of these modules only udp takes a range that runs downwards. */
function portOptions(parse: typeof parsePortRange) {
  const read =
    (key: keyof Ports, what: string) => (draft: Ports, reader: RuleReader, not: boolean) => {
      draft[key] = negated(parse(reader.word(what)), not);
    };
  const sport = read("sport", "a source port");
  const dport = read("dport", "a destination port");
  return {
    "--sport": sport,
    "--source-port": sport,
    "--dport": dport,
    "--destination-port": dport,
  };
}

const RISING = portOptions(parseRisingRange);

const tcp = defineModule<TcpMatch>("tcp", () => ({ kind: "tcp" }), {
  ...RISING,
  "--syn": (draft, _reader, not) => {
    draft.flags = negated({ mask: 0x17, set: 0x02 }, not);
  },
  "--tcp-flags": (draft, reader, not) => {
    const mask = parseTcpFlags(reader.word("flags to look at"));
    draft.flags = negated({ mask, set: parseTcpFlags(reader.word("flags to be set")) }, not);
  },
  "--tcp-option": (draft, reader, not) => {
    draft.option = negated({ number: reader.number("a TCP option", 255) }, not);
  },
});

const udp = defineModule<PortsMatch>("udp", () => ({ kind: "udp" }), portOptions(parsePortRange));

const sctp = defineModule<PortsMatch>("sctp", () => ({ kind: "sctp" }), {
  ...RISING,
  "--chunk-types": (draft, reader, not) => {
    const how = reader.word("any, all or only");
    draft.chunkTypes = negated({ words: `${how} ${reader.word("chunk types")}` }, not);
  },
});

type IcmpMatch = IptablesMatch & { readonly kind: "icmp" };

function defineIcmp(name: string, option: string, family: Family): MatchModule {
  // Without an option the module means any type.
  return defineModule<IcmpMatch>(name, () => ({ kind: "icmp", type: 255 }), {
    [option]: (draft, reader, not) => {
      const word = reader.word("an ICMP type");
      const { type, code } = parseIcmpType(word, family);
      draft.type = type;
      if (code !== undefined) draft.code = { first: code, last: code };
      if (not) draft.not = true;
    },
  });
}

/** A type by name, by number, or `type/code`; 255 is any type. */
function parseIcmpType(word: string, family: Family): { type: number; code?: number | undefined } {
  if (word === "any") return { type: 255 };
  const named = icmpNumbers(word, family);
  if (named !== undefined) return named;
  const slash = word.indexOf("/");
  if (slash < 0) return { type: parseNumber(word, "an ICMP type", 255) };
  return {
    type: parseNumber(word.slice(0, slash), "an ICMP type", 255),
    code: parseNumber(word.slice(slash + 1), "an ICMP code", 255),
  };
}

/** Here both ends of a range must be told. */
function parseClosedRange(word: string) {
  if (word.startsWith(":") || word.endsWith(":")) {
    throw new LineFault("bad-port", "both ends of the range are needed", word, "first:last");
  }
  return parseRisingRange(word);
}

function readMultiport(
  which: MultiportMatch["which"],
): OptionReader<{ -readonly [K in keyof MultiportMatch]: MultiportMatch[K] }> {
  return (draft, reader: RuleReader, not) => {
    const word = reader.word("ports");
    draft.which = which;
    draft.ranges = word.split(",").map(parseClosedRange);
    if (draft.ranges.length > 15) {
      throw new LineFault("too-many-ports", "too many ports", word, "at most 15");
    }
    if (not) draft.not = true;
  };
}

const multiport = defineModule<MultiportMatch>(
  "multiport",
  () => ({ kind: "multiport", which: "ports", ranges: [] }),
  {
    "--sports": readMultiport("sports"),
    "--source-ports": readMultiport("sports"),
    "--dports": readMultiport("dports"),
    "--destination-ports": readMultiport("dports"),
    "--ports": readMultiport("ports"),
  },
);

/** The modules of this file. */
export const portModules: readonly MatchModule[] = [
  tcp,
  udp,
  sctp,
  defineIcmp("icmp", "--icmp-type", "ip4"),
  defineIcmp("icmp6", "--icmpv6-type", "ip6"),
  multiport,
];

/** Match modules about the packet and its links: addrtype, iprange, physdev, mac, length, ttl, … */
import { tryParseAddr, tryParseMac, tryParseRange } from "../../../../addr/index.js";
import type {
  AddrtypeMatch,
  IprangeMatch,
  IptablesMatch,
  PhysdevMatch,
} from "../../../iptables.js";
import { dscpClass, tosName } from "./dscp-names.js";
import {
  type Draft,
  defineModule,
  type MatchModule,
  negated,
  type OptionReader,
} from "./match-module.js";
import { LineFault, parseNumber, parsePortRange, type RuleReader } from "./rule-reader.js";
import { readWords } from "./state-modules.js";

/** Address types in the order in which iptables prints them (extensions/libxt_addrtype.c). */
export const ADDR_TYPES = [
  "UNSPEC",
  "UNICAST",
  "LOCAL",
  "BROADCAST",
  "ANYCAST",
  "MULTICAST",
  "BLACKHOLE",
  "UNREACHABLE",
  "PROHIBIT",
  "THROW",
  "NAT",
  "XRESOLVE",
] as const;

const addrtype = defineModule<AddrtypeMatch>("addrtype", () => ({ kind: "addrtype" }), {
  "--src-type": (draft, reader, not) => {
    draft.srcType = negated({ types: readWords(reader, "an address type", ADDR_TYPES) }, not);
  },
  "--dst-type": (draft, reader, not) => {
    draft.dstType = negated({ types: readWords(reader, "an address type", ADDR_TYPES) }, not);
  },
  "--limit-iface-in": (draft) => {
    draft.limitIn = true;
  },
  "--limit-iface-out": (draft) => {
    draft.limitOut = true;
  },
});

function readRange(reader: RuleReader) {
  const word = reader.word("a range");
  const range = tryParseRange(word);
  if (range !== undefined) return { range };
  const [low = "", high = low] = word.split("-");
  const [first, last] = [tryParseAddr(low), tryParseAddr(high)];
  if (first === undefined || first.family !== last?.family) {
    throw new LineFault("bad-range", "not a range", word, "first-last");
  }
  return { range: { first, last } };
}

const iprange = defineModule<IprangeMatch>("iprange", () => ({ kind: "iprange" }), {
  "--src-range": (draft, reader, not) => {
    draft.src = negated(readRange(reader), not);
  },
  "--dst-range": (draft, reader, not) => {
    draft.dst = negated(readRange(reader), not);
  },
});

type PhysdevFlag = "isIn" | "isOut" | "isBridged";

const readPhysdevFlag =
  (flag: PhysdevFlag): OptionReader<Draft<PhysdevMatch>> =>
  (draft, _reader, not) => {
    draft[flag] = negated({}, not);
  };

const physdev = defineModule<PhysdevMatch>("physdev", () => ({ kind: "physdev" }), {
  "--physdev-in": (draft, reader, not) => {
    draft.in = negated({ link: reader.word("a link") }, not);
  },
  "--physdev-out": (draft, reader, not) => {
    draft.out = negated({ link: reader.word("a link") }, not);
  },
  "--physdev-is-in": readPhysdevFlag("isIn"),
  "--physdev-is-out": readPhysdevFlag("isOut"),
  "--physdev-is-bridged": readPhysdevFlag("isBridged"),
});

type MacMatch = IptablesMatch & { readonly kind: "mac" };
const mac = defineModule<MacMatch>("mac", () => ({ kind: "mac", source: "00:00:00:00:00:00" }), {
  "--mac-source": (draft, reader, not) => {
    const word = reader.word("a link-layer address");
    const parsed = tryParseMac(word);
    if (parsed === undefined) throw new LineFault("bad-mac", "not a link-layer address", word);
    draft.source = parsed.toString();
    if (not) draft.not = true;
  },
});

type PkttypeMatch = IptablesMatch & { readonly kind: "pkttype" };
const pkttype = defineModule<PkttypeMatch>(
  "pkttype",
  () => ({ kind: "pkttype", type: "unicast" }),
  {
    "--pkt-type": (draft, reader, not) => {
      const word = reader.word("a packet type");
      const types = ["unicast", "broadcast", "multicast", "host", "bcast", "mcast"];
      const at = types.indexOf(word.toLowerCase());
      if (at < 0) throw new LineFault("bad-word", "not a packet type", word, types.join(","));
      draft.type = types[at % 3] as string;
      if (not) draft.not = true;
    },
  },
);

type LengthMatch = IptablesMatch & { readonly kind: "length" };
const length = defineModule<LengthMatch>(
  "length",
  () => ({ kind: "length", range: { first: 0, last: 65535 } }),
  {
    "--length": (draft, reader, not) => {
      draft.range = parsePortRange(reader.word("a length"));
      if (not) draft.not = true;
    },
  },
);

type TtlMatch = IptablesMatch & { readonly kind: "ttl" };

function defineTtl(name: "ttl" | "hl"): MatchModule {
  const read =
    (compare: "eq" | "lt" | "gt"): OptionReader<Draft<TtlMatch>> =>
    (draft, reader, not) => {
      draft.compare = compare === "eq" && not ? "ne" : compare;
      draft.value = reader.number("a count of hops", 255);
    };
  return defineModule<TtlMatch>(name, () => ({ kind: "ttl", compare: "eq", value: 0 }), {
    [`--${name}-eq`]: read("eq"),
    [`--${name}-lt`]: read("lt"),
    [`--${name}-gt`]: read("gt"),
  });
}

type TosMatch = IptablesMatch & { readonly kind: "dscp" | "tos" };
const dscp = defineModule<TosMatch>("dscp", () => ({ kind: "dscp", value: 0 }), {
  "--dscp": (draft, reader, not) => {
    draft.value = reader.number("a DSCP value", 63);
    if (not) draft.not = true;
  },
  "--dscp-class": (draft, reader, not) => {
    draft.value = dscpClass(reader.word("a DSCP class"));
    if (not) draft.not = true;
  },
});

const tos = defineModule<TosMatch>("tos", () => ({ kind: "tos", value: 0, mask: 255 }), {
  "--tos": (draft, reader, not) => {
    const { value, mask } = parseTos(reader.word("a type of service"));
    draft.value = value;
    draft.mask = mask;
    if (not) draft.not = true;
  },
});

/** `0x10`, `0x10/0x3f` or a name; a name leaves the upper two bits alone. */
export function parseTos(word: string): { value: number; mask: number } {
  const named = tosName(word);
  if (named !== undefined) return { value: named, mask: 0x3f };
  const slash = word.indexOf("/");
  if (slash < 0) return { value: parseNumber(word, "a type of service", 255), mask: 255 };
  return {
    value: parseNumber(word.slice(0, slash), "a type of service", 255),
    mask: parseNumber(word.slice(slash + 1), "a mask", 255),
  };
}

/** The modules of this file. */
export const packetModules: readonly MatchModule[] = [
  addrtype,
  iprange,
  physdev,
  mac,
  pkttype,
  length,
  defineTtl("ttl"),
  defineTtl("hl"),
  dscp,
  tos,
];

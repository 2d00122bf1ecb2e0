/** Match modules about connections and marks: conntrack, state, connbytes, mark, ipvs, … */
import type {
  ConnbytesMatch,
  ConntrackMatch,
  CtState,
  IptablesMatch,
  IpvsMatch,
} from "../../../iptables.js";
import { protocolName } from "../../../protocol-names.js";
import {
  type Draft,
  defineModule,
  type MatchModule,
  negated,
  type OptionReader,
} from "./match-module.js";
import {
  LineFault,
  parseMark,
  parseNetwork,
  parseNumber,
  parsePortRange,
  parseProtocol,
  type RuleReader,
} from "./rule-reader.js";

const CT_STATES: readonly CtState[] = [
  "INVALID",
  "NEW",
  "RELATED",
  "ESTABLISHED",
  "UNTRACKED",
  "SNAT",
  "DNAT",
];
const CT_STATUSES = ["NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"];

/** Words out of a closed list, given with commas. */
export function readWords<W extends string>(
  reader: RuleReader,
  what: string,
  known: readonly W[],
): W[] {
  return reader
    .word(what)
    .split(",")
    .map((word) => {
      const found = known.find((k) => k === word.toUpperCase());
      if (found === undefined)
        throw new LineFault("bad-word", `not ${what}`, word, known.join(","));
      return found;
    });
}

/** `10.0.0.0/8` where a mask with holes cannot be told. */
export function readPrefix(reader: RuleReader) {
  const word = reader.word("an address");
  const prefix = parseNetwork(word);
  if (prefix === undefined)
    throw new LineFault("bad-prefix", "a mask without holes is needed", word);
  return prefix;
}

type AddrField = "ctorigsrc" | "ctorigdst" | "ctreplsrc" | "ctrepldst";
type PortField = "ctorigsrcport" | "ctorigdstport" | "ctreplsrcport" | "ctrepldstport";

const readCtAddr =
  (field: AddrField): OptionReader<Draft<ConntrackMatch>> =>
  (draft, reader, not) => {
    draft[field] = negated({ prefix: readPrefix(reader) }, not);
  };
const readCtPort =
  (field: PortField): OptionReader<Draft<ConntrackMatch>> =>
  (draft, reader, not) => {
    draft[field] = negated(parsePortRange(reader.word("a port")), not);
  };

function readDirection(reader: RuleReader): "ORIGINAL" | "REPLY" {
  const [direction] = readWords(reader, "a direction", ["ORIGINAL", "REPLY"] as const);
  return direction ?? "ORIGINAL";
}

const conntrack = defineModule<ConntrackMatch>("conntrack", () => ({ kind: "conntrack" }), {
  "--ctstate": (draft, reader, not) => {
    draft.ctstate = negated({ states: readWords(reader, "a state", CT_STATES) }, not);
  },
  "--ctproto": (draft, reader, not) => {
    const protocol = protocolName(parseProtocol(reader.word("a protocol")));
    draft.ctproto = negated({ protocol }, not);
  },
  "--ctorigsrc": readCtAddr("ctorigsrc"),
  "--ctorigdst": readCtAddr("ctorigdst"),
  "--ctreplsrc": readCtAddr("ctreplsrc"),
  "--ctrepldst": readCtAddr("ctrepldst"),
  "--ctorigsrcport": readCtPort("ctorigsrcport"),
  "--ctorigdstport": readCtPort("ctorigdstport"),
  "--ctreplsrcport": readCtPort("ctreplsrcport"),
  "--ctrepldstport": readCtPort("ctrepldstport"),
  "--ctstatus": (draft, reader, not) => {
    draft.ctstatus = negated({ statuses: readWords(reader, "a status", CT_STATUSES) }, not);
  },
  "--ctdir": (draft, reader) => {
    draft.ctdir = readDirection(reader);
  },
});

type StateMatch = IptablesMatch & { readonly kind: "state" };

const state = defineModule<StateMatch>("state", () => ({ kind: "state", states: [] }), {
  "--state": (draft, reader, not) => {
    draft.states = readWords(reader, "a state", CT_STATES);
    if (not) draft.not = true;
  },
});

type MarkMatch = IptablesMatch & { readonly kind: "mark" | "connmark" };

function defineMark(name: "mark" | "connmark"): MatchModule {
  return defineModule<MarkMatch>(name, () => ({ kind: name, value: 0, mask: 0 }), {
    "--mark": (draft, reader, not) => {
      Object.assign(draft, parseMark(reader.word("a mark")));
      if (not) draft.not = true;
    },
  });
}

const connbytes = defineModule<ConnbytesMatch>(
  "connbytes",
  () => ({ kind: "connbytes", first: 0, mode: "packets", direction: "both" }),
  {
    "--connbytes": (draft, reader, not) => {
      const [first = "", last] = reader.word("a count").split(":");
      draft.first = parseNumber(first, "a count", Number.MAX_SAFE_INTEGER);
      if (last) draft.last = parseNumber(last, "a count", Number.MAX_SAFE_INTEGER);
      if (not) draft.not = true;
    },
    "--connbytes-mode": (draft, reader) => {
      const modes = ["PACKETS", "BYTES", "AVGPKT"];
      draft.mode = (readWords(reader, "a mode", modes)[0] ?? "").toLowerCase() as Mode;
    },
    "--connbytes-dir": (draft, reader) => {
      const directions = ["ORIGINAL", "REPLY", "BOTH"];
      const [direction = ""] = readWords(reader, "a direction", directions);
      draft.direction = direction.toLowerCase() as ConnbytesMatch["direction"];
    },
  },
);
type Mode = ConnbytesMatch["mode"];

type NfacctMatch = IptablesMatch & { readonly kind: "nfacct" };

const nfacct = defineModule<NfacctMatch>("nfacct", () => ({ kind: "nfacct", name: "" }), {
  "--nfacct-name": (draft, reader) => {
    draft.name = reader.word("a name");
  },
});

const ipvs = defineModule<IpvsMatch>("ipvs", () => ({ kind: "ipvs" }), {
  "--ipvs": (draft, _reader, not) => {
    draft.ipvs = negated({}, not);
  },
  "--vproto": (draft, reader, not) => {
    const protocol = protocolName(parseProtocol(reader.word("a protocol")));
    draft.vproto = negated({ protocol }, not);
  },
  "--vaddr": (draft, reader, not) => {
    draft.vaddr = negated({ prefix: readPrefix(reader) }, not);
  },
  "--vport": (draft, reader, not) => {
    draft.vport = negated({ port: parsePortRange(reader.word("a port")).first }, not);
  },
  "--vdir": (draft, reader) => {
    draft.vdir = readDirection(reader);
  },
  "--vmethod": (draft, reader, not) => {
    const [method] = readWords(reader, "a method", ["MASQ", "IPIP", "GATE"]);
    draft.vmethod = negated({ method: method ?? "MASQ" }, not);
  },
});

/** The modules of this file. */
export const stateModules: readonly MatchModule[] = [
  conntrack,
  state,
  defineMark("mark"),
  defineMark("connmark"),
  connbytes,
  nfacct,
  ipvs,
];

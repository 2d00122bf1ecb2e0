/** Targets of iptables with their options, read into trees. */
import type { IptablesTarget } from "../../../iptables.js";
import { dscpClass } from "./dscp-names.js";
import type { Draft } from "./match-module.js";
import { readDirections } from "./memory-modules.js";
import { natModules } from "./nat-modules.js";
import { parseTos } from "./packet-modules.js";
import { rejectName } from "./reject-names.js";
import { LineFault, parseMark, parseNumber, type RuleReader } from "./rule-reader.js";
import { defineTarget, type TargetModule, type TargetOption } from "./target-module.js";

const plain = (["ACCEPT", "DROP", "RETURN", "QUEUE", "NOTRACK"] as const).map((kind) =>
  defineTarget(kind, () => ({ kind })),
);

type Of<K> = IptablesTarget & { readonly kind: K };

const reject = defineTarget<Of<"REJECT">>("REJECT", () => ({ kind: "REJECT" }), {
  "--reject-with": (draft, reader) => {
    draft.with = rejectName(reader.word("how to reject"));
  },
});

type Mark = Of<"MARK">;
const mark = defineTarget<Mark>("MARK", () => ({ kind: "MARK", value: 0, mask: 0 }), {
  "--set-xmark": (draft, reader) => {
    Object.assign(draft, parseMark(reader.word("a mark")));
  },
  "--set-mark": (draft, reader) => {
    const { value, mask } = parseMark(reader.word("a mark"));
    Object.assign(draft, { value, mask: (mask | value) >>> 0, spelling: "set" });
  },
  "--or-mark": (draft, reader) => {
    const bits = reader.number("bits");
    Object.assign(draft, { value: bits, mask: bits, spelling: "or" });
  },
  "--and-mark": (draft, reader) => {
    const bits = reader.number("bits");
    Object.assign(draft, { value: 0, mask: ~bits >>> 0, spelling: "and" });
  },
  "--xor-mark": (draft, reader) => {
    Object.assign(draft, { value: reader.number("bits"), mask: 0, spelling: "xor" });
  },
});

/** CONNMARK while its options are read: `--nfmask` may come before or after `--save-mark`. */
interface ConnmarkDraft {
  kind: "CONNMARK";
  operation: "set" | "save" | "restore";
  value?: number;
  mask?: number;
  nfmask?: number;
  ctmask?: number;
}

function setConnmark(draft: ConnmarkDraft, value: number, mask: number): void {
  draft.operation = "set";
  draft.value = value;
  draft.mask = mask;
}

function moveConnmark(draft: ConnmarkDraft, operation: "save" | "restore"): void {
  draft.operation = operation;
  draft.nfmask ??= 0xffffffff;
  draft.ctmask ??= 0xffffffff;
}

const connmarkOptions: Readonly<Record<string, TargetOption<ConnmarkDraft>>> = {
  "--set-xmark": (draft, reader) => {
    const { value, mask } = parseMark(reader.word("a mark"));
    setConnmark(draft, value, mask);
  },
  "--set-mark": (draft, reader) => {
    const { value, mask } = parseMark(reader.word("a mark"));
    setConnmark(draft, value, (mask | value) >>> 0);
  },
  "--or-mark": (draft, reader) => {
    const bits = reader.number("bits");
    setConnmark(draft, bits, bits);
  },
  "--and-mark": (draft, reader) => setConnmark(draft, 0, ~reader.number("bits") >>> 0),
  "--xor-mark": (draft, reader) => setConnmark(draft, reader.number("bits"), 0),
  "--save-mark": (draft) => moveConnmark(draft, "save"),
  "--restore-mark": (draft) => moveConnmark(draft, "restore"),
  "--nfmask": (draft, reader) => {
    draft.nfmask = reader.number("a mask");
  },
  "--ctmask": (draft, reader) => {
    draft.ctmask = reader.number("a mask");
  },
  "--mask": (draft, reader) => {
    draft.nfmask = reader.number("a mask");
    draft.ctmask = draft.nfmask;
  },
};

const connmark = defineTarget<Of<"CONNMARK">>(
  "CONNMARK",
  () => ({ kind: "CONNMARK", operation: "set", value: 0, mask: 0 }),
  connmarkOptions as Readonly<Record<string, TargetOption<Draft<Of<"CONNMARK">>>>>,
);

const ct = defineTarget<Of<"CT">>("CT", () => ({ kind: "CT", notrack: false }), {
  "--notrack": (draft) => {
    draft.notrack = true;
  },
  "--zone": (draft, reader) => {
    draft.zone = reader.number("a zone", 65535);
  },
  ...Object.fromEntries(
    ["--helper", "--timeout", "--ctevents", "--expevents", "--zone-orig", "--zone-reply"].map(
      (option): [string, TargetOption<Draft<Of<"CT">>>] => [
        option,
        (draft, reader) => {
          draft.words = [...(draft.words ?? []), option, reader.word("a word")];
        },
      ],
    ),
  ),
});

/** Options whose words are kept as they are; 0 or 1 words follow each. */
function keepWords(words: Readonly<Record<string, 0 | 1>>) {
  return Object.fromEntries(
    Object.entries(words).map(([option, count]) => [
      option,
      (draft: { words: readonly string[] }, reader: RuleReader) => {
        draft.words = [...draft.words, option, ...(count === 1 ? [reader.word("a word")] : [])];
      },
    ]),
  );
}

const LEVELS = ["emerg", "alert", "crit", "error", "warning", "notice", "info", "debug"];

/** A level by number or name; names may be shortened. */
function logLevel(word: string): number {
  if (/^[0-7]$/.test(word)) return Number(word);
  const level = LEVELS.findIndex((name) => name.startsWith(word.toLowerCase()));
  if (level < 0) throw new LineFault("bad-word", "not a level of a log", word, LEVELS.join(","));
  return level;
}

const log = defineTarget<Of<"LOG" | "NFLOG">>("LOG", () => ({ kind: "LOG", words: [] }), {
  "--log-level": (draft, reader) => {
    const level = logLevel(reader.word("a level"));
    // Level 4 goes without saying.
    if (level !== 4) draft.words = [...draft.words, "--log-level", String(level)];
  },
  ...keepWords({
    "--log-prefix": 1,
    "--log-tcp-sequence": 0,
    "--log-tcp-options": 0,
    "--log-ip-options": 0,
    "--log-uid": 0,
    "--log-macdecode": 0,
  }),
});

const nflog = defineTarget<Of<"LOG" | "NFLOG">>(
  "NFLOG",
  () => ({ kind: "NFLOG", words: [] }),
  keepWords({
    "--nflog-prefix": 1,
    "--nflog-group": 1,
    "--nflog-range": 1,
    "--nflog-size": 1,
    "--nflog-threshold": 1,
  }),
);

const tcpmss = defineTarget<Of<"TCPMSS">>(
  "TCPMSS",
  () => ({ kind: "TCPMSS", clampToPmtu: false }),
  {
    "--clamp-mss-to-pmtu": (draft) => {
      draft.clampToPmtu = true;
    },
    "--set-mss": (draft, reader) => {
      draft.mss = reader.number("a segment size", 65495);
    },
  },
);

function defineHops(name: "TTL" | "HL"): TargetModule {
  const option = (operation: "set" | "inc" | "dec"): TargetOption<Draft<Of<"TTL" | "HL">>> => {
    return (draft, reader) => {
      draft.operation = operation;
      draft.value = reader.number("a count of hops", 255);
    };
  };
  const prefix = `--${name.toLowerCase()}`;
  return defineTarget<Of<"TTL" | "HL">>(name, () => ({ kind: name, operation: "set", value: 0 }), {
    [`${prefix}-set`]: option("set"),
    [`${prefix}-inc`]: option("inc"),
    [`${prefix}-dec`]: option("dec"),
  });
}

const dscp = defineTarget<Of<"DSCP" | "TOS">>("DSCP", () => ({ kind: "DSCP", value: 0 }), {
  "--set-dscp": (draft, reader) => {
    draft.value = reader.number("a DSCP value", 63);
  },
  "--set-dscp-class": (draft, reader) => {
    draft.value = dscpClass(reader.word("a DSCP class"));
  },
});

const setTos = (draft: Draft<Of<"DSCP" | "TOS">>, value: number, mask: number) => {
  draft.value = value;
  draft.mask = mask;
};
const tos = defineTarget<Of<"DSCP" | "TOS">>("TOS", () => ({ kind: "TOS", value: 0, mask: 255 }), {
  "--set-tos": (draft, reader) => {
    const { value, mask } = parseTos(reader.word("a type of service"));
    setTos(draft, value, mask);
  },
  "--or-tos": (draft, reader) => {
    const bits = parseNumber(reader.word("bits"), "bits", 255);
    setTos(draft, bits, bits);
  },
  "--and-tos": (draft, reader) => setTos(draft, 0, ~reader.number("bits", 255) & 0xff),
  "--xor-tos": (draft, reader) => setTos(draft, reader.number("bits", 255), 0),
});

const readSet =
  (operation: "add" | "del"): TargetOption<Draft<Of<"SET">>> =>
  (draft, reader) => {
    draft.operation = operation;
    draft.name = reader.word("the name of a set");
    draft.directions = readDirections(reader);
  };

const set = defineTarget<Of<"SET">>(
  "SET",
  () => ({ kind: "SET", operation: "add", name: "", directions: [] }),
  {
    "--add-set": readSet("add"),
    "--del-set": readSet("del"),
    "--exist": (draft) => {
      draft.exist = true;
    },
    "--timeout": (draft, reader) => {
      draft.timeoutSeconds = reader.number("seconds");
    },
  },
);

const MODULES: ReadonlyMap<string, TargetModule> = new Map(
  [
    ...plain,
    reject,
    ...natModules,
    mark,
    connmark,
    ct,
    log,
    nflog,
    tcpmss,
    defineHops("TTL"),
    defineHops("HL"),
    dscp,
    tos,
    set,
  ].map((module) => [module.name, module]),
);

/** The target of a name, unless it is a chain or one we do not know. */
export function targetModule(name: string): TargetModule | undefined {
  return MODULES.get(name);
}

/** Targets that exist in iptables and are not modelled: never taken for chains. */
const UNMODELLED = new Set(
  `AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNSECMARK DNPT ECN HMARK IDLETIMER LED NFQUEUE RATEEST
   SECMARK SNPT SYNPROXY TCPOPTSTRIP TEE TPROXY TRACE ULOG`.split(/\s+/),
);

/** True for names of targets that exist but have no meaning here. */
export function isUnmodelledTarget(name: string): boolean {
  return UNMODELLED.has(name);
}

/** Checks a target when all its options are read. */
export function checkTarget(target: IptablesTarget): void {
  const { kind } = target;
  if ((kind === "DNAT" || kind === "SNAT") && !target.addrs && !target.ports) {
    throw new LineFault("missing-option", `${kind} needs an address or ports`, kind);
  }
  if (kind === "NETMAP" && !target.netmap) {
    throw new LineFault("missing-option", "NETMAP needs a network", kind, "--to address/mask");
  }
}

/** Match modules that remember, count, draw lots or ask elsewhere: recent, statistic, limit, set, … */
import type { IptablesMatch, RecentMatch, SetMatch } from "../../../iptables.js";
import { type Draft, defineModule, type MatchModule, type OptionReader } from "./match-module.js";
import { LineFault, type RuleReader } from "./rule-reader.js";

type CommentMatch = IptablesMatch & { readonly kind: "comment" };
const comment = defineModule<CommentMatch>("comment", () => ({ kind: "comment", comment: "" }), {
  "--comment": (draft, reader) => {
    draft.comment = reader.word("a comment");
  },
});

const readAction =
  (action: RecentMatch["action"]): OptionReader<Draft<RecentMatch>> =>
  (draft, _reader, not) => {
    draft.action = action;
    if (not) draft.not = true;
  };

const recent = defineModule<RecentMatch>(
  "recent",
  () => ({ kind: "recent", action: "set", name: "DEFAULT", side: "rsource" }),
  {
    "--set": readAction("set"),
    "--rcheck": readAction("rcheck"),
    "--update": readAction("update"),
    "--remove": readAction("remove"),
    "--name": (draft, reader) => {
      draft.name = reader.word("a name");
    },
    "--rsource": (draft) => {
      draft.side = "rsource";
    },
    "--rdest": (draft) => {
      draft.side = "rdest";
    },
    "--seconds": (draft, reader) => {
      draft.seconds = reader.number("seconds");
    },
    "--hitcount": (draft, reader) => {
      draft.hitcount = reader.number("a count");
    },
    "--reap": (draft) => {
      draft.reap = true;
    },
    "--rttl": (draft) => {
      draft.rttl = true;
    },
    "--mask": (draft, reader) => {
      draft.mask = reader.addr("a mask").toString();
    },
  },
);

type Statistic = IptablesMatch & { readonly kind: "statistic" };

/** `--mode` comes first and decides which of the other options there are. */
const statistic = defineModule<Statistic>(
  "statistic",
  () => ({ kind: "statistic", mode: "nth", every: 1, packet: 0 }),
  {
    "--mode": (_draft, reader) => {
      const mode = reader.word("random or nth");
      if (mode === "random") return { kind: "statistic", mode, probability: "0" };
      if (mode === "nth") return { kind: "statistic", mode, every: 1, packet: 0 };
      throw new LineFault("bad-word", "not a mode", mode, "random or nth");
    },
    "--probability": (draft, reader, not) => {
      const word = reader.word("a probability");
      if (draft.mode !== "random") throw wrongMode("--probability");
      if (!/^(?:[01](?:\.[0-9]*)?|\.[0-9]+)$/.test(word) || Number(word) > 1) {
        throw new LineFault("bad-number", "not a probability", word, "0 to 1");
      }
      draft.probability = word;
      if (not) draft.not = true;
    },
    "--every": (draft, reader, not) => {
      if (draft.mode !== "nth" || not) throw wrongMode("--every");
      draft.every = readPositive(reader);
    },
    "--packet": (draft, reader) => {
      if (draft.mode !== "nth") throw wrongMode("--packet");
      draft.packet = reader.number("a packet's number", 0x7fffffff);
    },
  },
);

function wrongMode(option: string): LineFault {
  return new LineFault("bad-option", "this mode has no such option", option, "--mode before it");
}

function readPositive(reader: RuleReader): number {
  const number = reader.number("a count", 0x7fffffff);
  if (number === 0) throw new LineFault("bad-number", "a count is at least 1", number);
  return number;
}

type LimitMatch = IptablesMatch & { readonly kind: "limit" };
const limit = defineModule<LimitMatch>(
  "limit",
  () => ({ kind: "limit", average: "3/hour", burst: 5 }),
  {
    "--limit": (draft, reader) => {
      draft.average = parseRate(reader.word("a rate"));
    },
    "--limit-burst": (draft, reader) => {
      draft.burst = reader.number("a burst", 10000);
    },
  },
);

/** `5/minute` as iptables prints it: `5/min`. */
export function parseRate(word: string): string {
  const found = /^([1-9][0-9]{0,8})(?:\/([a-zA-Z]+))?$/.exec(word);
  const unit = ["second", "minute", "hour", "day"].find((u) =>
    u.startsWith((found?.[2] ?? "second").toLowerCase()),
  );
  if (found === null || unit === undefined) {
    throw new LineFault("bad-rate", "not a rate", word, "count/second, /minute, /hour or /day");
  }
  const short = unit === "second" ? "sec" : unit === "minute" ? "min" : unit;
  return `${found[1]}/${short}`;
}

/** `src,dst`: one word for each dimension. */
export function readDirections(reader: RuleReader): ("src" | "dst")[] {
  const word = reader.word("src or dst for each dimension");
  const directions = word.split(",");
  if (!directions.every((d) => d === "src" || d === "dst") || directions.length > 6) {
    throw new LineFault("bad-word", "not a list of directions", word, "src,dst,…");
  }
  return directions as ("src" | "dst")[];
}

const set = defineModule<SetMatch>("set", () => ({ kind: "set", name: "", directions: [] }), {
  "--match-set": (draft, reader, not) => {
    draft.name = reader.word("the name of a set");
    draft.directions = readDirections(reader);
    if (not) draft.not = true;
  },
});

type RpfilterMatch = IptablesMatch & { readonly kind: "rpfilter" };
const rpfilter = defineModule<RpfilterMatch>(
  "rpfilter",
  () => ({ kind: "rpfilter", loose: false, validmark: false, acceptLocal: false, invert: false }),
  {
    "--loose": (draft) => {
      draft.loose = true;
    },
    "--validmark": (draft) => {
      draft.validmark = true;
    },
    "--accept-local": (draft) => {
      draft.acceptLocal = true;
    },
    "--invert": (draft) => {
      draft.invert = true;
    },
  },
);

type OwnerMatch = IptablesMatch & { readonly kind: "owner" };
const owner = defineModule<OwnerMatch>("owner", () => ({ kind: "owner" }), {
  "--uid-owner": (draft, reader, not) => {
    draft.uid = reader.word("a user");
    if (not) draft.not = true;
  },
  "--gid-owner": (draft, reader, not) => {
    draft.gid = reader.word("a group");
    if (not) draft.not = true;
  },
  "--socket-exists": (draft, _reader, not) => {
    draft.socketExists = true;
    if (not) draft.not = true;
  },
});

/** The modules of this file. */
export const memoryModules: readonly MatchModule[] = [
  comment,
  recent,
  statistic,
  limit,
  set,
  rpfilter,
  owner,
];

/** Sets and maps of a table. */
import type { NftSet, NftSetType } from "../../nft.js";
import { parseExpr } from "./parse-expr.js";
import { parseElements } from "./parse-value.js";
import { END, type NftReader } from "./tokens.js";

type OpenSet = { -readonly [K in keyof NftSet]: NftSet[K] };

/** Reads a set or map from its name on. */
export function parseSet(reader: NftReader, kind: "set" | "map"): NftSet {
  const name = reader.text("the name of a set");
  const set: OpenSet = { name, key: { kind: "type", names: [] }, elements: [] };
  reader.expect("{");
  for (;;) {
    reader.skipLines();
    if (reader.take("}")) break;
    readPart(reader, set, kind);
  }
  return set;
}

function readPart(reader: NftReader, set: OpenSet, kind: "set" | "map"): void {
  const word = reader.next("a part of a set");
  switch (word) {
    case "type":
    case "typeof":
      set.key = readType(reader, word);
      if (kind === "map") {
        reader.expect(":");
        set.data = readType(reader, word);
      }
      return;
    case "flags":
      set.flags = readFlags(reader);
      return;
    case "size":
      set.size = reader.number("a size");
      return;
    case "timeout":
      set.timeout = reader.next("a time");
      return;
    case "gc-interval":
      set.gcInterval = reader.next("a time");
      return;
    case "policy":
      set.policy = reader.next("a policy");
      return;
    case "auto-merge":
      set.autoMerge = true;
      return;
    case "comment":
      set.comment = reader.text("a comment");
      return;
    case "elements":
      reader.expect("=");
      set.elements = [...set.elements, ...parseElements(reader)];
      return;
    default:
      reader.at--;
      set.carries = [...(set.carries ?? []), readLine(reader)];
  }
}

function readFlags(reader: NftReader): string[] {
  const flags = [reader.next("a flag")];
  while (reader.take(",")) flags.push(reader.next("a flag"));
  return flags;
}

function readLine(reader: NftReader): string {
  const words: string[] = [];
  for (let word = reader.peek(); word !== undefined && word !== END; word = reader.peek()) {
    if (word === ";" || word === "}") break;
    words.push(word.startsWith('"') ? `${word}"` : word);
    reader.at++;
  }
  if (words.length === 0)
    throw reader.fault("unexpected-word", "not a part of a set", reader.peek());
  return words.join(" ");
}

function readType(reader: NftReader, kind: "type" | "typeof"): NftSetType {
  if (kind === "typeof") {
    const expr = parseTypeExpr(reader);
    return { kind, exprs: expr.kind === "concat" ? expr.parts : [expr] };
  }
  const names = [readTypeName(reader)];
  while (reader.take(".")) names.push(readTypeName(reader));
  return { kind, names };
}

/** The values of a map may be intervals. */
function readTypeName(reader: NftReader): string {
  const name = reader.next("a type");
  return name === "interval" ? `${name} ${reader.next("a type")}` : name;
}

function parseTypeExpr(reader: NftReader) {
  if (reader.take("verdict"))
    return { kind: "value", value: { kind: "word", word: "verdict" } } as const;
  return parseExpr(reader);
}

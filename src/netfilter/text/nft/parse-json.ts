/**
 * What `nft -j list ruleset` prints, to the same trees as the text. nft 1.0.6 leaves some things out
 * of its JSON (comments of tables and chains, the flag `dynamic`); the text is the better source.
 */
import { type Fault, InputError } from "../../../base/index.js";
import type { Hook, NfFamily } from "../../hook.js";
import type {
  NftBase,
  NftChain,
  NftElement,
  NftRule,
  NftRuleset,
  NftSet,
  NftTable,
} from "../../nft.js";
import { readStatements } from "./json-statement.js";
import { isObject, type JsonObject, readElement } from "./json-value.js";

interface OpenChain extends NftChain {
  readonly rules: NftRule[];
}
interface OpenTable extends NftTable {
  readonly chains: OpenChain[];
  readonly sets: NftSet[];
}

/**
 * Reads the JSON of nft, already parsed.
 *
 * Errors: `InputError` with every fault, each with its path. Statements that are not understood
 * become `unknown`.
 * Follows: libnftables-json(5) of nftables 1.0.6.
 */
export function parseNftJson(json: unknown, file?: string): NftRuleset {
  const items = isObject(json) ? json.nftables : undefined;
  const reader = new JsonReader(file);
  if (!Array.isArray(items)) reader.fault("nftables", "a list of objects is missing");
  else for (const [at, item] of items.entries()) reader.read(item, `nftables[${at}]`);
  if (reader.faults.length > 0) throw new InputError(reader.faults);
  return { tables: reader.tables };
}

class JsonReader {
  readonly tables: OpenTable[] = [];
  readonly faults: Fault[] = [];
  readonly #file: string | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  fault(path: string, message: string, value?: unknown): void {
    const file = this.#file === undefined ? {} : { file: this.#file };
    const shown = value === undefined ? {} : { value };
    this.faults.push({ code: "bad-json", path, message, ...shown, ...file });
  }

  read(item: unknown, path: string): void {
    const entry = isObject(item) ? Object.entries(item)[0] : undefined;
    if (entry === undefined) {
      this.fault(path, "an object of nft is expected", item);
      return;
    }
    const [kind, body] = entry;
    if (kind === "metainfo") return;
    if (!isObject(body)) {
      this.fault(`${path}.${kind}`, "an object is expected", body);
      return;
    }
    if (kind === "table") this.#readTable(body);
    else this.#readPart(kind, body, `${path}.${kind}`);
  }

  #readTable(body: JsonObject): void {
    const flags = strings(body.flags);
    this.tables.push({
      family: String(body.family) as NfFamily,
      name: String(body.name),
      ...(typeof body.comment === "string" ? { comment: body.comment } : {}),
      ...(flags.length > 0 ? { flags } : {}),
      chains: [],
      sets: [],
    });
  }

  #readPart(kind: string, body: JsonObject, path: string): void {
    const table = this.tables.find((t) => t.family === body.family && t.name === body.table);
    if (table === undefined) {
      this.fault(`${path}.table`, "there is no such table", body.table);
      return;
    }
    if (kind === "chain") table.chains.push(readChain(body));
    else if (kind === "set" || kind === "map") table.sets.push(readSet(body));
    else if (kind === "rule") {
      const chain = table.chains.find((c) => c.name === body.chain);
      if (chain === undefined) this.fault(`${path}.chain`, "there is no such chain", body.chain);
      else chain.rules.push(readRule(body));
    }
  }
}

/** A word, or a list of them. */
function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((v) => typeof v === "string") : [];
}

function readChain(body: JsonObject): OpenChain {
  const comment = typeof body.comment === "string" ? { comment: body.comment } : {};
  const name = String(body.name);
  if (typeof body.hook !== "string") return { name, ...comment, rules: [] };
  const devices = strings(body.dev);
  const base: NftBase = {
    type: String(body.type) as NftBase["type"],
    hook: body.hook as Hook,
    priority: Number(body.prio ?? 0),
    policy: body.policy === "drop" ? "drop" : "accept",
    ...(devices.length > 0 ? { devices } : {}),
  };
  return { name, ...comment, base, rules: [] };
}

function readRule(body: JsonObject): NftRule {
  const statements = readStatements(body.expr);
  return typeof body.comment === "string" ? { statements, comment: body.comment } : { statements };
}

function readSet(body: JsonObject): NftSet {
  const names = strings(body.type);
  const data = strings(body.map);
  const flags = strings(body.flags);
  const items: readonly unknown[] = Array.isArray(body.elem) ? body.elem : [];
  const elements: NftElement[] = items.map((item) => readElement(item, names));
  return {
    name: String(body.name),
    ...(typeof body.comment === "string" ? { comment: body.comment } : {}),
    key: { kind: "type", names },
    ...(data.length > 0 ? { data: { kind: "type", names: data } } : {}),
    ...(flags.length > 0 ? { flags } : {}),
    ...(typeof body.size === "number" ? { size: body.size } : {}),
    ...(typeof body.timeout === "number" ? { timeout: printTime(body.timeout) } : {}),
    ...(typeof body["gc-interval"] === "number"
      ? { gcInterval: printTime(body["gc-interval"]) }
      : {}),
    elements,
  };
}

/** Seconds as nft prints times: `1d2h3m4s`. */
export function printTime(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const [unit, size] of [
    ["d", 86400],
    ["h", 3600],
    ["m", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(left / size);
    if (count > 0) parts.push(`${count}${unit}`);
    left -= count * size;
  }
  return parts.length === 0 ? "0s" : parts.join("");
}

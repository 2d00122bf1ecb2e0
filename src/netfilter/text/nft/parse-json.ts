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
  NftObject,
  NftRule,
  NftRuleset,
  NftSet,
  NftTable,
} from "../../nft.js";
import { readNamedObject } from "./json-object.js";
import { readCarried, readStatements } from "./json-statement.js";
import { isObject, type JsonObject, readElement, UnknownJson } from "./json-value.js";
import { printTime } from "./print-time.js";

interface OpenChain extends NftChain {
  readonly rules: NftRule[];
}
interface OpenTable extends NftTable {
  readonly chains: OpenChain[];
  readonly sets: NftSet[];
  objects?: NftObject[];
}

const FAMILIES = ["ip", "ip6", "inet", "bridge", "arp", "netdev"];
const TABLE_FLAGS = ["dormant", "owner", "persist"];
const TYPES = ["filter", "nat", "route"];
const HOOKS = ["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"];

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
    if (kind === "table") this.#readTable(body, `${path}.table`);
    else this.#readPart(kind, body, `${path}.${kind}`);
  }

  #readTable(body: JsonObject, path: string): void {
    const flags = strings(body.flags);
    this.#oneOf(`${path}.family`, body.family, FAMILIES);
    // nft 1.0.6 has been seen to print the name of a counter where a flag should stand.
    for (const flag of flags) this.#oneOf(`${path}.flags`, flag, TABLE_FLAGS);
    this.tables.push({
      family: String(body.family) as NfFamily,
      name: String(body.name),
      ...(typeof body.comment === "string" ? { comment: body.comment } : {}),
      ...(flags.length > 0 ? { flags } : {}),
      chains: [],
      sets: [],
    });
  }

  #oneOf(path: string, value: unknown, words: readonly string[]): void {
    if (typeof value === "string" && words.includes(value)) return;
    this.fault(path, `expected one of ${words.join(", ")}`, value);
  }

  #readPart(kind: string, body: JsonObject, path: string): void {
    const table = this.tables.find((t) => t.family === body.family && t.name === body.table);
    if (table === undefined) {
      this.fault(`${path}.table`, "there is no such table", body.table);
      return;
    }
    switch (kind) {
      case "chain":
        if (body.hook !== undefined) this.#checkBase(body, path);
        table.chains.push(readChain(body));
        return;
      case "set":
      case "map":
        this.#attempt(path, () => table.sets.push(readSet(body)));
        return;
      case "rule": {
        const chain = table.chains.find((c) => c.name === body.chain);
        if (chain === undefined) this.fault(`${path}.chain`, "there is no such chain", body.chain);
        else chain.rules.push(readRule(body));
        return;
      }
      default: {
        const object = readNamedObject(kind, body);
        if (object === undefined) this.fault(path, "not a kind of object that nft lists", kind);
        else table.objects = [...(table.objects ?? []), object];
      }
    }
  }

  #checkBase(body: JsonObject, path: string): void {
    this.#oneOf(`${path}.type`, body.type, TYPES);
    this.#oneOf(`${path}.hook`, body.hook, HOOKS);
    if (body.policy !== undefined) this.#oneOf(`${path}.policy`, body.policy, ["accept", "drop"]);
    if (!Number.isInteger(body.prio)) this.fault(`${path}.prio`, "expected a number", body.prio);
  }

  #attempt(path: string, run: () => unknown): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof UnknownJson)) throw error;
      this.fault(path, error.message);
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
  const data = strings(body.map).flatMap((type) => type.split(" . "));
  const carries = readCarried(body.stmt);
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
    ...(carries.length > 0 ? { carries } : {}),
    elements,
  };
}

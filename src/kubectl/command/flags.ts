/**
 * Flags of a verb: declared, then parsed as kubectl's flag library does, refusals included.
 *
 * Follows: spf13/pflag v1.0.9 and spf13/cobra v1.10 as kubectl v1.35 uses them.
 */
import { type CommandFailure, mistake } from "./failure.js";

/** What a flag takes: a truth, one text, one text each time it is given, or a whole number. */
export type FlagKind = "bool" | "text" | "list" | "number";

/** A flag: its long name, its letter, what it takes; `bare` is what it means without a value. */
export interface Flag {
  readonly name: string;
  readonly letter?: string;
  readonly kind: FlagKind;
  readonly bare?: string;
  readonly required?: boolean;
}

const KINDS: Readonly<Record<string, FlagKind>> = {
  "": "bool",
  "=": "text",
  "*": "list",
  "#": "number",
};

/**
 * Declares flags: `name`, `n:name` with a letter; `=` takes a text, `*` a list, `#` a whole number,
 * else a truth; `!` before it makes it required; `[x]` is what it means without a value.
 */
export function flags(text: string): readonly Flag[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const match = /^(?:(.):)?([a-z-]+)(!?)([=*#]?)(?:\[(.*)\])?$/.exec(word);
      const [, letter, name = "", required, mark = "", bare] = match ?? [];
      const kind = KINDS[mark] as FlagKind;
      return {
        name,
        kind,
        ...(letter === undefined ? {} : { letter }),
        ...(bare === undefined ? {} : { bare }),
        ...(required === "!" ? { required: true } : {}),
      };
    });
}

/** Flags that every verb takes. */
const GLOBAL = flags(
  "n:namespace= context= cluster= user= kubeconfig= s:server= v:v=[0] request-timeout= h:help as= as-group* as-uid= cache-dir= certificate-authority= client-certificate= client-key= disable-compression insecure-skip-tls-verify log-flush-frequency= match-server-version password= profile= profile-output= tls-server-name= token= username= vmodule= warnings-as-errors kuberc= as-user-extra*",
);

/** What was typed after the verb. */
export class Arguments {
  readonly verb: string;
  /** Words that are no flags. */
  readonly names: readonly string[];
  /** Words after `--`; undefined where there was none. */
  readonly rest: readonly string[] | undefined;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    verb: string,
    names: readonly string[],
    rest: readonly string[] | undefined,
    values: ReadonlyMap<string, readonly string[]>,
  ) {
    this.verb = verb;
    this.names = names;
    this.rest = rest;
    this.#values = values;
  }

  /** Whether a flag was given at all. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Names and flags as one line, each flag by its long name and with its value. */
  get line(): string {
    const flags = [...this.#values].flatMap(([name, values]) =>
      values.map((value) => (value === "" ? `--${name}` : `--${name}=${value}`)),
    );
    return [...this.names, ...flags].join(" ");
  }

  /** The last value of a flag. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every value of a flag. */
  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The value of a flag that takes a whole number. */
  number(name: string): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : Number(text);
  }

  /** Whether a truth is set. */
  isSet(name: string): boolean {
    const value = this.text(name);
    return value !== undefined && !FALSE.test(value);
  }
}

const FALSE = /^(0|f|F|false|FALSE|False)$/;
const TRUE = /^(1|t|T|true|TRUE|True)$/;

/** Parses the words after a verb. Errors: `CommandFailure` as kubectl refuses them. */
export function parseArguments(
  verb: string,
  words: readonly string[],
  declared: readonly Flag[],
): Arguments {
  const all = [...declared, ...GLOBAL];
  const names: string[] = [];
  const values = new Map<string, string[]>();
  const queue = [...words];
  const parsing = { verb, all, queue, values };
  let rest: readonly string[] | undefined;
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") rest = queue.splice(0);
    else if (word.startsWith("--")) parseLong(word, parsing);
    else if (word.startsWith("-") && word !== "-") parseLetters(word, parsing);
    else names.push(word);
  }
  if (!values.has("help")) checkRequired(declared, values);
  return new Arguments(verb, names, rest, values);
}

interface Parsing {
  readonly verb: string;
  readonly all: readonly Flag[];
  readonly queue: string[];
  readonly values: Map<string, string[]>;
}

function refuse(verb: string, text: string): CommandFailure {
  const command = verb === "" ? "kubectl" : `kubectl ${verb}`;
  return mistake(`${text}\nSee '${command} --help' for usage.`);
}

function parseLong(word: string, parsing: Parsing): void {
  const { all, queue, verb } = parsing;
  const at = word.indexOf("=");
  const name = at < 0 ? word.slice(2) : word.slice(2, at);
  if (name === "" || name.startsWith("-")) throw refuse(verb, `bad flag syntax: ${word}`);
  const flag = all.find((f) => f.name === name);
  if (flag === undefined) throw refuse(verb, `unknown flag: --${name}`);
  if (at >= 0) set(flag, word.slice(at + 1), parsing);
  else if (flag.kind === "bool" || flag.bare !== undefined) set(flag, flag.bare ?? "true", parsing);
  else {
    const value = queue.shift();
    if (value === undefined) throw refuse(verb, `flag needs an argument: --${name}`);
    set(flag, value, parsing);
  }
}

function parseLetters(word: string, parsing: Parsing): void {
  const { all, queue, verb } = parsing;
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] as string;
    const flag = all.find((f) => f.letter === letter);
    if (flag === undefined) {
      throw refuse(verb, `unknown shorthand flag: '${letter}' in -${word.slice(i)}`);
    }
    if ((flag.kind === "bool" || flag.bare !== undefined) && word[i + 1] !== "=") {
      set(flag, flag.bare ?? "true", parsing);
      continue;
    }
    const glued = word.slice(i + 1).replace(/^=/, "");
    const value = i + 1 < word.length ? glued : queue.shift();
    if (value === undefined) {
      throw refuse(verb, `flag needs an argument: '${letter}' in -${word.slice(i)}`);
    }
    set(flag, value, parsing);
    return;
  }
}

function set(flag: Flag, value: string, { values, verb }: Parsing): void {
  const reason = faultOf(flag, value);
  if (reason !== undefined) {
    const name = flag.letter === undefined ? "" : `-${flag.letter}, `;
    throw refuse(
      verb,
      `invalid argument ${JSON.stringify(value)} for "${name}--${flag.name}" flag: ${reason}`,
    );
  }
  const before = values.get(flag.name) ?? [];
  values.set(flag.name, flag.kind === "list" ? [...before, value] : [value]);
}

/** Largest whole number that a flag holds: Go's int32 and int64 alike are cut here. */
const MAX_NUMBER = 2n ** 63n;

function faultOf({ kind, bare }: Flag, value: string): string | undefined {
  const quoted = JSON.stringify(value);
  if (kind === "number") {
    if (!/^[+-]?\d+$/.test(value)) return `strconv.ParseInt: parsing ${quoted}: invalid syntax`;
    const isInside = BigInt(value) < MAX_NUMBER && BigInt(value) >= -MAX_NUMBER;
    return isInside ? undefined : `strconv.ParseInt: parsing ${quoted}: value out of range`;
  }
  // A text that is `true` where no value is given is a truth that is set by default.
  const isTruth = kind === "bool" || bare === "true";
  if (!isTruth || TRUE.test(value) || FALSE.test(value)) return undefined;
  return `strconv.ParseBool: parsing ${quoted}: invalid syntax`;
}

function checkRequired(declared: readonly Flag[], values: ReadonlyMap<string, unknown>): void {
  const missing = declared.filter((f) => f.required && !values.has(f.name)).map((f) => f.name);
  if (missing.length === 0) return;
  throw mistake(`required flag(s) ${missing.map((m) => `"${m}"`).join(", ")} not set`);
}

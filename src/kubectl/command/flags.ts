/**
 * Flags of a verb: declared, then parsed as kubectl's flag library does, refusals included.
 *
 * Follows: spf13/pflag as kubectl v1.35 uses it.
 */
import { CommandFailure, mistake } from "./failure.js";

/** What a flag takes: nothing, one text, or one text each time it is given. */
export type FlagKind = "bool" | "text" | "list";

/** A flag: its long name, its letter, what it takes; `bare` is what it means without a value. */
export interface Flag {
  readonly name: string;
  readonly letter?: string;
  readonly kind: FlagKind;
  readonly bare?: string;
  readonly required?: boolean;
}

/** Declares flags: `name`, `n:name` with a letter; `=` takes a text, `*` a list, else a boolean. */
export function flags(text: string): readonly Flag[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const match = /^(?:(.):)?([a-z-]+)([=*!]?)(?:\[(.*)\])?$/.exec(word);
      const [, letter, name = "", mark, bare] = match ?? [];
      const kind = mark === "*" ? "list" : mark === "" ? "bool" : "text";
      return {
        name,
        kind,
        ...(letter === undefined ? {} : { letter }),
        ...(bare === undefined ? {} : { bare }),
        ...(mark === "!" ? { required: true } : {}),
      };
    });
}

/** Flags that every verb takes. */
const GLOBAL = flags(
  "n:namespace= context= cluster= user= kubeconfig= s:server= v:v= request-timeout= h:help",
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

  /** The last value of a flag. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every value of a flag. */
  list(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Whether a boolean flag is set. */
  isSet(name: string): boolean {
    const value = this.text(name);
    return value !== undefined && value !== "false";
  }
}

/** Parses the words after a verb. Errors: `CommandFailure` as kubectl refuses them. */
export function parseArguments(
  verb: string,
  words: readonly string[],
  declared: readonly Flag[],
): Arguments {
  const all = [...declared, ...GLOBAL];
  const names: string[] = [];
  const values = new Map<string, string[]>();
  let rest: readonly string[] | undefined;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") {
      rest = queue.splice(0);
    } else if (word.startsWith("--")) parseLong(verb, word, { all, queue, values });
    else if (word.startsWith("-") && word !== "-") parseLetters(verb, word, { all, queue, values });
    else names.push(word);
  }
  checkRequired(declared, values);
  return new Arguments(verb, names, rest, values);
}

interface Parsing {
  readonly all: readonly Flag[];
  readonly queue: string[];
  readonly values: Map<string, string[]>;
}

function refuse(verb: string, text: string): CommandFailure {
  return mistake(`${text}\nSee 'kubectl ${verb} --help' for usage.`);
}

function parseLong(verb: string, word: string, { all, queue, values }: Parsing): void {
  const at = word.indexOf("=");
  const name = at < 0 ? word.slice(2) : word.slice(2, at);
  const flag = all.find((f) => f.name === name);
  if (flag === undefined) throw refuse(verb, `unknown flag: --${name}`);
  if (at >= 0) set(flag, word.slice(at + 1), values);
  else if (flag.kind === "bool" || flag.bare !== undefined) set(flag, flag.bare ?? "true", values);
  else {
    const value = queue.shift();
    if (value === undefined) throw refuse(verb, `flag needs an argument: --${name}`);
    set(flag, value, values);
  }
}

function parseLetters(verb: string, word: string, { all, queue, values }: Parsing): void {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] as string;
    const flag = all.find((f) => f.letter === letter);
    if (flag === undefined) {
      throw refuse(verb, `unknown shorthand flag: '${letter}' in -${word.slice(i)}`);
    }
    if (flag.kind === "bool" && word[i + 1] !== "=") {
      set(flag, "true", values);
      continue;
    }
    const glued = word.slice(i + 1).replace(/^=/, "");
    const value = i + 1 < word.length ? glued : queue.shift();
    if (value === undefined) {
      throw refuse(verb, `flag needs an argument: '${letter}' in -${word.slice(i)}`);
    }
    set(flag, value, values);
    return;
  }
}

function set(flag: Flag, value: string, values: Map<string, string[]>): void {
  const before = values.get(flag.name) ?? [];
  values.set(flag.name, flag.kind === "list" ? [...before, value] : [value]);
}

function checkRequired(declared: readonly Flag[], values: ReadonlyMap<string, unknown>): void {
  const missing = declared.filter((f) => f.required && !values.has(f.name)).map((f) => f.name);
  if (missing.length === 0) return;
  throw mistake(`required flag(s) ${missing.map((m) => `"${m}"`).join(", ")} not set`);
}

/** A flag that must be a whole number. */
export function wholeNumber(args: Arguments, name: string): number | undefined {
  const text = args.text(name);
  if (text === undefined) return undefined;
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  const message = `invalid argument "${text}" for "--${name}" flag: strconv.ParseInt: parsing "${text}": invalid syntax`;
  throw new CommandFailure(`error: ${message}\nSee 'kubectl ${args.verb} --help' for usage.`);
}

/**
 * One rule of iptables from its words: generic options (`-s`, `-p`, …), modules (`-m x` and their
 * options), and the target with its options. Options come in any order; one that several modules
 * know goes to the module that was named last.
 */
import { addrBits, type Family } from "../../../addr/index.js";
import type { IptablesMatch, IptablesRule, IptablesTarget } from "../../iptables.js";
import { protocolName } from "../../protocol-names.js";
import { type MatchModule, negated, type OptionReader } from "./modules/match-module.js";
import { memoryModules } from "./modules/memory-modules.js";
import { packetModules } from "./modules/packet-modules.js";
import { portModules } from "./modules/port-modules.js";
import {
  LineFault,
  maskNetwork,
  parseNetwork,
  parseProtocol,
  RuleReader,
} from "./modules/rule-reader.js";
import { stateModules } from "./modules/state-modules.js";
import type { TargetModule } from "./modules/target-module.js";
import { checkTarget, isUnmodelledTarget, targetModule } from "./modules/target-modules.js";

const MODULES: ReadonlyMap<string, MatchModule> = new Map(
  [...portModules, ...stateModules, ...packetModules, ...memoryModules].map((m) => [m.name, m]),
);

/** A module's match, and the module that knows its options; none for what we do not know. */
interface Loaded {
  readonly module: MatchModule | undefined;
  match: IptablesMatch;
  /** Where the match stands in the rule. */
  readonly index: number;
}

interface Unknown {
  readonly kind: "unknown";
  readonly module: string;
  words: string[];
}

/** Thrown inside when a module we know has an option we do not: it is read again as unknown. */
class UnknownOption extends Error {
  override readonly name = "UnknownOption";
}

/**
 * Reads the words of a rule from `start` on (what follows `-A CHAIN`).
 *
 * Errors: `LineFault`.
 */
export function parseRule(words: readonly string[], start: number, family: Family): IptablesRule {
  const unknown = new Set<string>();
  for (;;) {
    const parser = new RuleParser(new RuleReader(words, start), family, unknown);
    try {
      return parser.parse();
    } catch (error) {
      if (!(error instanceof UnknownOption)) throw error;
      unknown.add(error.message);
    }
  }
}

class RuleParser {
  readonly #reader: RuleReader;
  readonly #family: Family;
  readonly #unknown: ReadonlySet<string>;
  readonly #matches: IptablesMatch[] = [];
  readonly #loaded: Loaded[] = [];
  #target: IptablesTarget | undefined;
  #targetModule: TargetModule | undefined;
  #last: Unknown | undefined;
  #protocol = "";

  constructor(reader: RuleReader, family: Family, unknown: ReadonlySet<string>) {
    this.#reader = reader;
    this.#family = family;
    this.#unknown = unknown;
  }

  parse(): IptablesRule {
    while (!this.#reader.atEnd) {
      const not = this.#reader.peek() === "!";
      if (not) this.#reader.at++;
      this.#readOption(this.#reader.word("an option"), not);
    }
    if (this.#target === undefined) return { matches: this.#matches };
    checkTarget(this.#target);
    return { matches: this.#matches, target: this.#target };
  }

  #readOption(option: string, not: boolean): void {
    switch (option) {
      case "-m":
      case "--match":
        this.#load(this.#reader.word("a module"));
        return;
      case "-p":
      case "--protocol":
        this.#readProtocol(not);
        return;
      case "-s":
      case "--source":
      case "--src":
        this.#readNetwork("source", not);
        return;
      case "-d":
      case "--destination":
      case "--dst":
        this.#readNetwork("destination", not);
        return;
      case "-i":
      case "--in-interface":
        this.#add(negated({ kind: "in-interface", link: this.#readLink() } as const, not));
        return;
      case "-o":
      case "--out-interface":
        this.#add(negated({ kind: "out-interface", link: this.#readLink() } as const, not));
        return;
      case "-f":
      case "--fragment":
        this.#add(negated({ kind: "fragment" } as const, not));
        return;
      case "-j":
      case "--jump":
        this.#readTarget(this.#reader.word("a target"));
        return;
      case "-g":
      case "--goto":
        this.#target = { kind: "goto", chain: this.#reader.word("a chain") };
        return;
      default:
        this.#readModuleOption(option, not);
    }
  }

  #add(match: IptablesMatch): void {
    this.#matches.push(match);
    this.#last = undefined;
  }

  #readLink(): string {
    const link = this.#reader.word("a link");
    if (link.length > 15) throw new LineFault("bad-link", "too long a name", link, "15 characters");
    return link;
  }

  #readProtocol(not: boolean): void {
    const number = parseProtocol(this.#reader.word("a protocol"));
    if (number === 0) {
      if (not) throw new LineFault("bad-protocol", "no protocol is left", "! all");
      return;
    }
    const protocol = protocolName(number);
    if (!not) this.#protocol = protocol;
    this.#add(negated({ kind: "protocol", protocol } as const, not));
  }

  #readNetwork(kind: "source" | "destination", not: boolean): void {
    const word = this.#reader.word("an address");
    const prefix = parseNetwork(word);
    if (prefix === undefined) {
      const masked = maskNetwork(word);
      const words = [...(not ? ["!"] : []), kind === "source" ? "-s" : "-d", masked];
      this.#add({ kind: "unknown", module: kind, words });
      return;
    }
    if (prefix.family !== this.#family) {
      throw new LineFault("bad-address", "an address of the other family", word);
    }
    if (prefix.bits === 0 && !not) return;
    const isLongForm = prefix.bits === addrBits(prefix.family) && word.includes("/");
    const match = isLongForm
      ? ({ kind, prefix, spelling: "prefix" } as const)
      : ({ kind, prefix } as const);
    this.#add(negated(match, not));
  }

  #load(name: string): Loaded {
    const module = this.#unknown.has(name) ? undefined : MODULES.get(name);
    const match = module?.start() ?? { kind: "unknown" as const, module: name, words: [] };
    const loaded = { module, match, index: this.#matches.length };
    this.#add(match);
    this.#loaded.push(loaded);
    if (match.kind === "unknown") this.#last = match as Unknown;
    return loaded;
  }

  #readTarget(name: string): void {
    this.#last = undefined;
    this.#targetModule = targetModule(name);
    if (this.#targetModule !== undefined) {
      this.#target = this.#targetModule.start();
    } else if (isUnmodelledTarget(name)) {
      this.#last = { kind: "unknown", module: name, words: [] };
      this.#target = this.#last;
    } else {
      this.#target = { kind: "jump", chain: name };
    }
  }

  #readModuleOption(option: string, not: boolean): void {
    if (!option.startsWith("--")) {
      throw new LineFault("unexpected-word", "not an option", option, "an option");
    }
    const ofTarget = this.#targetModule?.option(option);
    if (ofTarget !== undefined && this.#target !== undefined && !not) {
      ofTarget(this.#target, this.#reader);
      return;
    }
    if (this.#last !== undefined) {
      this.#keepWords(this.#last, option, not);
      return;
    }
    for (let at = this.#loaded.length - 1; at >= 0; at--) {
      const loaded = this.#loaded[at] as Loaded;
      const read = loaded.module?.option(option);
      if (read !== undefined) {
        this.#readInto(loaded, read, not);
        return;
      }
    }
    this.#readForeignOption(option, not);
  }

  #readInto(loaded: Loaded, read: OptionReader<IptablesMatch>, not: boolean): void {
    const replaced = read(loaded.match, this.#reader, not) as IptablesMatch | undefined;
    if (replaced === undefined) return;
    loaded.match = replaced;
    this.#matches[loaded.index] = replaced;
  }

  /** An option of a module that was not named: of the protocol's own, or of nobody. */
  #readForeignOption(option: string, not: boolean): void {
    const name = this.#protocol === "ipv6-icmp" ? "icmp6" : this.#protocol;
    const isLoaded = this.#loaded.some((l) => l.module?.name === name);
    const read = isLoaded ? undefined : MODULES.get(name)?.option(option);
    if (read !== undefined && !this.#unknown.has(name)) {
      this.#readInto(this.#load(name), read, not);
      return;
    }
    const named = this.#loaded.at(-1)?.module?.name;
    if (this.#target?.kind === "jump") {
      const target: Unknown = { kind: "unknown", module: this.#target.chain, words: [] };
      this.#target = target;
      this.#last = target;
      this.#keepWords(target, option, not);
      return;
    }
    if (this.#target !== undefined || named === undefined) {
      throw new LineFault("unknown-option", "nobody knows this option", option);
    }
    throw new UnknownOption(named);
  }

  #keepWords(unknown: Unknown, option: string, not: boolean): void {
    const words = [...(not ? ["!"] : []), option];
    for (;;) {
      const next = this.#reader.peek();
      if (next === undefined || next === "!" || /^-{1,2}[A-Za-z]/.test(next)) break;
      words.push(this.#reader.word("a word"));
    }
    unknown.words.push(...words);
  }
}

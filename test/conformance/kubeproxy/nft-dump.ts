/** A table that `nft -f` input of kube-proxy is applied to, and its dump in the order of the vectors. */

interface Chain {
  readonly line: string;
  rules: string[];
}

interface Container {
  readonly line: string;
  elements: Map<string, string>;
}

/** One table. */
export class NftDump {
  #table = "";
  readonly chains = new Map<string, Chain>();
  readonly containers = new Map<string, Container>();

  /** Applies operations, one a line. */
  apply(text: string): void {
    for (const line of text.split("\n")) if (line !== "") this.#applyLine(line);
  }

  /** All objects as `add` lines, sorted. */
  print(): string {
    const containers = [...this.containers.values()];
    return normaliseNft(
      [
        this.#table,
        ...[...this.chains.values()].flatMap((c) => [c.line, ...c.rules]),
        ...containers.flatMap((c) => [c.line, ...c.elements.values()]),
      ].join("\n"),
    );
  }

  /** The value of an element, "" in sets, undefined when it is not there. */
  lookup(container: string, key: string): string | undefined {
    const line = this.containers.get(container)?.elements.get(key);
    if (line === undefined) return undefined;
    return / : (.*) }$/.exec(line)?.[1] ?? "";
  }

  #applyLine(line: string): void {
    const [verb = "", kind = "", , , name = ""] = line.split(" ");
    if (kind === "table") this.#table = line;
    else if (kind === "chain") this.#applyChain(verb, name, line);
    else if (kind === "rule") must(this.chains.get(name), line).rules.push(line);
    else if (kind === "element") this.#applyElement(verb, name, line);
    else this.#applyContainer(verb, name, line);
  }

  #applyChain(verb: string, name: string, line: string): void {
    const chain = this.chains.get(name);
    if (verb === "add")
      this.chains.set(name, { line: chain?.line ?? line, rules: chain?.rules ?? [] });
    else if (verb === "flush") must(chain, line).rules = [];
    else if (must(chain, line).rules.length > 0) throw new Error(`not empty: ${line}`);
    else this.chains.delete(name);
  }

  #applyContainer(verb: string, name: string, line: string): void {
    const old = this.containers.get(name);
    if (verb === "add") {
      if (old === undefined) this.containers.set(name, { line, elements: new Map() });
    } else if (verb === "flush") must(old, line).elements.clear();
    else {
      must(old, line);
      this.containers.delete(name);
    }
  }

  #applyElement(verb: string, name: string, line: string): void {
    const { elements } = must(this.containers.get(name), line);
    const key = / \{ (.*?)(?: comment ".*?")?(?: : .*)? \}$/.exec(line)?.[1] ?? "";
    if (verb === "delete") must(elements.get(key), line);
    if (verb === "add") elements.set(key, line);
    else elements.delete(key);
  }
}

function must<T>(value: T | undefined, line: string): T {
  if (value === undefined) throw new Error(`what this is about is not there: ${line}`);
  return value;
}

const ORDER = ["table", "chain", "rule", "set", "map", "element"];

/** Sorts a dump as the vectors do: by kind, by name, then by line, rules as they stand. */
export function normaliseNft(text: string): string {
  const lines = text.split("\n").filter((l) => l !== "" && !l.startsWith("#"));
  const keyed = lines.map((line) => ({ line, words: line.split(" ") }));
  keyed.sort((a, b) => {
    const kind = ORDER.indexOf(a.words[1] ?? "") - ORDER.indexOf(b.words[1] ?? "");
    const name = compare(a.words[4] ?? "", b.words[4] ?? "");
    return kind || name || (a.words[1] === "rule" ? 0 : compare(a.line, b.line));
  });
  return keyed.map(({ line }) => `${line}\n`).join("");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

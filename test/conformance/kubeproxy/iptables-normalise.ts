/** Brings restore input to the order of the vectors: Go's map order is not part of the answer. */

/** How the rules of the shared chains are sorted. */
export interface NormaliseOptions {
  /** Chains whose rules come in any order between Services. */
  readonly sorted: readonly string[];
  /** What of a comment names the Service. */
  readonly keyOf: (comment: string) => string;
}

/** As the golden texts are. */
export const GOLDEN: NormaliseOptions = {
  sorted: ["KUBE-NODEPORTS", "KUBE-SERVICES"],
  keyOf: (comment) => /^[^ :]*/.exec(comment)?.[0] ?? "",
};

/** As the texts of the random clusters are. */
export const CLUSTER: NormaliseOptions = {
  sorted: ["KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-PROXY-FIREWALL"],
  keyOf: (comment) => /^[^/ ]+\/[^ ]+/.exec(comment)?.[0] ?? "",
};

/** Sorts tables, chains and, where the order means nothing, rules. */
export function normaliseIptables(text: string, options: NormaliseOptions): string {
  const tables = [...text.matchAll(/^\*(\w+)\n(.*?)^COMMIT\n/gms)];
  return tables
    .toSorted((a, b) => ((a[1] ?? "") < (b[1] ?? "") ? -1 : 1))
    .map(([, name, body]) => `*${name}\n${normaliseTable(body ?? "", options)}COMMIT\n`)
    .join("");
}

function normaliseTable(body: string, options: NormaliseOptions): string {
  const lines = body.split("\n").filter((l) => l !== "");
  const declared = lines.filter((l) => l.startsWith(":"));
  const chains = declared.map((l) => l.slice(1).split(" ")[0] ?? "").sort(byChain);
  const rules = chains.flatMap((chain) => {
    const own = lines.filter((l) => l.startsWith(`-A ${chain} `));
    return options.sorted.includes(chain) ? sortRules(own, options) : own;
  });
  const deleted = lines
    .filter((l) => l.startsWith("-X "))
    .sort((a, b) => byChain(a.slice(3), b.slice(3)));
  return [...chains.map((c) => `:${c} - [0:0]`), ...rules, ...deleted]
    .map((l) => `${l}\n`)
    .join("");
}

function sortRules(lines: readonly string[], { keyOf }: NormaliseOptions): string[] {
  const isLast = (l: string) => l.includes("must be the last rule");
  const key = (l: string) =>
    keyOf(/--comment (?:"([^"]*)"|(\S+))/.exec(l)?.slice(1).find(Boolean) ?? "");
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [
    ...lines.filter((l) => !isLast(l)).toSorted((a, b) => compare(key(a), key(b))),
    ...lines.filter(isLast).toSorted(compare),
  ];
}

function rank(chain: string): number {
  const at = ["KUBE-NODEPORTS", "KUBE-SERVICES"].indexOf(chain);
  return at >= 0 ? at : chain.startsWith("KUBE-") ? 2 : 3;
}

function byChain(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** The first line in which two texts differ, or undefined. */
export function firstDifference(ours: string, theirs: string): string | undefined {
  if (ours === theirs) return undefined;
  const left = ours.split("\n");
  const right = theirs.split("\n");
  const at = left.findIndex((l, i) => l !== right[i]);
  const line = at < 0 ? left.length : at;
  return `line ${line + 1}: ours ${JSON.stringify(left[line])}, theirs ${JSON.stringify(right[line])}`;
}

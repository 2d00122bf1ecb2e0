/**
 * Comparing what a command wrote with a recording in which what varies is replaced: `<age>`,
 * `<cluster-ip>` and so on. The recording is the pattern; a placeholder stands for any text of its
 * form, and for nothing else.
 */

const IP = String.raw`(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*(?::[0-9a-f]*){2,7})`;

/** What each placeholder may stand for. */
const FORMS: Readonly<Record<string, string>> = {
  age: String.raw`\d+[smhdy](?:\d+[smhd])?`,
  time: String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`,
  date: String.raw`(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC)`,
  uid: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
  version: String.raw`\d+`,
  "cluster-ip": IP,
  "node-port": String.raw`\d{5}`,
  "pod-ip": IP,
  node: "node-[12]",
  "node-ip": IP,
  "api-server": `${IP}(?::\\d+)?`,
  hash: "[0-9a-z]{1,10}",
  id: "[0-9a-z]{5}",
};

const PLACEHOLDER = new RegExp(`<(${Object.keys(FORMS).join("|")})>`);

/**
 * Compares line by line, runs of spaces taken as one. Rows that carry a replaced end of a generated
 * name stand in the order of that end, so neighbouring rows of that sort may come in any order.
 *
 * Returns: undefined for equal texts, or the first lines that differ.
 */
export function compareTexts(expected: string, ours: string): string | undefined {
  const [wanted, have] = [linesOf(expected), [...linesOf(ours)]];
  for (let i = 0; i < Math.max(wanted.length, have.length); i++) {
    const line = wanted[i];
    const at = line === undefined ? -1 : findRow(wanted, have, i);
    if (at < 0) {
      return `line ${i + 1}\nours:     ${have[i] ?? "(none)"}\nexpected: ${line ?? "(none)"}`;
    }
    [have[i], have[at]] = [have[at] as string, have[i] as string];
  }
  return undefined;
}

const GENERATED = /<(?:hash|id)>/;

/** The first of our rows that a line may stand for; -1 for none. */
function findRow(wanted: readonly string[], have: readonly string[], i: number): number {
  const line = wanted[i] as string;
  const pattern = patternOf(line);
  for (let at = i; at < have.length && at < wanted.length; at++) {
    if (at > i && !(GENERATED.test(line) && GENERATED.test(wanted[at] as string))) return -1;
    const got = have[at] as string;
    if (got === line || pattern.test(got)) return at;
  }
  return -1;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.replace(/ +/g, " ").trimEnd());
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function patternOf(line: string): RegExp {
  const parts = line.split(PLACEHOLDER);
  const source = parts.map((part, i) =>
    i % 2 === 1 ? FORMS[part] : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`);
}

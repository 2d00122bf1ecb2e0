/**
 * Lines with tabs, laid out as `kubectl describe` does: cells of neighbouring lines that end in a tab
 * share a width.
 *
 * Follows: Go's text/tabwriter with a least width of 0 and two spaces of padding.
 */
import { civilOf, parseTime } from "../../objects/index.js";
import { compareText } from "../tables/labels.js";

/** Spaces after the widest cell of a column. */
const PADDING = 2;

/** Collects lines. */
export class DescribeWriter {
  #text = "";
  /** What is laid out already. */
  #done = "";

  /** Writes a line, two spaces deeper for each level. */
  line(level: number, text: string): void {
    this.#text += `${"  ".repeat(level)}${text}\n`;
  }

  /** Writes a title and values below each other: `Labels:  a=1`. */
  lines(title: string, values: readonly string[]): void {
    if (values.length === 0) this.line(0, `${title}:\t<none>`);
    values.forEach((value, i) => {
      this.line(0, `${i === 0 ? `${title}:` : ""}\t${value}`);
    });
  }

  /** Writes labels, sorted. */
  labels(title: string, labels: Readonly<Record<string, string>> | undefined): void {
    const keys = Object.keys(labels ?? {}).sort(compareText);
    this.lines(
      title,
      keys.map((key) => `${key}=${labels?.[key]}`),
    );
  }

  /** Writes annotations, sorted; what kubectl keeps for itself is left out. */
  annotations(title: string, annotations: Readonly<Record<string, string>> | undefined): void {
    const keys = Object.keys(annotations ?? {})
      .filter((key) => key !== "kubectl.kubernetes.io/last-applied-configuration")
      .sort(compareText);
    this.lines(
      title,
      keys.flatMap((key) => annotationLines(key, annotations?.[key] ?? "")),
    );
  }

  /** Writes text as it is, tabs and line breaks included. */
  raw(text: string): void {
    this.#text += text;
  }

  /** Lays out what was written so far; lines after it are laid out for themselves. */
  flush(): void {
    this.#done += layOutTabs(this.#text.split("\n"));
    this.#text = "";
  }

  /** All lines since the last lay-out, tabs and all. */
  plain(): string {
    return this.#text;
  }

  /** All lines, laid out. */
  toString(): string {
    return this.#done + layOutTabs(this.#text.split("\n"));
  }
}

/** Longest annotation on a line of its own key. */
const MAX_ANNOTATION = 140;

function annotationLines(key: string, text: string): readonly string[] {
  const value = text.replace(/\n$/, "");
  const isLong = value.length + key.length + 2 > MAX_ANNOTATION || value.includes("\n");
  if (!isLong) return [`${key}: ${value}`];
  const shorten = (s: string) =>
    s.length > MAX_ANNOTATION - 2 ? `${s.slice(0, MAX_ANNOTATION - 2)}...` : s;
  return [`${key}:`, ...value.split("\n").map((s) => `  ${shorten(s)}`)];
}

/** Lays out lines whose cells end in tabs. */
export function layOutTabs(lines: readonly string[]): string {
  const rows = lines.map((line) => line.split("\t"));
  const widths = rows.map((row) => row.map(() => 0));
  const columns = Math.max(...rows.map((row) => row.length)) - 1;
  for (let column = 0; column < columns; column++) {
    let start = 0;
    for (let i = 0; i <= rows.length; i++) {
      const isInside = i < rows.length && (rows[i] as string[]).length > column + 1;
      if (isInside) continue;
      const block = rows.slice(start, i);
      const width =
        Math.max(0, ...block.map((row) => [...(row[column] as string)].length)) + PADDING;
      for (let j = start; j < i; j++) (widths[j] as number[])[column] = width;
      start = i + 1;
    }
  }
  return rows
    .map((row, i) =>
      row
        .map((cell, j) => {
          if (j === row.length - 1) return cell;
          const width = (widths[i] as number[])[j] as number;
          return cell + " ".repeat(Math.max(0, width - [...cell].length));
        })
        .join(""),
    )
    .join("\n");
}

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `Mon, 02 Jan 2006 15:04:05 +0000`. */
export function longTime(text: string | undefined): string {
  const seconds = parseTime(text ?? "");
  if (seconds === undefined) return "Mon, 01 Jan 0001 00:00:00 +0000";
  const c = civilOf(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${DAYS[c.weekday]}, ${two(c.day)} ${MONTHS[c.month - 1]} ${c.year}`;
  return `${date} ${two(c.hour)}:${two(c.minute)}:${two(c.second)} +0000`;
}

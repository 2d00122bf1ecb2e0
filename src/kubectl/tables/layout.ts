/**
 * Cells to text, as Go's tabwriter lays them out for kubectl: every column as wide as its widest
 * cell and three spaces, the last one open.
 */

/** Space after a column, and the least width of one with that space (kubectl's tab writer). */
const PADDING = 3;
const LEAST_WIDTH = 6;

/** Lays out rows of equal length. */
export function layOut(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? LEAST_WIDTH, [...cell].length + PADDING);
    });
  }
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : pad(cell, widths[i] as number))).join(""),
  );
  return lines.map((line) => `${line}\n`).join("");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(width - [...cell].length);
}

/** A cell of one line: what follows a line break is cut off. */
export function oneLine(cell: string): string {
  const at = cell.search(/[\f\n\r]/);
  return at < 0 ? cell : `${cell.slice(0, at)}...`;
}

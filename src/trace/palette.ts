/** Colours as functions, handed in by whoever knows the terminal. */

/** Wraps text in the signs of a colour, or leaves it. */
export type Paint = (text: string) => string;

/** The colours of a rendering. */
export interface Palette {
  /** Names of namespaces and headings. */
  readonly strong: Paint;
  /** What a reader skims over. */
  readonly quiet: Paint;
  /** Arrival, acceptance. */
  readonly good: Paint;
  /** Loss, refusal. */
  readonly bad: Paint;
  /** Something about the packet changed. */
  readonly change: Paint;
  /** The object that something comes from. */
  readonly origin: Paint;
}

const same: Paint = (text) => text;

/** No colours. */
export const PLAIN_PALETTE: Palette = {
  strong: same,
  quiet: same,
  good: same,
  bad: same,
  change: same,
  origin: same,
};

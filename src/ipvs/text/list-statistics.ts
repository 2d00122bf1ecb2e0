/** What `ipvsadm -Ln --stats` and `ipvsadm -Ln --rate` print. */
import type { Ipvs } from "../ipvs.js";
import { COUNTED, type Counts, type Statistics } from "../service/statistics.js";
import { PROTOCOLS, VERSION, WIDTHS } from "./list.js";
import { printEnd } from "./options.js";
import { sortServers, sortServices } from "./sort.js";

/** Which numbers are shown, and how. */
export interface StatisticsOptions {
  /** `--stats`: all so far; `--rate`: per second. */
  readonly show: "stats" | "rate";
  /** `--exact`: large numbers in full. */
  readonly isExact: boolean;
  /** Simulated microseconds. */
  readonly nowUs: number;
}

/** Widths of ipvsadm.c `print_title`, `print_largenum`. */
const TITLE_WIDTH = 33;
const NUMBER_WIDTH = 8;

const TITLES = {
  stats: ["Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"],
  rate: ["CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"],
} as const;

/** What stands over such a list. */
export function statisticsHeading(show: StatisticsOptions["show"]): string {
  const columns = TITLES[show].map((title) => ` ${title.padStart(NUMBER_WIDTH)}`).join("");
  const title = "Prot LocalAddress:Port".padEnd(TITLE_WIDTH);
  return `${VERSION}\n${title}${columns}\n  -> RemoteAddress:Port\n`;
}

/**
 * Prints virtual servers with their real servers and what went through them.
 *
 * Follows: ipvsadm 1.31 ipvsadm.c `print_service_entry`, `print_largenum`.
 */
export function listStatistics(ipvs: Ipvs, { show, isExact, nowUs }: StatisticsOptions): string {
  const print = (title: string, statistics: Statistics) => {
    const numbers = show === "stats" ? statistics.counts : statistics.ratesAt(nowUs);
    return `${title.padEnd(TITLE_WIDTH)}${printNumbers(numbers, isExact)}\n`;
  };
  const lines = sortServices(ipvs.services.all()).flatMap((service) => [
    print(`${PROTOCOLS[service.protocol].padEnd(4)} ${printEnd(service)}`, service.statistics),
    ...sortServers(service.servers).map((server) =>
      print(`  -> ${printEnd(server).padEnd(WIDTHS.server)}`, server.statistics),
    ),
  ]);
  return `${statisticsHeading(show)}${lines.join("")}`;
}

function printNumbers(numbers: Counts, isExact: boolean): string {
  return COUNTED.map((what) => (isExact ? printExact : printShort)(numbers[what])).join("");
}

function printExact(number: number): string {
  return ` ${String(number).padStart(NUMBER_WIDTH)}`;
}

/** From so many on, numbers are shown in thousands, millions, and so on. */
const UNITS = [
  { from: 1e14, of: 1e12, letter: "T" },
  { from: 1e11, of: 1e9, letter: "G" },
  { from: 1e9, of: 1e6, letter: "M" },
  { from: 1e8, of: 1e3, letter: "K" },
] as const;

function printShort(number: number): string {
  const unit = UNITS.find(({ from }) => number >= from);
  if (unit === undefined) return printExact(number);
  return `${String(Math.floor(number / unit.of)).padStart(NUMBER_WIDTH)}${unit.letter}`;
}

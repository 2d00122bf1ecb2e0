/** The plugin's own unit tables: ranges, iterators, sequences, configurations. */
import { parseAddr, parsePrefix } from "../../../src/addr/index.js";
import {
  addLease,
  candidates,
  canonicalRange,
  canonicalRangeSet,
  deleteLease,
  type Leases,
  type NetworkConfig,
  NO_LEASES,
  overlaps,
  printRange,
  printRangeSet,
  type RangeSet,
  type RangeText,
  rangeContains,
  rangeFor,
  readConfig,
} from "../../../src/ipam/index.js";
import type { Report } from "../suite.js";

interface AddRow {
  readonly subnets: readonly string[];
  readonly reserved: Readonly<Record<string, string>>;
  readonly lastReserved?: string;
  readonly expect?: string;
}

interface Sequence {
  readonly name: string;
  readonly ranges: readonly RangeText[];
  readonly ops: readonly {
    readonly add?: string;
    readonly release?: string;
    readonly requested?: string;
    readonly expect?: string;
    readonly expectError?: string | true;
  }[];
}

interface Tables {
  readonly roundRobin: { readonly rows: readonly AddRow[] };
  readonly exhausted: { readonly rows: readonly AddRow[] };
  readonly iterator: {
    readonly rangeSet: readonly RangeText[];
    readonly rows: readonly { lastReserved: string | null; yields: readonly (string | null)[] }[];
  };
  readonly sequences: readonly Sequence[];
  readonly canonicalizeRange: {
    readonly rows: readonly { in: RangeText; out?: RangeText; error?: string }[];
  };
  readonly contains: readonly { range: RangeText; rows: readonly [string, boolean][] }[];
  readonly overlaps: { readonly rows: readonly [RangeText, RangeText, boolean][] };
  readonly rangeSet: readonly {
    ranges: readonly string[];
    contains?: string;
    rangeFor?: number | string;
    error?: string;
  }[];
  readonly loadConfig: {
    readonly rows: readonly {
      name: string;
      stdin: NetworkConfig;
      args?: string;
      cniArgs?: string;
      ranges?: readonly (readonly RangeText[])[];
      requested?: readonly string[];
      error?: string;
    }[];
  };
}

export function runHostLocalTables(id: string, tables: Tables, report: Report) {
  tables.roundRobin.rows.forEach((row, n) => {
    report.check(`${id}/roundRobin/${n}`, () => same(addOnce(row), row.expect ?? ""));
  });
  tables.exhausted.rows.forEach((row, n) => {
    const expected = "failed to allocate for range 0: no IP addresses available in range set";
    report.check(`${id}/exhausted/${n}`, () => starts(addOnce(row), expected));
  });
  tables.iterator.rows.forEach((row, n) => {
    report.check(`${id}/iterator/${n}`, () => runIterator(tables.iterator.rangeSet, row));
  });
  for (const sequence of tables.sequences) {
    report.check(`${id}/sequences/${sequence.name}`, () => runSequence(sequence));
  }
  tables.canonicalizeRange.rows.forEach((row, n) => {
    const expected = row.out === undefined ? `error: ${row.error}` : rangeText(row.out);
    report.check(`${id}/canonicalizeRange/${n}`, () => same(canonical(row.in), expected));
  });
  runRangeTables(id, tables, report);
  for (const row of tables.loadConfig.rows) {
    report.check(`${id}/loadConfig/${row.name}`, () => runLoadConfig(row));
  }
}

function runRangeTables(id: string, tables: Tables, report: Report) {
  tables.contains.forEach(({ range, rows }, n) => {
    for (const [addr, expected] of rows) {
      const got = () => rangeContains(canonicalRange(range), parseAddr(addr));
      report.check(`${id}/contains/${n}/${addr}`, () => same(String(got()), String(expected)));
    }
  });
  tables.overlaps.rows.forEach(([a, b, expected], n) => {
    report.check(`${id}/overlaps/${n}`, () => {
      const [x, y] = [canonicalRange(a), canonicalRange(b)];
      return same(`${overlaps(x, y)} ${overlaps(y, x)}`, `${expected} ${expected}`);
    });
  });
  tables.rangeSet.forEach((row, n) => {
    report.check(`${id}/rangeSet/${n}`, () => runRangeSet(row));
  });
}

function runRangeSet(row: Tables["rangeSet"][number]): string | undefined {
  const set = attemptSet(() => canonicalRangeSet(row.ranges.map((subnet) => ({ subnet }))));
  if (typeof set === "string") return same(set, row.error ?? "");
  const addr = parseAddr(row.contains ?? String(row.rangeFor));
  const found = rangeFor(set, addr);
  if (found === undefined)
    return same(`${addr} not in range set ${printRangeSet(set)}`, row.error ?? "");
  return same(String(set.indexOf(found)), String(row.rangeFor));
}

function attemptSet(make: () => RangeSet): RangeSet | string {
  try {
    return make();
  } catch (error) {
    return (error as Error).message;
  }
}

function addOnce(row: AddRow): string {
  const files: [string, string][] = Object.entries(row.reserved).map(([addr, id]) => [addr, id]);
  if (row.lastReserved) files.push(["last_reserved_ip.0", row.lastReserved]);
  const sets = [canonicalRangeSet(row.subnets.map((subnet) => ({ subnet })))];
  const holder = { containerId: "ID", ifname: "eth0" };
  const outcome = addLease(new Map(files), { sets, requested: [], routes: [] }, holder);
  return outcome.refusal?.message ?? String(outcome.ips?.[0]?.address.addr);
}

function runIterator(
  ranges: readonly RangeText[],
  row: { lastReserved: string | null; yields: readonly (string | null)[] },
) {
  const set = canonicalRangeSet(ranges);
  const all = [...candidates(set, row.lastReserved ?? undefined)].map(({ addr }) => `${addr}`);
  return same(JSON.stringify([...all, null]), JSON.stringify(row.yields));
}

function runSequence({ ranges, ops }: Sequence): string | undefined {
  let leases: Leases = NO_LEASES;
  const sets = [canonicalRangeSet(ranges)];
  for (const op of ops) {
    const holder = { containerId: op.add ?? op.release ?? "", ifname: "eth0" };
    if (op.release !== undefined) {
      leases = deleteLease(leases, holder).leases;
      continue;
    }
    const requested = op.requested === undefined ? [] : [parseAddr(op.requested)];
    const outcome = addLease(leases, { sets, requested, routes: [] }, holder);
    leases = outcome.leases;
    const got = outcome.refusal?.message ?? String(outcome.ips?.[0]?.address);
    const fault = matches(got, op, outcome.refusal !== undefined);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function matches(got: string, op: Sequence["ops"][number], refused: boolean) {
  if (op.expectError === undefined) return same(got, op.expect ?? "");
  if (!refused) return `accepted what should be refused: ${got}`;
  const text = op.expectError === true ? "" : op.expectError;
  return got.includes(text) ? undefined : `expected ${text}, got ${got}`;
}

function canonical(text: RangeText): string {
  try {
    const range = canonicalRange(text);
    return `${range.subnet} ${printRange(range)} ${range.gateway}`;
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}

function rangeText(range: RangeText): string {
  const { subnet, rangeStart = "", rangeEnd = "", gateway = "" } = range;
  const [start, end, gw] = [rangeStart, rangeEnd, gateway].map(parseAddr);
  return `${parsePrefix(subnet)} ${start}-${end} ${gw}`;
}

function runLoadConfig(row: Tables["loadConfig"]["rows"][number]): string | undefined {
  try {
    const config = readConfig(row.stdin, row.args ?? row.cniArgs ?? "");
    if (row.error !== undefined) return `accepted what should be refused: ${row.error}`;
    const faults = [compareSets(config.sets, row.ranges)];
    if (row.requested !== undefined) {
      faults.push(same(config.requested.join(" "), row.requested.join(" ")));
    }
    return faults.find((fault) => fault !== undefined);
  } catch (error) {
    return same((error as Error).message, row.error ?? "no refusal");
  }
}

function compareSets(sets: readonly RangeSet[], expected: Rows["ranges"]): string | undefined {
  if (expected === undefined) return undefined;
  const got = sets.map((set) => set.map((r) => `${r.subnet} ${printRange(r)} ${r.gateway}`));
  return same(JSON.stringify(got), JSON.stringify(expected.map((set) => set.map(rangeText))));
}

type Rows = Tables["loadConfig"]["rows"][number];

function same(got: string, expected: string): string | undefined {
  return got === expected ? undefined : `expected ${expected}, got ${got}`;
}

function starts(got: string, expected: string): string | undefined {
  return got.startsWith(expected) ? undefined : `expected ${expected}…, got ${got}`;
}

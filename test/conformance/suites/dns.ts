/**
 * dns: every question of every case is answered as CoreDNS' kubernetes plugin answers it: all three
 * sections, the answer code, the authoritative bit.
 */
import type { EndpointSlice, Namespace, Service } from "../../../src/objects/index.js";
import {
  ClusterDns,
  type DnsRecord,
  printRecord,
  type RecordType,
} from "../../../src/simulation/index.js";
import { listFiles, readJson } from "../files.js";
import type { Suite } from "../suite.js";

interface Expected {
  readonly question: readonly [string, RecordType];
  readonly rcode: string;
  readonly authoritative?: boolean;
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
}

interface DnsCase {
  readonly seed: number;
  readonly namespaces: readonly Namespace[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly questions: readonly Expected[];
}

function isDnsCase(value: unknown): value is DnsCase {
  return typeof value === "object" && value !== null && "questions" in value && "services" in value;
}

/** Runs every question of every case below a folder. */
export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const value = readJson<unknown>(file);
    const cases = (Array.isArray(value) ? value : [value]).filter(isDnsCase);
    for (const dnsCase of cases) {
      const dns = new ClusterDns(dnsCase);
      for (const expected of dnsCase.questions) {
        const id = `${file}#${dnsCase.seed} ${expected.question.join(" ")}`;
        report.check(id, () => compare(dns, expected));
      }
    }
  }
};

function compare(dns: ClusterDns, expected: Expected): string | undefined {
  const [name, type] = expected.question;
  const got = dns.answer({ name, type });
  const want = {
    rcode: expected.rcode,
    authoritative: expected.authoritative ?? false,
    answer: sorted(expected.answer),
    authority: sorted(expected.authority),
    additional: sorted(expected.additional),
  };
  const have = {
    rcode: got?.rcode ?? "FALLTHROUGH",
    authoritative: got?.authoritative ?? false,
    answer: print(got?.answer),
    authority: print(got?.authority),
    additional: print(got?.additional),
  };
  const [a, b] = [JSON.stringify(want), JSON.stringify(have)];
  return a === b ? undefined : `want ${a}\n have ${b}`;
}

function print(records: readonly DnsRecord[] = []): string[] {
  return sorted(records.map((r) => (r.type === "SOA" ? `SOA ${r.name}` : printRecord(r))));
}

function sorted(lines: readonly string[] = []): string[] {
  return [...lines].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Random calls of the host-local plugin, with the files it left. */
import {
  addLease,
  checkLease,
  deleteLease,
  type Leases,
  type NetworkConfig,
  NO_LEASES,
  readConfig,
} from "../../../src/ipam/index.js";
import type { Report } from "../suite.js";

interface Operation {
  readonly cmd: "ADD" | "DEL" | "CHECK";
  readonly id: string;
  readonly ifname: string;
  readonly requestedIP?: string;
  readonly ips?: readonly { address: string; gateway: string }[];
  readonly error?: { code: number; msg: string };
}

interface RandomCase {
  readonly config: NetworkConfig & { readonly name: string };
  readonly ops: readonly Operation[];
  readonly filesFinal: Readonly<Record<string, string>>;
}

export function runHostLocalRandom(id: string, file: { cases: RandomCase[] }, report: Report) {
  file.cases.forEach((one, index) => {
    report.check(`${id}/${index}`, () => runCase(one));
  });
}

function runCase({ config, ops, filesFinal }: RandomCase): string | undefined {
  let leases: Leases = NO_LEASES;
  for (const [index, op] of ops.entries()) {
    const { leases: next, answer } = carryOut(leases, config, op);
    leases = next;
    const expected = JSON.stringify(op.error ?? op.ips ?? null);
    if (answer !== expected) return `operation ${index}: expected ${expected}, got ${answer}`;
  }
  return compareFiles(config.name, leases, filesFinal);
}

function carryOut(leases: Leases, config: RandomCase["config"], op: Operation) {
  const holder = { containerId: op.id, ifname: op.ifname };
  if (op.cmd === "DEL") return { leases: deleteLease(leases, holder).leases, answer: "null" };
  if (op.cmd === "CHECK") return { leases, answer: answerOf(checkLease(leases, holder)) };
  const args = op.requestedIP === undefined ? "" : `IP=${op.requestedIP}`;
  const outcome = addLease(leases, readConfig(config, args), holder);
  const ips = outcome.ips?.map(({ address, gateway }) => ({
    address: `${address}`,
    gateway: `${gateway}`,
  }));
  return { leases: outcome.leases, answer: answerOf(outcome.refusal, ips) };
}

function answerOf(refusal: { code: string; message: string } | undefined, ips?: unknown): string {
  if (refusal === undefined) return JSON.stringify(ips ?? null);
  return JSON.stringify({ code: Number(refusal.code), msg: refusal.message });
}

function compareFiles(name: string, leases: Leases, expected: Readonly<Record<string, string>>) {
  const ours = new Map([...leases].map(([file, text]) => [`${name}/${file}`, text]));
  ours.set(`${name}/lock`, "");
  const sorted = (entries: Iterable<[string, string]>) =>
    JSON.stringify([...entries].sort((a, b) => (a[0] < b[0] ? -1 : 1)));
  const [a, b] = [sorted(ours), sorted(Object.entries(expected))];
  return a === b ? undefined : `files: expected ${b}, got ${a}`;
}

/** ipvs mode on random clusters: restore text, virtual servers, ipsets, addresses. */
import {
  buildModel,
  type IpvsProxyRules,
  ipvsRulesOf,
  type ProxyModel,
  startIpvs,
  syncIpvs,
} from "../../../src/proxy/index.js";
import type { Report } from "../suite.js";
import { firstDifference } from "./iptables-normalise.js";
import { markPrinterOf, nodeOf, type Snapshot, settingsOf, type VectorConfig } from "./setup.js";

/** The ipvs part of one file of `clusters/`. */
export interface IpvsClusterFile {
  readonly config: VectorConfig;
  readonly steps: readonly (Snapshot & {
    readonly step: number | string;
    readonly ipvs: {
      readonly restore: string;
      readonly virtualServers: readonly VectorServer[] | null;
      readonly sets: Readonly<Record<string, VectorSet>>;
      readonly dummyAddresses: readonly string[] | null;
    };
  })[];
}

interface VectorServer {
  readonly address: string;
  readonly port: number;
  readonly protocol: string;
  readonly scheduler: string;
  readonly flags: number;
  readonly timeout: number;
  readonly realServers: readonly string[] | null;
}

interface VectorSet {
  readonly type: string;
  readonly family: string;
  readonly entries: readonly string[] | null;
}

/**
 * The node whose endpoints the recorded proxier held to be its own, whatever its configuration said:
 * the recorder drives the proxier that upstream's tests build (Kubernetes v1.35.4
 * pkg/proxy/ipvs/proxier_test.go `NewFakeProxier`), and that one's endpoint tracker is made for this
 * name before the configuration is set. Only the files of real applications state another name.
 */
const TRACKED_NODE = "test-node";

/** Compares each step. */
export function checkIpvsCluster(id: string, file: IpvsClusterFile, report: Report): void {
  const settings = settingsOf(file.config);
  const node = { ...nodeOf(file.config), name: TRACKED_NODE };
  let state = startIpvs(settings, node, { printMark: markPrinterOf(file.config) });
  let model: ProxyModel | undefined;
  for (const step of file.steps) {
    model = buildModel(step, settings, model);
    const sync = syncIpvs(state, model);
    state = sync.state;
    const rules = ipvsRulesOf(state);
    const at = `${id}/step-${step.step}/ipvs`;
    const { ipvs } = step;
    report.check(`${at}/restore`, () =>
      firstDifference(sortOutFilter(sync.text), sortOutFilter(ipvs.restore)),
    );
    report.check(`${at}/virtualServers`, () =>
      same(sortTexts(serversOf(rules)), sortTexts((ipvs.virtualServers ?? []).map(serverText))),
    );
    report.check(`${at}/sets`, () => same(setsOf(rules), vectorSets(ipvs.sets)));
    report.check(`${at}/dummyAddresses`, () =>
      same(
        rules.dummyAddrs.map((a) => a.toString()),
        sortTexts(ipvs.dummyAddresses ?? []),
      ),
    );
  }
}

function serversOf({ virtualServers }: IpvsProxyRules): string[] {
  return virtualServers.map((server) =>
    serverText({
      address: server.addr.toString(),
      port: server.port,
      protocol: server.protocol.toUpperCase(),
      scheduler: server.scheduler,
      flags:
        (server.persistentSeconds === undefined ? 0 : 1) +
        (server.schedulerFlags?.includes(2) ? 0x10 : 0),
      timeout: server.persistentSeconds ?? 0,
      realServers: server.realServers.map(({ addr, port, weight }) => {
        const host = addr.family === "ip6" ? `[${addr}]` : addr.toString();
        return `${host}:${port} weight=${weight}`;
      }),
    }),
  );
}

function serverText(server: VectorServer): string {
  const { address, port, protocol, scheduler, flags, timeout, realServers } = server;
  const real = sortTexts(realServers ?? []);
  return JSON.stringify([address, port, protocol, scheduler, flags, timeout, real]);
}

/** The recorder tells a family for bitmaps too, where ipset has none. */
function setsOf({ sets, family: own }: IpvsProxyRules): string[] {
  return sortTexts(
    sets.map(({ name, type, family = own, entries }) =>
      JSON.stringify([name, type, family === "ip6" ? "inet6" : "inet", entries.map((e) => e.text)]),
    ),
  );
}

function vectorSets(sets: Readonly<Record<string, VectorSet>>): string[] {
  return sortTexts(
    Object.entries(sets).map(([name, { type, family, entries }]) =>
      JSON.stringify([name, type, family, sortTexts(entries ?? [])]),
    ),
  );
}

/** The rules of KUBE-IPVS-OUT-FILTER come in any order. */
function sortOutFilter(text: string): string {
  const lines = text.trimEnd().split("\n");
  const isOut = (line: string) => line.startsWith("-A KUBE-IPVS-OUT-FILTER");
  const sorted = lines.filter(isOut).sort(compare);
  return lines.map((line) => (isOut(line) ? (sorted.shift() ?? "") : line)).join("\n");
}

function sortTexts(texts: readonly string[]): string[] {
  return texts.toSorted(compare);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function same(ours: readonly string[], theirs: readonly string[]): string | undefined {
  return firstDifference(ours.join("\n"), theirs.join("\n"));
}

/** The well-known policy recipes, each with one question and everything that is allowed. */
import { tryParseAddr } from "../../../../src/addr/index.js";
import { policyProtocol, printPorts } from "../../../../src/policy/index.js";
import type { Report } from "../../suite.js";
import { type Court, openCourt, type Raw } from "../cluster.js";

/** Pods, and tests over them. Names end where a label would be a second host name: all pods share one address. */
export interface Recipes {
  readonly namespaces: readonly Raw[];
  readonly pods: readonly Raw[];
  readonly tests: readonly {
    readonly name: string;
    readonly policies: readonly Raw[];
    readonly src: string;
    readonly dst: string;
    readonly protocol: string;
    readonly port: string;
    readonly allowed: boolean;
    readonly allConnections: string;
  }[];
}

/** Asks the judge about ends, since addresses do not tell pods apart here. */
export function runRecipes({ namespaces, pods, tests }: Recipes, report: Report): void {
  for (const test of tests) {
    report.check(`netpol-analyzer/recipes/${test.name}`, () => {
      const cluster = { namespaces, pods, policies: test.policies };
      const court = openCourt(cluster, { blocksMatchPods: false, judgeOnly: true });
      const [src, dst] = [endOf(court, test.src), endOf(court, test.dst)];
      const protocol = policyProtocol(test.protocol);
      const flow = { src, dst, protocol, port: Number(test.port) };
      const got = [court.judge.judgeEnds(flow).allowed, court.judge.areEndsAllowed(flow)];
      const ports = printPorts(court.judge.portsBetween(src, dst));
      const isRight = got.every((each) => each === test.allowed) && ports === test.allConnections;
      return isRight
        ? undefined
        : `${got} and ${ports}, not ${test.allowed} and ${test.allConnections}`;
    });
  }
}

function endOf({ judge }: Court, name: string) {
  const addr = tryParseAddr(name);
  if (addr !== undefined) return { addr, index: -1 };
  const index = judge.members.findIndex((m) => `${m.namespace}/${m.name}` === name);
  if (index < 0) throw new Error(`no pod ${name}`);
  return judge.endOf(index);
}

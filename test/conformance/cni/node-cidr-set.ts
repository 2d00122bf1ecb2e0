/** Random operations on kube-controller-manager's set of node CIDRs. */
import { type Prefix, parsePrefix } from "../../../src/addr/index.js";
import { allocateCidr, createCidrSet, occupyCidr, releaseCidr } from "../../../src/ipam/index.js";
import type { Report } from "../suite.js";

type Operation = ["allocate"] | ["occupy" | "release", string] | ["release-nth", number];

interface CidrCase {
  readonly clusterCIDR: string;
  readonly nodeMaskSize: number;
  readonly operations: readonly Operation[];
  readonly results?: readonly string[];
  readonly error?: string;
}

export function runNodeCidrSet(id: string, cases: CidrCase[], report: Report) {
  cases.forEach((one, index) => {
    report.check(`${id}/${index}`, () => runCase(one));
  });
}

function runCase(one: CidrCase): string | undefined {
  let set: ReturnType<typeof createCidrSet>;
  try {
    set = createCidrSet(parsePrefix(one.clusterCIDR), one.nodeMaskSize);
  } catch (error) {
    return one.error === undefined ? `refused: ${(error as Error).message}` : undefined;
  }
  if (one.error !== undefined) return `accepted what should be refused: ${one.error}`;
  const given: Prefix[] = [];
  const carryOut = (op: Operation): string => {
    if (op[0] === "allocate") {
      const got = allocateCidr(set);
      set = got.set;
      given.push(got.cidr);
      return got.cidr.toString();
    }
    if (op[0] === "release-nth" && given[op[1]] === undefined) return "none";
    const cidr = op[0] === "release-nth" ? (given[op[1]] as Prefix) : parsePrefix(op[1]);
    set = op[0] === "occupy" ? occupyCidr(set, cidr) : releaseCidr(set, cidr);
    return "ok";
  };
  for (const [index, op] of one.operations.entries()) {
    const expected = one.results?.[index] ?? "";
    const got = attempt(() => carryOut(op));
    const same = expected.startsWith("error:") ? got.startsWith("error:") : got === expected;
    if (!same) return `operation ${index} ${JSON.stringify(op)}: expected ${expected}, got ${got}`;
  }
  return undefined;
}

function attempt(carryOut: () => string): string {
  try {
    return carryOut();
  } catch (error) {
    return `error: ${(error as Error).message}`;
  }
}

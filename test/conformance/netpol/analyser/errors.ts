/** What netpol-analyzer refuses or warns of: we must refuse it, or give notice of it, for the same reason. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type Fault, InputError, printFault } from "../../../../src/base/index.js";
import { readManifests } from "../../../../src/cli/files.js";
import { type ManifestFile, tryLoadManifests } from "../../../../src/objects/index.js";
import {
  type Focus,
  noticesOf,
  readPolicies,
  type SourcedObject,
  workloadsOf,
} from "../../../../src/policy/index.js";
import type { Report } from "../../suite.js";
import { readLeniently } from "./manifests.js";

/** One case: folders, options, and what must be said. */
export interface ErrorCase {
  readonly kind: string;
  readonly name: string;
  readonly dirName?: string;
  readonly ref1?: string;
  readonly ref2?: string;
  readonly errorStrContains?: string;
  readonly firstErrStrContains?: string;
  readonly expectedWarningsStrContains?: readonly unknown[];
  readonly containedErrOrWarns?: readonly string[];
  readonly multipleNetworksEnabled?: boolean;
  readonly focusWorkloads?: readonly string[];
  readonly focusWorkloadPeers?: readonly string[];
  readonly focusDirection?: "ingress" | "egress";
  readonly exposure?: boolean;
  readonly explainOnly?: string;
}

/**
 * What the analyser says, and how we say it: `fault CODE …` for what is refused, `notice CODE …` for
 * what is told. The first row that the analyser's words contain counts.
 */
const SAYINGS: readonly (readonly [string, RegExp])[] = [
  ["CIDR error", /^fault .*(cidr|except).*/i],
  ["invalid CIDR address", /^fault .*networks\[\d+\]/],
  ["selector error", /^fault .*(matchLabels|matchExpressions|[sS]elector|labels)/],
  ["cannot have both IPBlock and", /^fault .*may not specify both ipBlock and another peer/],
  ["cannot have empty rule peer", /^fault .*must specify a peer/],
  ["cannot convert named port", /^notice named-port-outside/],
  ["Found Pods of the same owner workload", /^notice labels-differ/],
  ["already exists.", /^fault duplicate-name/],
  ["endPort field cannot be defined", /^fault .*endPort.*non-numeric/],
  ["port range 10-1 is legal", /^(fault .*endPort|notice empty-port-range)/],
  ["Two policies are considered to be conflicting", /^notice equal-priority/],
  ["Invalid Priority Value", /^fault .*spec\.priority/],
  ["exactly one field must be set in a subject", /^fault .*spec\.subject/],
  ["exactly one field must be set in a rule peer", /^fault .*(from|to)\[\d+\]/],
  ["exactly one field must be set in an AdminNetworkPolicyPort", /^fault .*ports\[\d+\]/],
  ["to field must be defined", /^fault .*egress\[\d+\]\.to/],
  ["from field must be defined", /^fault .*ingress\[\d+\]\.from/],
  ["unrecognized action", /^fault .*\.action/],
  ["one already exists", /^fault duplicate-name/],
  ["metadata.name=default", /^fault .*metadata\.name="default"/],
  ["no relevant Kubernetes workload resources", /^notice no-workloads/],
  ["no relevant Kubernetes network policy resources", /^notice no-policies/],
  ["unrecognized type", /^fault .*(type|unmarshal|expected)/],
  ["cannot restore slice from map", /^fault .*(list|array|unmarshal|expected)/],
  ["does not exist in the input resources", /^notice unknown-workload/],
  ["the path ", /^fault ENOENT/],
  ["some_", /^fault ENOENT.*some_/],
  ["does not exist", /^fault ENOENT/],
  ["recognized file extensions", /^notice no-workloads/],
  ["is missing in", /^fault no-kind/],
  ["cannot unmarshal array", /^fault not-an-object/],
  ["unable to decode", /^fault (not-an-object|no-kind)/],
  ["connlist_output.json", /^fault .*connlist_output\.json/],
  ["error reading file", /^fault /],
  ["found character that cannot start any token", /^fault bad-yaml/],
  ["Nodes field of an AdminNetworkPolicyEgressPeer", /^notice unknown-nodes/],
  ["IPv6 addresses are not supported", /^notice family-not-listed/],
  ["port name: ", /^notice unknown-port-name/],
  ["named port is not defined for IP addresses", /^(notice named-port-outside|fault .*namedPorts)/],
  ["may be used only with focusworkload flag", /^notice focus-without-workloads/],
];

/** Why a case is not ours: what it is about belongs to other kinds of objects, or to that tool's flags. */
function whyNot(test: ErrorCase, text: string): string | undefined {
  if (/^(cli-|output-)/.test(test.kind)) return "the command line of that tool";
  if (test.multipleNetworksEnabled !== undefined) return "family multi-network";
  if (/Route resource|Ingress resource/.test(text)) return "family ingress-route";
  if (/exposure|explain/.test(text)) return "options for exposure and explanations";
  return undefined;
}

const ABSENT = "does not exist";

/** Loads what a case names, and looks for each thing that must be said. */
export function runErrorCase(test: ErrorCase, base: string, report: Report): void {
  const id = `netpol-analyzer/errors/${test.kind}/${test.name}`;
  const wanted = [
    test.errorStrContains,
    test.firstErrStrContains,
    ...(test.expectedWarningsStrContains ?? []),
    ...(test.containedErrOrWarns ?? []),
  ].flatMap((each) =>
    typeof each === "string" ? [each] : each === undefined ? [] : [String(each)],
  );
  const why = whyNot(test, wanted.join());
  const folders = [test.dirName, test.ref1, test.ref2].flatMap((each) => each ?? []);
  // A folder that is not there may be what the case is about.
  const isMeant = (folder: string) =>
    wanted.some((text) => text === basename(folder) || (text === ABSENT && folders.length === 1));
  const absent = folders.find((each) => !isMeant(each) && !existsSync(join(base, each)));
  if (why !== undefined) report.skip(id, why);
  else if (absent !== undefined) report.skip(id, `there is no ${absent}`);
  else report.check(id, () => missingWords(test, { folders, base, wanted }));
}

interface Told {
  readonly folders: readonly string[];
  readonly base: string;
  readonly wanted: readonly string[];
}

function missingWords(test: ErrorCase, { folders, base, wanted }: Told): string | undefined {
  const said = folders.flatMap((folder) => sayingsOf(join(base, folder), focusOf(test)));
  const missing = wanted.filter((words) => {
    const saying = SAYINGS.find(([part]) => words.includes(part))?.[1];
    return saying === undefined || !said.some((line) => saying.test(line));
  });
  if (wanted.length === 0) return "nothing is expected";
  if (missing.length === 0) return undefined;
  return `not said: ${missing.join("; ")}; said: ${said.slice(0, 8).join("; ")}`;
}

function focusOf({ focusWorkloads, focusWorkloadPeers, focusDirection }: ErrorCase): Focus {
  return {
    ...(focusWorkloads && { workloads: focusWorkloads }),
    ...(focusWorkloadPeers && { peers: focusWorkloadPeers }),
    ...(focusDirection && { direction: focusDirection }),
  };
}

/** Everything that loading refuses, and everything that a list gives notice of. */
function sayingsOf(folder: string, focus: Focus): string[] {
  let files: ManifestFile[];
  try {
    files = readManifests([folder]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.faults.map(printSaid);
  }
  const objects = readLeniently(files);
  const notices = noticesOf({
    workloads: workloadsOf(objects, { hostNetworkPods: "pod" }),
    policies: readPolicies(objects.filter(isReadable)),
    families: ["ip4"],
    focus,
  });
  return [
    ...tryLoadManifests(files).faults.map(printSaid),
    ...notices.map(({ code, message }) => `notice ${code}: ${message}`),
  ];
}

/** Policies of which a field cannot be read at all are for the loader to refuse. */
function isReadable(object: SourcedObject): boolean {
  try {
    readPolicies([object]);
    return true;
  } catch {
    return false;
  }
}

function printSaid(fault: Fault): string {
  return `fault ${fault.code} ${printFault(fault)}`;
}

/** `kubewire policy explain`: why policies let a connection through or not. */
import { InputError } from "../../../base/index.js";
import { printSide, type SideVerdict } from "../../../policy/index.js";
import {
  explainPolicies,
  type FlowExplanation,
  type PolicyQuestion,
  type RulesVerdict,
} from "../../../simulation/index.js";
import { type ClusterFlags, loadCluster } from "../../cluster-options.js";
import { EXIT } from "../../failure.js";
import { paletteOf, type Terminal } from "../../terminal.js";

/** What commander read. */
export interface PolicyExplainFlags extends ClusterFlags {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  readonly protocol: PolicyQuestion["protocol"];
  readonly json?: boolean;
}

/** Explains one connection; exit status 0 if policies allow it, 1 if they deny any of its flows. */
export function runPolicyExplain(flags: PolicyExplainFlags, terminal: Terminal): number {
  const { from, to, port, protocol, namespace } = flags;
  if (protocol !== "icmp" && port === "0") {
    const message = "is needed for tcp, udp and sctp";
    const expected = "a number, or what the pod or Service calls its port";
    throw new InputError({ code: "no-port", path: "--port", value: port, message, expected });
  }
  const { cluster } = loadCluster(flags);
  const answer = explainPolicies(cluster, { from, to, port, protocol, namespace });
  if (flags.json) terminal.out(`${JSON.stringify(answer)}\n`);
  else for (const flow of answer.flows) printFlow(flow, terminal);
  return answer.allowed ? EXIT.holds : EXIT.fails;
}

function printFlow(flow: FlowExplanation, terminal: Terminal): void {
  const palette = paletteOf(terminal);
  const { from, to, src, dst, port, protocol, allowed, verdict, rules } = flow;
  const word = allowed ? palette.good("allowed") : palette.bad("denied");
  const number = protocol === "icmp" ? "" : ` ${port}`;
  terminal.out(`${from} > ${to} ${protocol}${number}: ${word}\n`);
  terminal.out(`  seen as ${src} > ${dst}\n`);
  for (const side of [verdict.egress, verdict.ingress]) {
    if (side !== undefined) printSideLines(side, terminal);
  }
  for (const of of rules) printRules(of, terminal);
}

function printSideLines(side: SideVerdict, terminal: Terminal): void {
  terminal.out(`  ${printSide(side)}\n`);
  for (const name of side.unresolved) {
    terminal.out(`    unknown: nobody has resolved ${name}, so that its rule matched nothing\n`);
  }
}

function printRules({ mode, outcome, rules }: RulesVerdict, terminal: Terminal): void {
  const palette = paletteOf(terminal);
  terminal.out(`  rules of ${mode}: ${outcome}\n`);
  for (const { node, text, verdict } of rules) {
    terminal.out(palette.quiet(`    ${node}  ${text}  ⇒ ${verdict}\n`));
  }
}

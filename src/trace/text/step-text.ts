/**
 * One step as a label and a line of words. Every kind of step has its case here; the levels of
 * `print-trace.ts` choose among them and lay them out.
 */
import { type Origin, unreachable } from "../../base/index.js";
import { type Packet, printEnds, printFrame, printPacket } from "../../wire/index.js";
import type {
  BridgeStep,
  ConntrackStep,
  IpvsStep,
  NeighborStep,
  RouteStep,
  Step,
} from "../step.js";
import { isGoodFate, printFateHere, printWhere } from "./fate-text.js";

/** How a step is to be seen; a key of the palette. */
export type Tone = "plain" | "quiet" | "good" | "bad" | "change";

/** A step in words. */
export interface StepText {
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
  readonly origin?: Origin;
}

/** Puts a step into words. */
export function describeStep(step: Step): StepText {
  switch (step.kind) {
    case "send":
      return say("send", `${printPacket(step.packet)}${by(step.process)}`);
    case "receive":
      return say("receive", `${step.link}  ${printFrameEnds(step)}`);
    case "transmit":
      return say("transmit", `${step.link}  ${printFrameEnds(step)}`);
    case "bridge":
      return describeBridge(step);
    case "route":
      return withOrigin(describeRoute(step), step.origin);
    case "neighbor":
      return withOrigin(describeNeighbor(step), step.origin);
    case "chain":
    case "rule":
    case "policy":
      return describeNetfilter(step);
    case "conntrack":
      return describeConntrack(step);
    case "nat":
      return withOrigin(
        say(step.how, printRewrite(step.before, step.after), "change"),
        step.origin,
      );
    case "ttl":
      return say("ttl", `${step.before} → ${step.after}`);
    default:
      return describeRest(step);
  }
}

type RestStep = Exclude<
  Step,
  | { kind: "send" | "receive" | "transmit" | "bridge" | "route" | "neighbor" | "ttl" }
  | NetfilterStep
>;
type NetfilterStep = Extract<Step, { kind: "chain" | "rule" | "policy" | "conntrack" | "nat" }>;

function describeRest(step: RestStep): StepText {
  switch (step.kind) {
    case "encapsulate": {
      const vni = step.vni === undefined ? "" : ` ${step.vni}`;
      const text = `${step.how}${vni} by ${step.link}: ${step.src} > ${step.dst}`;
      return say("encapsulate", text, "change");
    }
    case "decapsulate": {
      const vni = step.vni === undefined ? "" : ` ${step.vni}`;
      return say(
        "decapsulate",
        `${step.how}${vni} by ${step.link}: ${printPacket(step.packet)}`,
        "change",
      );
    }
    case "fragment":
      return say("fragment", `into ${step.count} for an MTU of ${step.mtu}`, "change");
    case "reassemble":
      return say("reassemble", `${step.count} fragments`, "change");
    case "answer":
      return say("answer", `${step.what}: ${printPacket(step.packet)}`);
    case "ipvs":
      return withOrigin(say("ipvs", describeIpvs(step), "change"), step.origin);
    case "deliver": {
      const port = step.port === undefined ? "" : ` ${step.port}`;
      const service = step.service === undefined ? "" : ` to ${step.service}`;
      return withOrigin(say("deliver", `${step.protocol}${port}${service}`, "good"), step.origin);
    }
    case "note":
      return withOrigin(say("note", step.text, "quiet"), step.origin);
    case "fate": {
      const tone = isGoodFate(step.fate.kind) ? "good" : "bad";
      return say("fate", `${printFateHere(step.fate)}${printWhere(step.fate)}`, tone);
    }
    default:
      return unreachable(step);
  }
}

function say(label: string, text: string, tone: Tone = "plain"): StepText {
  return { label, text, tone };
}

function withOrigin(said: StepText, origin: Origin | undefined): StepText {
  return origin === undefined ? said : { ...said, origin };
}

function by(process: string | undefined): string {
  return process === undefined ? "" : `  by ${process}`;
}

function printFrameEnds(step: Extract<Step, { kind: "receive" | "transmit" }>): string {
  const { frame } = step;
  return `${frame.src} > ${frame.dst}  ${printFrame(frame)}`;
}

function describeBridge(step: BridgeStep): StepText {
  const from = step.port === undefined ? "" : ` from ${step.port}`;
  const to = step.out.length === 0 ? "" : ` to ${step.out.join(", ")}`;
  const reason = step.reason === undefined ? "" : ` (${step.reason})`;
  const text = `${step.bridge}: ${step.decision} ${step.mac}${from}${to}${reason}`;
  return say("bridge", text, step.decision === "drop" ? "bad" : "plain");
}

/** Outcomes of a route look-up in which the packet goes on. */
const GOES_ON: ReadonlySet<RouteStep["outcome"]> = new Set(["local", "forward", "broadcast"]);

function describeRoute(step: RouteStep): StepText {
  const outcome = OUTCOME_WORDS[step.outcome];
  const route = step.route === undefined ? "" : `: ${step.route}`;
  const src = step.src === undefined ? "" : ` with source ${step.src}`;
  const how = [
    step.direction,
    ...(step.rulePriority === undefined ? [] : [`rule ${step.rulePriority}`]),
    ...(step.table === undefined ? [] : [`table ${TABLE_NAMES.get(step.table) ?? step.table}`]),
    ...(step.reason === undefined ? [] : [step.reason]),
  ];
  const text = `${step.dst}${outcome}${route}${src} (${how.join(", ")})`;
  return say("route", text, GOES_ON.has(step.outcome) ? "plain" : "bad");
}

/** Names of routing tables (iproute2's rt_tables). */
const TABLE_NAMES: ReadonlyMap<number, string> = new Map([
  [253, "default"],
  [254, "main"],
  [255, "local"],
]);

const OUTCOME_WORDS: Readonly<Record<RouteStep["outcome"], string>> = {
  local: " is local",
  forward: "",
  broadcast: " is for many",
  refuse: " is refused",
  miss: " has no route",
  martian: " is martian",
  rp_filter: " fails the reverse path filter",
};

function describeNeighbor(step: NeighborStep): StepText {
  const mac = step.mac === undefined ? "" : ` is ${step.mac}`;
  const text = `${step.addr}${mac} on ${step.link} (${step.outcome})`;
  return say("neighbor", text, step.outcome === "failed" ? "bad" : "plain");
}

function describeNetfilter(step: Extract<Step, { kind: "chain" | "rule" | "policy" }>): StepText {
  switch (step.kind) {
    case "chain": {
      const iif = step.iif === undefined ? "" : ` iif ${step.iif}`;
      const oif = step.oif === undefined ? "" : ` oif ${step.oif}`;
      const where = `${step.family} ${step.table} ${step.chain} (${step.hook})`;
      return say("chain", `${where}  ${printEnds(step.packet)}${iif}${oif}`, "quiet");
    }
    case "rule":
      return withOrigin(say("rule", `${step.text}  ⇒ ${step.verdict}`), step.origin);
    case "policy": {
      const tone = step.verdict === "accept" ? "quiet" : "bad";
      return say("policy", `${step.family} ${step.table} ${step.chain}  ⇒ ${step.verdict}`, tone);
    }
    default:
      return unreachable(step);
  }
}

function describeConntrack(step: ConntrackStep): StepText {
  const words = [step.event, step.state, step.direction].filter((word) => word !== undefined);
  // A new connection's state says the same as the event.
  const said = step.state?.toLowerCase() === step.event ? words.slice(1) : words;
  const entry = step.entry === undefined ? "" : `  ${step.entry}`;
  return say("conntrack", `${said.join(" ")}${entry}`);
}

function describeIpvs({ event, protocol, scheduler, state, before, after }: IpvsStep): string {
  const how = event === "scheduled" ? `${event} by ${scheduler}` : event;
  const what = event === "error" ? "" : `  ${protocol} ${state}`;
  return `${how}  ${printRewrite(before, after)}${what}`;
}

/**
 * What address translation changed: only the end that differs, before and after.
 *
 * @example
 * // dst 10.96.0.10:80 → 10.244.2.3:8080
 */
export function printRewrite(before: Packet, after: Packet): string {
  const [srcBefore = "", dstBefore = ""] = printEnds(before).split(" > ");
  const [srcAfter = "", dstAfter = ""] = printEnds(after).split(" > ");
  const parts: string[] = [];
  if (srcBefore !== srcAfter) parts.push(`src ${srcBefore} → ${srcAfter}`);
  if (dstBefore !== dstAfter) parts.push(`dst ${dstBefore} → ${dstAfter}`);
  return parts.length === 0 ? `${printPacket(after)}` : parts.join(", ");
}

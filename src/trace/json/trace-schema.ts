/** The JSON schema of a trace as JSON (draft 2020-12). */
import type { Step } from "../step.js";
import { FATE_KINDS, object, ref, text, textOf, whole } from "./schema-parts.js";
import type { Json } from "./trace-json.js";
import { WIRE_DEFINITIONS } from "./wire-schema.js";

type Definition = { readonly [key: string]: Json };

const origin = { origin: ref("origin") };
const packet = ref("packet");
const frame = ref("frame");
const addr = ref("addr");
const mac = ref("mac");
const server = object({ addr, port: whole });

/** The fields of each kind of step: needed ones, then those that may be absent. */
const STEPS: Readonly<Record<Step["kind"], readonly [Definition, Definition]>> = {
  send: [{ packet }, { process: text }],
  receive: [{ link: text, frame }, {}],
  transmit: [{ link: text, frame }, {}],
  bridge: [
    {
      bridge: text,
      mac,
      decision: textOf("forward", "flood", "up", "drop"),
      out: { type: "array", items: text },
    },
    { port: text, reason: text },
  ],
  route: [
    {
      direction: textOf("input", "output"),
      dst: addr,
      outcome: textOf(
        ...["local", "forward", "broadcast", "refuse", "miss", "martian", "rp_filter"],
      ),
    },
    {
      ...{ table: whole, rulePriority: whole, route: text, link: text, gateway: addr, src: addr },
      ...{ reason: text, ...origin },
    },
  ],
  neighbor: [
    { addr, link: text, outcome: textOf("known", "resolved", "failed", "proxy") },
    { mac, ...origin },
  ],
  chain: [
    { family: text, table: text, chain: text, hook: text, packet },
    { iif: text, oif: text },
  ],
  rule: [
    { family: text, table: text, chain: text, index: whole, text, verdict: text },
    { ...origin },
  ],
  policy: [{ family: text, table: text, chain: text, verdict: textOf("accept", "drop") }, {}],
  conntrack: [
    {
      event: textOf(
        ...["new", "found", "related", "invalid", "untracked", "confirm", "update", "clash"],
      ),
    },
    { direction: textOf("original", "reply"), state: text, entry: text },
  ],
  nat: [{ how: text, before: packet, after: packet }, origin],
  ttl: [{ before: whole, after: whole }, {}],
  encapsulate: [{ link: text, how: text, src: addr, dst: addr, packet }, { vni: whole }],
  decapsulate: [{ link: text, how: text, packet }, { vni: whole }],
  fragment: [{ mtu: whole, count: whole }, {}],
  reassemble: [{ count: whole }, {}],
  answer: [{ what: text, packet }, {}],
  ipvs: [
    {
      event: textOf("scheduled", "persistent", "known", "reply", "error"),
      ...{ protocol: text, virtual: server, real: server, scheduler: text, state: text },
      ...{ before: packet, after: packet },
    },
    origin,
  ],
  deliver: [{ protocol: text }, { port: whole, service: text, ...origin }],
  note: [{ text }, origin],
  fate: [{ fate: ref("fate") }, {}],
};

const STEP_DEFINITIONS = Object.fromEntries(
  Object.entries(STEPS).map(([kind, [needed, optional]]) => [
    `step-${kind}`,
    object({ kind: { const: kind }, ...needed }, optional),
  ]),
);

const FATE = object(
  { kind: textOf(...FATE_KINDS), netns: text },
  { hook: text, table: text, chain: text, rule: text, detail: text, ...origin },
);

/** What `traceToJson` gives, as a JSON schema. */
export const TRACE_SCHEMA: Definition = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "The journey of one packet",
  ...object(
    { id: whole, hops: { type: "array", items: ref("hop") }, fate: ref("fate") },
    { cause: whole },
  ),
  $defs: {
    hop: object({
      netns: text,
      atUs: whole,
      steps: { type: "array", items: ref("step") },
    }),
    step: { oneOf: Object.keys(STEP_DEFINITIONS).map((name) => ref(name)) },
    ...STEP_DEFINITIONS,
    fate: FATE,
    origin: object(
      { kind: text },
      { namespace: text, name: text, part: text, file: text, line: whole },
    ),
    ...WIRE_DEFINITIONS,
  },
};

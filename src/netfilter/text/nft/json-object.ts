/** Named objects of nft's JSON (counters, quotas, limits, flowtables, …), as the text tells them. */
import type { NftObject } from "../../nft.js";
import { isObject, type JsonObject } from "./json-value.js";
import { printTime } from "./print-time.js";

/** The lines of an object of one kind, or undefined where they cannot be told from the JSON. */
type Lines = (body: JsonObject) => readonly string[] | undefined;

const BYTES = [
  ["mbytes", 1 << 20],
  ["kbytes", 1 << 10],
  ["bytes", 1],
] as const;

const LINES: Readonly<Record<string, Lines>> = {
  counter: ({ packets, bytes }) => [`packets ${packets} bytes ${bytes}`],
  quota: ({ bytes, used, inv }) => {
    const usage = Number(used) > 0 ? ` used ${inBytes(used)}` : "";
    return [`${inv === true ? "over " : ""}${inBytes(bytes)}${usage}`];
  },
  limit: ({ rate, per, inv, rate_unit, burst, burst_unit }) => {
    const unit = rate_unit === undefined || rate_unit === "packets" ? "" : ` ${rate_unit}`;
    const isBurst = typeof burst === "number" && burst !== 0 && (unit !== "" || burst !== 5);
    const burstWords = isBurst ? ` burst ${burst} ${burst_unit ?? "packets"}` : "";
    return [`rate ${inv === true ? "over " : ""}${rate}${unit}/${per}${burstWords}`];
  },
  "ct helper": ({ type, protocol, l3proto }) => [
    `type "${type}" protocol ${protocol}`,
    `l3proto ${l3proto}`,
  ],
  "ct timeout": ({ protocol, l3proto, policy }) => {
    if (!isObject(policy)) return undefined;
    const states = Object.entries(policy).map(([state, time]) => `${state} : ${time}`);
    return [`protocol ${protocol}`, `l3proto ${l3proto}`, `policy = { ${states.join(", ")} }`];
  },
  "ct expectation": ({ protocol, dport, timeout, size, l3proto }) => [
    `protocol ${protocol}`,
    `dport ${dport}`,
    `timeout ${printTime(Number(timeout) / 1000)}`,
    `size ${size}`,
    `l3proto ${l3proto}`,
  ],
  synproxy: ({ mss, wscale, flags }) => {
    const words = Array.isArray(flags) ? flags : [flags];
    const options = words.filter((flag) => typeof flag === "string").join(" ");
    return [`mss ${mss}`, `wscale ${wscale}`, ...(options === "" ? [] : [options])];
  },
  secmark: ({ context }) => [`"${context}"`],
  flowtable: ({ prio, dev, flags }) => {
    const links = (Array.isArray(dev) ? dev : [dev]).filter((link) => typeof link === "string");
    return [
      `hook ingress priority ${prio === 0 ? "filter" : prio}`,
      ...(links.length > 0 ? [`devices = { ${links.join(", ")} }`] : []),
      ...(flags === undefined ? [] : [`flags ${flags}`]),
    ];
  },
};

/** Reads an object of a table; undefined when it is of no kind that we know. */
export function readNamedObject(kind: string, body: JsonObject): NftObject | undefined {
  const lines = Object.hasOwn(LINES, kind) ? LINES[kind]?.(body) : undefined;
  return lines === undefined ? undefined : { kind, name: String(body.name), lines };
}

function inBytes(value: unknown): string {
  const bytes = Number(value);
  const [unit, size] = BYTES.find(([, s]) => bytes >= s && bytes % s === 0) ?? ["bytes", 1];
  return `${bytes / size} ${unit}`;
}

/**
 * Relatives of a recorded scenario: its links and listeners as they are, its commands and rules with
 * lines left out, moved, and given other addresses, ports, links and verdicts of the same scenario, and
 * other probes. So whatever a recording's author can write meets what he did not write it with.
 */
import type { Probe } from "../../../../src/fabric/index.js";
import type { Host, Scenario } from "../scenario.js";
import { Dice } from "./dice.js";

/** What a recording tells of how it was made. */
export interface RecordedSetup {
  readonly name: string;
  readonly family: string;
  readonly setup: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly veths: Scenario["veths"];
  readonly listeners: Scenario["listeners"];
  readonly probes: readonly { readonly probe: Probe }[];
}

const PROBES = 14;
const RULES = ["iptables", "ip6tables", "nft"] as const;
const KEPT_STEP = /^ip (link|addr|-6 addr)\b|forward|_filter=0|accept_dad/;

/** Draws a relative: another for each seed. */
export function drawRelative(recording: RecordedSetup, seed: string): Scenario {
  const dice = new Dice(`relative ${recording.name} ${seed}`);
  const words = vocabularyOf(recording);
  const hosts = Object.entries(recording.setup).map(([name, host]): [string, Host] => {
    const rules = RULES.flatMap((key): [string, string][] => {
      const text = host[key];
      return typeof text === "string" ? [[key, redraw(dice, text, words)]] : [];
    });
    const ipset = typeof host.ipset === "string" ? { ipset: host.ipset } : {};
    const steps = (host.setup as readonly string[]).map((step) => step.replace(/ 2>.*/, ""));
    return [
      name,
      { steps: redrawSteps(dice, steps, words), ...ipset, ...Object.fromEntries(rules) },
    ];
  });
  const { name, veths, listeners } = recording;
  return {
    name: `${name}-like-${seed}`,
    family: recording.family,
    hosts: Object.fromEntries(hosts),
    veths,
    listeners,
    probes: dice.times(PROBES, () => redrawProbe(dice, recording, words)),
  };
}

/** Words that stand for another of their kind, as patterns, and those a scenario has. */
type Vocabulary = readonly (readonly [RegExp, readonly string[]])[];

const ADDRESS = /\b\d+\.\d+\.\d+\.\d+\b(?!\/)|\bfd[0-9a-f]{2}:[0-9a-f:]*::[0-9a-f]+\b(?!\/)/g;
const PREFIX = /\b\d+\.\d+\.\d+\.\d+\/\d+|\bfd[0-9a-f]{2}:[0-9a-f:]*::[0-9a-f]*\/\d+/g;
const PORT = /(?<=port |: ?|th dport |dports? )\b\d{2,5}\b(?![.:])/g;
const LINK = /\b(?:e[0-2]|up0|v[0-2]|br0|eth0|veth[01]|cni0|lo)\b/g;

function vocabularyOf(recording: RecordedSetup): Vocabulary {
  const text = JSON.stringify([recording.setup, recording.probes.map(({ probe }) => probe)]);
  return [ADDRESS, PREFIX, PORT, LINK].map((kind) => {
    return [kind, [...new Set(text.match(kind) ?? [])].sort()] as const;
  });
}

/** Lines that stand for one another where rules decide. */
const VERDICTS: readonly [RegExp, readonly string[]][] = [
  [
    /-j (ACCEPT|DROP|RETURN|REJECT.*)$/,
    ["-j ACCEPT", "-j DROP", "-j RETURN", "-j REJECT", "-j MARK --set-xmark 0x1/0x1"],
  ],
  [/(?<= )(accept|drop|return|continue|reject.*)$/, ["accept", "drop", "return", "reject"]],
  [
    /--ctstate \S+/,
    ["NEW", "ESTABLISHED", "INVALID", "DNAT", "RELATED,ESTABLISHED"].map((s) => `--ctstate ${s}`),
  ],
  [/ct state \S+/, ["new", "established", "invalid", "new,related"].map((s) => `ct state ${s}`)],
];

function redraw(dice: Dice, text: string, words: Vocabulary): string {
  const lines = text.split("\n");
  const out: string[] = [];
  for (const line of lines) {
    const isRule = /^-A | {2}\S/.test(line) && !/elements|type .* hook/.test(line);
    if (!isRule) {
      out.push(line);
      continue;
    }
    if (dice.chance(0.07)) continue;
    const drawn = redrawLine(dice, line, words);
    // Rules of one chain change places, those of different chains do not.
    const before = out.at(-1) ?? "";
    const sameChain =
      before.split(" ").slice(0, 2).join(" ") === line.split(" ").slice(0, 2).join(" ");
    if (sameChain && dice.chance(0.15)) out.splice(-1, 0, drawn);
    else out.push(drawn);
    if (dice.chance(0.05)) out.push(redrawLine(dice, line, words));
  }
  return out.join("\n");
}

function redrawLine(dice: Dice, line: string, words: Vocabulary): string {
  let drawn = line;
  for (const [kind, all] of [...words, ...VERDICTS]) {
    drawn = drawn.replace(kind, (word) =>
      dice.chance(0.12) && all.length > 0 ? dice.pick(all) : word,
    );
  }
  return dice.chance(0.06) ? drawn.replace(/ (-[sdpio]) /, " ! $1 ") : drawn;
}

function redrawSteps(dice: Dice, steps: readonly string[], words: Vocabulary): string[] {
  return steps.flatMap((step) => {
    if (KEPT_STEP.test(step)) return [step];
    if (dice.chance(0.06)) return [];
    const changed = /^sysctl/.test(step)
      ? step.replace(/(?<=(?:rp_filter|localnet|proxy_arp|call-ip6?tables)=)\d/g, (value) =>
          dice.chance(0.25) ? String(dice.int(0, 1)) : value,
        )
      : redrawLine(dice, step, words);
    return [changed];
  });
}

function redrawProbe(dice: Dice, { probes, veths }: RecordedSetup, words: Vocabulary): Probe {
  const { probe } = dice.pick(probes);
  const other = dice.pick(probes).probe;
  const hosts = [...new Set(veths.flatMap(([a, , b]) => [a, b]))].filter((host) => host !== "sw");
  const addresses = words[0]?.[1].filter((a) => a.includes(":") === probe.dst.includes(":")) ?? [];
  const from = dice.chance(0.3) ? dice.pick(hosts) : probe.from;
  const { src, ...rest } = probe;
  return {
    ...rest,
    ...(src !== undefined && from === probe.from ? { src } : {}),
    from,
    dst: dice.chance(0.25) && addresses.length > 0 ? dice.pick(addresses) : probe.dst,
    dport: dice.chance(0.2) ? other.dport : probe.dport,
    sport: dice.int(20000, 59999),
    ...(dice.chance(0.05) ? { ttl: dice.int(1, 3) } : {}),
    ...(probe.proto === "udp" && dice.chance(0.06)
      ? { size: dice.int(500, 2500), df: dice.chance(0.5) }
      : {}),
  };
}

/**
 * Building a lab: namespaces, wires, and in each namespace the texts that the real tools take. The
 * texts are the ones `kubewire render` prints; nothing is configured in another way.
 */
import { RefusedError } from "../../base/index.js";
import type { LinkConfig } from "../../link/index.js";
import { type NetnsConfig, renderNetns } from "../../netns/index.js";
import type { LabPlan } from "./plan.js";
import { inNetns, listNetns, runProgram } from "./run.js";

/** How a lab differs from what was rendered. */
export interface BuildOptions {
  /** Masquerade picks ports by rule and not at random, so that they can be compared. */
  readonly plainMasquerade?: boolean;
}

/**
 * Builds all namespaces of a plan.
 *
 * Errors: `RefusedError` with code `EEXIST` when one of the names is taken, before anything is made;
 * `ProgramError` when a tool refuses its text. The caller takes down what was built.
 */
export function buildLab(plan: LabPlan, options: BuildOptions = {}): void {
  refuseClashes(plan);
  const names = [plan.switchName, ...plan.realNames.values()];
  for (const name of names) runProgram(["ip", "netns", "add", name]);
  for (const name of names) calm(name);
  buildSwitch(plan);
  const built = new Set<string>();
  for (const config of plan.configs) {
    configureLinks(plan, config, built);
    built.add(config.name);
  }
  for (const config of plan.configs) configureRest(plan, config, options);
}

function refuseClashes(plan: LabPlan): void {
  const taken = new Set(listNetns());
  const clashes = [plan.switchName, ...plan.realNames.values()].filter((name) => taken.has(name));
  if (clashes.length === 0) return;
  throw new RefusedError(
    "EEXIST",
    `namespaces of these names are there already: ${clashes.join(", ")}`,
    { clashes },
  );
}

/**
 * Addresses can be used at once, nobody asks for routers that are not there, and ICMP errors are not
 * held back, so that one probe does not depend on the one before.
 */
function calm(name: string): void {
  const settings = ["all", "default", "lo"].flatMap((link) => [
    `net.ipv6.conf.${link}.accept_dad = 0`,
    `net.ipv6.conf.${link}.router_solicitations = 0`,
  ]);
  const limits = ["net.ipv4.icmp_ratelimit = 0", "net.ipv6.icmp.ratelimit = 0"];
  setSysctls(name, [...settings, ...limits]);
}

function setSysctls(name: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  runProgram(inNetns(name, ["sysctl", "-q", "-p", "-"]), `${lines.join("\n")}\n`);
}

function buildSwitch(plan: LabPlan): void {
  const { switchName, ports } = plan;
  setSysctls(
    switchName,
    ["iptables", "ip6tables"].map((t) => `net.bridge.bridge-nf-call-${t} = 0`),
  );
  const lines = [
    ...plan.bridges.map((bridge) => `link add name ${bridge} type bridge`),
    ...ports.map(({ netns, link, port }) => {
      const real = plan.realNames.get(netns);
      return `link add name ${port} type veth peer name ${link} netns ${real}`;
    }),
    ...ports.map(({ port, bridge }) => `link set dev ${port} master ${bridge}`),
    // Frames of any size pass: what is too big for a node is its own link's affair.
    ...[...plan.bridges, ...ports.map((p) => p.port)].map((dev) => `link set dev ${dev} mtu 65535`),
    ...[...plan.bridges, ...ports.map((p) => p.port)].map((dev) => `link set dev ${dev} up`),
  ];
  ipBatch(switchName, lines.map((line) => `${line}\n`).join(""));
}

function ipBatch(name: string, text: string, options: readonly string[] = []): void {
  if (text === "") return;
  runProgram(inNetns(name, ["ip", ...options, "-batch", "-"]), text);
}

/**
 * Links come with settings that hold for links to come (`default`) set before, and a link's own
 * after. The second end of a pair is there when its turn comes.
 */
function configureLinks(plan: LabPlan, config: NetnsConfig, built: ReadonlySet<string>): void {
  const name = plan.realNames.get(config.name) as string;
  const sysctls = linesOf(renderNetns(config, "sysctl"));
  const own = new Set(config.links.map((l) => `.conf.${l.name.replaceAll(".", "/")}.`));
  const isOwn = (line: string) => [...own].some((part) => line.includes(part));
  setSysctls(
    name,
    sysctls.filter((line) => !isOwn(line)),
  );
  const isThere = ({ name: link, kind }: LinkConfig) => {
    if (kind.kind !== "veth") return kind.kind === "loopback" || kind.kind === "physical";
    const peer = kind.peer?.netns;
    if (peer !== undefined) return built.has(peer);
    const earlier = config.links.findIndex((l) => l.name === kind.peer?.link);
    return earlier >= 0 && earlier < config.links.findIndex((l) => l.name === link);
  };
  const netnsName = (netns: string) => plan.realNames.get(netns) ?? netns;
  ipBatch(name, renderNetns(config, "ip", { isThere, netnsName }));
  ipBatch(name, renderNetns(config, "ip6rules"), ["-6"]);
  setSysctls(name, sysctls.filter(isOwn));
}

function configureRest(plan: LabPlan, config: NetnsConfig, options: BuildOptions): void {
  const name = plan.realNames.get(config.name) as string;
  const feed = (command: readonly string[], text: string) => {
    if (text !== "") runProgram(inNetns(name, command), text);
  };
  feed(["bridge", "-batch", "-"], renderNetns(config, "bridge"));
  feed(["ipset", "restore"], renderNetns(config, "ipset"));
  const plain = (text: string) =>
    options.plainMasquerade ? text.replaceAll(" --random-fully", "") : text;
  feed(["iptables-restore"], plain(renderNetns(config, "iptables")));
  feed(["ip6tables-restore"], plain(renderNetns(config, "ip6tables")));
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Takes a lab's namespaces down, by the names that begin with the lab's. Those gone are no fault. */
export function removeNetns(labName: string): string[] {
  const names = listNetns().filter((name) => isOfLab(name, labName));
  for (const name of names) runProgram(["ip", "netns", "del", name]);
  return names;
}

/** Whether a real name is one of the lab's. */
export function isOfLab(name: string, labName: string): boolean {
  const prefix = `kw-${labName}-`;
  return name.startsWith(prefix) && /^(\d+|sw)$/.test(name.slice(prefix.length));
}

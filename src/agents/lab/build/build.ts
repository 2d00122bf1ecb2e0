/**
 * Building a lab: wires, and in each namespace the texts that the real tools take. The texts are the
 * ones `kubewire render` prints; nothing is configured in another way.
 */
import { RefusedError } from "../../../base/index.js";
import type { LinkConfig } from "../../../link/index.js";
import { type NetnsConfig, type RenderedText, renderNetns } from "../../../netns/index.js";
import { LIST_NETNS, listNetns, namesOf } from "../../system/run.js";
import type { Agent } from "../agent/agent.js";
import { batchOf, IP_BATCH, type Machine, thisMachine } from "../machine/machine.js";
import type { LabPlan } from "./plan.js";

/** How a lab differs from what was rendered. */
export interface BuildOptions {
  /**
   * Takes away what a kernel leaves to chance, so that it can be compared: masquerade picks ports by
   * rule, and of several next hops there is but the first.
   */
  readonly withoutChance?: boolean;
}

/**
 * Makes the namespaces of a plan, empty.
 *
 * Errors: `RefusedError` with code `EEXIST` when one of the names is taken, before anything is made.
 */
export async function addNetns(plan: LabPlan, machine: Machine): Promise<void> {
  const names = realNamesOf(plan);
  const taken = new Set(namesOf(await machine.run(LIST_NETNS)));
  const clashes = names.filter((name) => taken.has(name));
  if (clashes.length > 0) {
    throw new RefusedError(
      "EEXIST",
      `namespaces of these names are there already: ${clashes.join(", ")}; kubewire lab down takes down a lab that was left`,
      { clashes },
    );
  }
  await machine.run(IP_BATCH, batchOf(names.map((name) => `add ${name}`)));
}

/** The real names of all namespaces of a plan. */
export function realNamesOf(plan: LabPlan): string[] {
  return [plan.switchName, ...plan.realNames.values()];
}

/**
 * Configures the namespaces of a plan through the agents in them.
 *
 * Shape: `agents` holds one for each configuration, by its name, and one for the switch by its real
 * name.
 * Errors: `ProgramError` when a tool refuses its text. The caller takes down what was built.
 */
export async function configureLab(
  plan: LabPlan,
  { agents, machine }: { agents: ReadonlyMap<string, Agent>; machine: Machine },
  options: BuildOptions = {},
): Promise<void> {
  await Promise.all([...agents.values()].map(calm));
  // Its sysctls are there only once it is loaded, which nothing but this asks for.
  if (plan.configs.some(({ ipvs }) => ipvs !== undefined)) {
    await machine.run(["modprobe", "ip_vs"]);
  }
  await buildSwitch(plan, agentOf(agents, plan.switchName));
  const built = new Set<string>();
  for (const config of plan.configs) {
    const one = options.withoutChance ? withoutForks(config) : config;
    await configureLinks({ plan, config: one, built, agent: agentOf(agents, config.name) });
    built.add(config.name);
  }
  await Promise.all(
    plan.configs.map((config) => configureRest(config, agentOf(agents, config.name), options)),
  );
}

function agentOf(agents: ReadonlyMap<string, Agent>, name: string): Agent {
  const agent = agents.get(name);
  if (agent === undefined) throw new Error(`there is no agent in ${JSON.stringify(name)}`);
  return agent;
}

/**
 * Addresses can be used at once, nobody asks for routers that are not there, and ICMP errors are not
 * held back, so that one probe does not depend on the one before. Root may ping without raw sockets.
 */
async function calm(agent: Agent): Promise<void> {
  const settings = ["all", "default", "lo"].flatMap((link) => [
    `net.ipv6.conf.${link}.accept_dad = 0`,
    `net.ipv6.conf.${link}.router_solicitations = 0`,
  ]);
  const limits = ["net.ipv4.icmp_ratelimit = 0", "net.ipv6.icmp.ratelimit = 0"];
  await agent.setSysctls([...settings, ...limits, "net.ipv4.ping_group_range = 0 0"]);
}

async function buildSwitch(plan: LabPlan, agent: Agent): Promise<void> {
  const { ports } = plan;
  await agent.setSysctls(
    ["iptables", "ip6tables"].map((t) => `net.bridge.bridge-nf-call-${t} = 0`),
  );
  const devices = [...plan.bridges, ...ports.map((p) => p.port)];
  const lines = [
    ...plan.bridges.map((bridge) => `link add name ${bridge} type bridge`),
    ...ports.map(({ netns, link, port }) => {
      const real = plan.realNames.get(netns);
      return `link add name ${port} type veth peer name ${link} netns ${real}`;
    }),
    ...ports.map(({ port, bridge }) => `link set dev ${port} master ${bridge}`),
    // Frames of any size pass: what is too big for a node is its own link's affair.
    ...devices.map((dev) => `link set dev ${dev} mtu 65535`),
    ...devices.map((dev) => `link set dev ${dev} up`),
  ];
  await ipBatch(agent, lines.map((line) => `${line}\n`).join(""));
}

async function ipBatch(agent: Agent, text: string, options: readonly string[] = []): Promise<void> {
  if (text !== "") await agent.run(["ip", ...options, "-batch", "-"], text);
}

interface Links {
  readonly plan: LabPlan;
  readonly config: NetnsConfig;
  /** Names of those whose links are there. */
  readonly built: ReadonlySet<string>;
  readonly agent: Agent;
}

/**
 * Links come with settings that hold for links to come (`default`) set before, and a link's own
 * after. The second end of a pair is there when its turn comes.
 */
async function configureLinks({ plan, config, built, agent }: Links): Promise<void> {
  const sysctls = linesOf(renderNetns(config, "sysctl"));
  const own = new Set(config.links.map((l) => `.conf.${l.name.replaceAll(".", "/")}.`));
  const isOwn = (line: string) => [...own].some((part) => line.includes(part));
  await agent.setSysctls(sysctls.filter((line) => !isOwn(line)));
  const isThere = ({ name: link, kind }: LinkConfig) => {
    if (kind.kind !== "veth") return kind.kind === "loopback" || kind.kind === "physical";
    const peer = kind.peer?.netns;
    if (peer !== undefined) return built.has(peer);
    const earlier = config.links.findIndex((l) => l.name === kind.peer?.link);
    return earlier >= 0 && earlier < config.links.findIndex((l) => l.name === link);
  };
  const netnsName = (netns: string) => plan.realNames.get(netns) ?? netns;
  await ipBatch(agent, renderNetns(config, "ip", { isThere, netnsName }));
  await ipBatch(agent, renderNetns(config, "ip6rules"), ["-6"]);
  await agent.setSysctls(sysctls.filter(isOwn));
}

/** Which tool takes which text, in the order they are loaded. */
const LOADERS: readonly (readonly [what: RenderedText, argv: readonly string[]])[] = [
  ["bridge", ["bridge", "-batch", "-"]],
  ["ipset", ["ipset", "restore"]],
  ["iptables", ["iptables-restore"]],
  ["ip6tables", ["ip6tables-restore"]],
  ["nft", ["nft", "-f", "-"]],
  ["ipvs", ["ipvsadm", "-R"]],
];

async function configureRest(
  config: NetnsConfig,
  agent: Agent,
  options: BuildOptions,
): Promise<void> {
  for (const [what, argv] of LOADERS) {
    const text = renderNetns(config, what);
    const input = options.withoutChance ? withoutRandomPorts(text) : text;
    if (input !== "") await agent.run(argv, input);
  }
}

/** The same rules, with ports that masquerade picks by rule. */
function withoutRandomPorts(text: string): string {
  return text
    .replaceAll(" --random-fully", "")
    .replaceAll(/\bmasquerade (fully-)?random\b/g, "masquerade");
}

/** The same routes, each with one way to go. */
function withoutForks(config: NetnsConfig): NetnsConfig {
  const routes = config.routes.map((route) =>
    route.nextHops.length > 1 ? { ...route, nextHops: route.nextHops.slice(0, 1) } : route,
  );
  return { ...config, routes };
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** Takes the namespaces of a lab on this machine down, by the names that begin with the lab's. */
export function removeStanding(labName: string): string[] {
  const names = standingNetns(labName);
  thisMachine.removeNetns(names);
  return names;
}

/** The namespaces of a lab that are there. */
export function standingNetns(labName: string): string[] {
  return listNetns().filter((name) => isOfLab(name, labName));
}

/** Whether a real name is one of the lab's. */
function isOfLab(name: string, labName: string): boolean {
  const prefix = `kw-${labName}-`;
  return name.startsWith(prefix) && /^(\d+|sw)$/.test(name.slice(prefix.length));
}

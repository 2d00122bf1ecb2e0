/**
 * A running cluster: every node and pod as a network namespace with its kernel, sockets and servers,
 * on one virtual clock.
 *
 *   cluster ─ compile ─▶ NetnsConfigs ─▶ Fabric ◀── processes (curl, nslookup, ping)
 *                                          │  ◀──── servers (http, dns, echo)
 *                                          └─▶ traces
 */
import { openRandom, type Random, RefusedError } from "../base/index.js";
import type { Cluster } from "../cluster/index.js";
import { Fabric } from "../fabric/index.js";
import type { IpvsConfig, IpvsSnapshot } from "../ipvs/index.js";
import type { Draft, Listener, NetnsConfig, Service } from "../netns/index.js";
import { type Pod, parseTime } from "../objects/index.js";
import { mapOrigins, type TraceLevel } from "../trace/index.js";
import { forgetStaleConnections } from "./conntrack-cleanup.js";
import { ClusterDns } from "./dns/cluster-dns.js";
import { type Host, readCommand } from "./host.js";
import { IpvsProxy, TERMINATION_CHECK_US } from "./ipvs-proxy.js";
import { PolicyNotes } from "./policies/notes.js";
import type { CommandResult, Running, Syscalls } from "./process/process.js";
import { startProcess } from "./process/run-process.js";
import { noResolver, resolverOf } from "./resolv-conf.js";
import type { NodeHealthView } from "./servers/node-health.js";
import { serveListener, welcomePage } from "./servers/servers.js";
import { Story } from "./story.js";

/** How a simulation is run. */
export interface SimulationOptions {
  /** Everything random comes from it. Default: `kubewire`. */
  readonly seed?: string;
  /** How much is told of every packet's journey. Default: everything. */
  readonly trace?: TraceLevel | "none";
  /** How long a frame is on a wire. Default: 10 µs. */
  readonly wireDelayUs?: number;
}

/** What a command in a pod or on a node did. */
export interface ExecResult extends CommandResult {
  /** Every packet behind it. */
  readonly trace: Story;
  /** Simulated microseconds it took. */
  readonly tookUs: number;
}

/** A node or pod to be asked. */
export interface HostHandle {
  readonly name: string;
  readonly config: NetnsConfig;
  /** Runs a command and waits for its end. */
  exec(command: string): ExecResult;
  /** As `exec`, but gives only what the command prints. */
  sh(command: string): string;
}

/** How long a command may run before the simulation gives it up. */
const execLimitUs = 3_600_000_000;
/** Time given to the last acknowledgements of a command that has ended. */
const settleUs = 50_000;
const defaultWireDelayUs = 10;

/**
 * A running cluster.
 *
 * Laws: same cluster, seed and commands, byte-identical traces
 * (test/property/simulation/determinism.prop.test.ts).
 *
 * @example
 * const sim = startSimulation(cluster, { seed: "lesson-1" });
 * sim.exec("pod-a", "curl http://pod-b-service").stdout
 */
export class Simulation {
  readonly fabric: Fabric;
  readonly #seed: string;
  readonly #randoms = new Map<string, Random>();
  /** The moment the cluster was at when the simulation began, microseconds since 1970. */
  readonly #startUs: number;
  /** When the proxies last wrote their rules, on the simulation's clock. */
  #syncedUs = 0;
  #cluster: Cluster;
  #notes: { readonly cluster: Cluster; readonly notes: PolicyNotes } | undefined;
  readonly #ipvsProxies = new Map<string, IpvsProxy>();
  /** Nodes whose real servers on their way out will be looked at. */
  readonly #checked = new Set<string>();
  #dns: { readonly cluster: Cluster; readonly server: ClusterDns } | undefined;

  constructor(cluster: Cluster, options: SimulationOptions = {}) {
    this.#cluster = cluster;
    this.#seed = options.seed ?? "kubewire";
    this.#startUs = (parseTime(cluster.state.time) ?? 0) * 1_000_000;
    const { netns, segments } = cluster.compile();
    this.fabric = new Fabric([...netns.values()], {
      seed: this.#seed,
      segments: segments.map((segment) => segment.members),
      trace: options.trace ?? "everything",
      wireDelayUs: options.wireDelayUs ?? defaultWireDelayUs,
      serve: (name, listener) => this.#serve(name, listener),
    });
  }

  /** The cluster as it is now. */
  get cluster(): Cluster {
    return this.#cluster;
  }

  /** Simulated microseconds since the start. */
  get nowUs(): number {
    return this.fabric.clock.nowUs;
  }

  /** A node by its name. */
  node(name: string): HostHandle {
    if (this.#cluster.get("Node", "", name) === undefined) throw notFound("node", name);
    return this.#handle(name);
  }

  /** A pod by its name, `namespace/name` outside of `default`. */
  pod(name: string): HostHandle {
    const { namespace, pod } = this.#findPod(name);
    const onNode = pod.spec?.hostNetwork === true ? pod.spec.nodeName : undefined;
    return this.#handle(onNode ?? `${namespace}/${pod.metadata.name}`, pod);
  }

  /** Any namespace: a node, a pod (`namespace/name`), or a host outside of the cluster. */
  host(name: string): HostHandle {
    return this.#handle(name);
  }

  /**
   * Runs a command in a pod, and the simulation until it has ended.
   *
   * Returns: what the command printed, its exit code, and the trace of every packet, DNS included.
   */
  exec(pod: string, command: string): ExecResult {
    return this.pod(pod).exec(command);
  }

  /**
   * Sends one packet from a pod, node or outside host, and lets it travel to its end.
   *
   * Returns: the journeys of the packet and of what it led to.
   */
  send(from: string, draft: Draft): Story {
    const first = this.fabric.journeys.nextId;
    this.fabric.netns(this.#netnsName(from)).send(draft);
    this.fabric.advance(settleUs);
    return this.#storySince(first);
  }

  /** Lets time pass. */
  advance(us: number): void {
    this.fabric.advance(us);
  }

  /**
   * Goes on with a changed cluster. Namespaces whose configuration is the same object run on;
   * the others start anew with the connections they tracked, but for those that kube-proxy makes their
   * kernel forget.
   */
  update(cluster: Cluster): void {
    const before = this.#cluster.compile().netns;
    const models = this.#cluster.proxyModels();
    const after = cluster.compile().netns;
    this.#cluster = cluster;
    this.#syncedUs = this.nowUs;
    const changed = [...after.values()].filter((config) => before.get(config.name) !== config);
    const gone = [...before.keys()].filter((name) => !after.has(name));
    const stackOf = (name: string) => this.fabric.findNetns(name)?.stack;
    const tables = changed.map(({ name }) => {
      const stack = stackOf(name);
      return { name, entries: stack?.netfilter.conntrack.save(), ipvs: stack?.ipvs?.save() };
    });
    this.fabric.replace(changed, gone);
    for (const { name, entries, ipvs } of tables) {
      if (entries !== undefined) stackOf(name)?.netfilter.conntrack.restore(entries);
      if (ipvs !== undefined) this.#followIpvs(name, ipvs, before.get(name)?.ipvs);
    }
    const now = cluster.proxyModels();
    for (const { metadata } of now === models ? [] : cluster.nodes) {
      const stack = stackOf(metadata.name);
      if (stack !== undefined) forgetStaleConnections(stack.netfilter.conntrack, models, now);
    }
  }

  /** kube-proxy edits the virtual servers of a node, and looks after those on their way out. */
  #followIpvs(name: string, saved: IpvsSnapshot, before: IpvsConfig | undefined): void {
    const stack = this.fabric.findNetns(name)?.stack;
    if (stack?.ipvs === undefined) return;
    stack.ipvs.restore(saved);
    const proxy = this.#ipvsProxies.get(name) ?? new IpvsProxy();
    this.#ipvsProxies.set(name, proxy);
    const wanted = stack.config.ipvs?.virtualServers ?? [];
    proxy.follow(stack.ipvs, before?.virtualServers ?? [], wanted);
    this.#checkTermination(name, proxy);
  }

  #checkTermination(name: string, proxy: IpvsProxy): void {
    if (!proxy.isTerminating || this.#checked.has(name)) return;
    this.#checked.add(name);
    this.fabric.clock.schedule(TERMINATION_CHECK_US, () => {
      this.#checked.delete(name);
      const ipvs = this.fabric.findNetns(name)?.stack.ipvs;
      if (ipvs !== undefined) proxy.expire(ipvs);
      this.#checkTermination(name, proxy);
    });
  }

  #handle(name: string, pod?: Pod): HostHandle {
    const netns = this.fabric.findNetns(name);
    if (netns === undefined) throw notFound("host", name);
    const owner = pod ?? this.#podOfNetns(name);
    const exec = (command: string) => this.#exec(name, owner, command);
    const sh = (command: string) => {
      const { stdout, stderr, exitCode } = exec(command);
      return exitCode === 0 ? stdout : stdout + stderr;
    };
    return { name, config: netns.stack.config, exec, sh };
  }

  #exec(name: string, pod: Pod | undefined, line: string): ExecResult {
    const first = this.fabric.journeys.nextId;
    const startUs = this.nowUs;
    const host = this.#host(name, pod);
    const command = readCommand(host, line);
    const result = command.kind === "done" ? command.result : this.#runProcess(host, command.main);
    const tookUs = this.nowUs - startUs;
    if (command.kind === "process") this.fabric.advance(settleUs);
    return { ...result, tookUs, trace: this.#storySince(first) };
  }

  #runProcess(host: Host, main: (calls: Syscalls) => Running<CommandResult>): CommandResult {
    const { clock } = this.fabric;
    let result: CommandResult | undefined;
    const place = {
      netns: host.netns,
      random: host.random,
      clock: {
        nowUs: () => clock.nowUs,
        schedule: (delayUs: number, task: () => void) => clock.schedule(delayUs, task),
      },
    };
    startProcess(place, main, (value) => {
      result = value;
    });
    this.fabric.runUntil(() => result !== undefined, execLimitUs);
    return result ?? { stdout: "", stderr: "the command did not end in an hour\n", exitCode: 124 };
  }

  #host(name: string, pod: Pod | undefined): Host {
    const netns = this.fabric.netns(name);
    const resolver = pod === undefined ? noResolver : resolverOf(pod, this.#cluster);
    const families = familiesOf(netns.stack.config);
    const environment = { resolver, families };
    return { netns, environment, random: this.#random(name) };
  }

  #random(name: string): Random {
    const known = this.#randoms.get(name);
    if (known !== undefined) return known;
    const random = openRandom(this.#seed, `process/${name}`);
    this.#randoms.set(name, random);
    return random;
  }

  #storySince(first: number): Story {
    const traces = this.fabric.traces(first);
    const notes = this.#policyNotes();
    const noted = notes.isEmpty ? traces : traces.map((trace) => notes.add(trace));
    if (this.#cluster.state.places.size === 0) return new Story(noted);
    return new Story(noted.map((t) => mapOrigins(t, (origin) => this.#cluster.locate(origin))));
  }

  #policyNotes(): PolicyNotes {
    if (this.#notes?.cluster !== this.#cluster) {
      this.#notes = { cluster: this.#cluster, notes: new PolicyNotes(this.#cluster) };
    }
    return this.#notes.notes;
  }

  #findPod(name: string): { readonly namespace: string; readonly pod: Pod } {
    const at = name.indexOf("/");
    const namespace = at < 0 ? "default" : name.slice(0, at);
    const pod = this.#cluster.get("Pod", namespace, name.slice(at + 1));
    if (pod === undefined) throw notFound("pod", name);
    return { namespace, pod };
  }

  #podOfNetns(name: string): Pod | undefined {
    const at = name.indexOf("/");
    return at < 0 ? undefined : this.#cluster.get("Pod", name.slice(0, at), name.slice(at + 1));
  }

  #netnsName(name: string): string {
    if (this.fabric.findNetns(name) !== undefined) return name;
    return this.pod(name).name;
  }

  #serve(netns: string, listener: Listener): Service {
    return serveListener(listener, {
      netns,
      page: (path) => this.#page(netns, path),
      dns: () => this.#dnsServer(),
      health: () => this.#nodeHealth(netns),
    });
  }

  #nodeHealth(nodeName: string): NodeHealthView {
    return {
      node: this.#cluster.get("Node", "", nodeName),
      nodeName,
      models: this.#cluster.proxyModels(),
      nowUs: this.#startUs + this.nowUs,
      syncedUs: this.#startUs + this.#syncedUs,
    };
  }

  /** nginx welcomes everybody; of other images it is enough to know which pod answered. */
  #page(netns: string, path: string): string | undefined {
    const pod = this.#podOfNetns(netns);
    const image = pod?.spec?.containers?.[0]?.image ?? "";
    if (!/(^|\/)nginx(:|@|$)/.test(image)) return `${netns}\n`;
    return path === "/" || path === "/index.html" ? welcomePage : undefined;
  }

  #dnsServer(): ClusterDns {
    if (this.#dns?.cluster === this.#cluster) return this.#dns.server;
    const cluster = this.#cluster;
    const objects = {
      namespaces: cluster.list("Namespace"),
      services: cluster.list("Service"),
      endpointSlices: cluster.list("EndpointSlice"),
    };
    const zone = `${cluster.settings.clusterDomain}.`;
    const server = new ClusterDns(objects, { zone });
    this.#dns = { cluster, server };
    return server;
  }
}

/** Starts a cluster. */
export function startSimulation(cluster: Cluster, options: SimulationOptions = {}): Simulation {
  return new Simulation(cluster, options);
}

/** Families that a namespace has an address of, besides its loopback and link-local ones. */
function familiesOf({ links }: NetnsConfig): readonly string[] {
  const addresses = links
    .filter((link) => link.kind.kind !== "loopback")
    .flatMap((link) => link.addresses.filter((a) => a.scope !== "link"));
  return [...new Set(addresses.map((a) => a.address.addr.family))];
}

function notFound(kind: string, name: string): RefusedError {
  return new RefusedError("NotFound", `there is no ${kind} ${JSON.stringify(name)}`, {
    kind,
    name,
  });
}

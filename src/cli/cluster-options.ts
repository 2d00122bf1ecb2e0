/** The options that every command with a cluster has, and the cluster they make. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { Cluster, type ClusterOptions, type PolicyMode, type ProxyMode } from "../cluster/index.js";
import { loadManifests, type OtherKind } from "../objects/index.js";
import { PROXY_RELEASES, type ProxyRelease } from "../proxy/index.js";
import { parseFamilies } from "./families.js";
import { readManifests } from "./files.js";

/** What commander read. */
export interface ClusterFlags {
  readonly filename: readonly string[];
  readonly nodes?: number;
  readonly network?: ClusterOptions["network"];
  readonly proxy?: ProxyMode;
  readonly proxyRelease?: ProxyRelease;
  readonly policyAgent?: PolicyMode;
  readonly families?: readonly ("ip4" | "ip6")[];
  readonly namespace: string;
  readonly seed: string;
}

/**
 * Adds `-f`, `--nodes`, `--network`, `--proxy`, `--proxy-release`, `--policy-agent`, `--families`,
 * `--seed`.
 */
export function addClusterOptions(command: Command, files: "required" | "optional"): Command {
  const filename = new Option("-f, --filename <path...>", "manifests, folders of them, or -");
  return command
    .addOption(files === "required" ? filename.makeOptionMandatory() : filename.default([]))
    .addOption(
      new Option("--nodes <count>", "nodes, where the manifests name none").argParser(count),
    )
    .addOption(new Option("--network <flavour>", "pod network").choices(["vxlan", "bridge"]))
    .addOption(
      new Option("--proxy <mode>", "kube-proxy's mode").choices(["iptables", "nftables", "ipvs"]),
    )
    .addOption(
      new Option("--proxy-release <release>", "kube-proxy's release, 1.35 without it").choices([
        ...PROXY_RELEASES,
      ]),
    )
    .addOption(
      new Option(
        "--policy-agent <mode>",
        "who enforces policies; without it, as the proxy",
      ).choices(["iptables", "nftables", "none"]),
    )
    .addOption(
      new Option("--families <list>", "ip4, ip6, or both, primary first").argParser(parseFamilies),
    )
    .option("-n, --namespace <name>", "namespace of objects that name none", "default")
    .option("--seed <text>", "seed of everything random", "kubewire");
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 5000) return value;
  throw new InvalidArgumentError("expected a whole number from 1 to 5000");
}

/** A cluster made from flags, and the kinds that were passed over. */
export interface LoadedCluster {
  readonly cluster: Cluster;
  readonly others: readonly OtherKind[];
}

/** Loads the manifests of the flags into a new cluster. */
export function loadCluster(flags: ClusterFlags): LoadedCluster {
  const { objects, others } = loadManifests(readManifests(flags.filename), {
    namespace: flags.namespace,
  });
  const nodes = objects.flatMap(({ object }) => (object.kind === "Node" ? [object] : []));
  const cluster = Cluster.create({
    nodes: nodes.length > 0 ? nodes : (flags.nodes ?? 2),
    ...(flags.network === undefined ? {} : { network: flags.network }),
    proxy: {
      ...(flags.proxy === undefined ? {} : { mode: flags.proxy }),
      ...(flags.proxyRelease === undefined ? {} : { release: flags.proxyRelease }),
    },
    ...(flags.policyAgent === undefined ? {} : { policyAgent: flags.policyAgent }),
    ...(flags.families === undefined ? {} : { families: flags.families }),
    seed: flags.seed,
  });
  const rest = objects.filter(({ object }) => object.kind !== "Node");
  const origins = new Map(rest.map(({ object, origin }) => [object, origin]));
  return { cluster: cluster.apply([...origins.keys()], { origins }), others };
}

/** Nodes as the flavours configure them, beside nodes on which recorded packets were seen to pass. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { makeLinkAddr, parseAddr, parsePrefix } from "../../../src/addr/index.js";
import {
  configureNode,
  type FlavourName,
  type NetworkConfig,
  type NetworkPlan,
  type NodePlan,
  type PodPlan,
} from "../../../src/cni/index.js";
import { listFiles, readJson } from "../../conformance/files.js";

const DIR = "../shared/vectors/kernel";

interface Dump {
  readonly ip_addr: readonly {
    readonly ifname: string;
    readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
  }[];
  readonly ip_route: readonly {
    readonly type?: string;
    readonly dst: string;
    readonly gateway?: string;
    readonly dev?: string;
    readonly flags: readonly string[];
  }[];
  readonly ip_neigh: readonly {
    readonly dst: string;
    readonly dev: string;
    readonly state: string[];
  }[];
  readonly bridge_fdb: readonly { readonly ifname: string; readonly dst?: string }[];
}

interface Recording {
  readonly flavour?: string;
  readonly family: string;
  readonly namespaces: Readonly<Record<string, Dump>>;
}

/** Namespaces of pods are called `n0p1`: the second pod of `node0`. */
function planOf(record: Recording, flavour: FlavourName) {
  const addrsOf = (ns: string, link: string) =>
    (record.namespaces[ns]?.ip_addr ?? [])
      .filter((l) => l.ifname === link)
      .flatMap((l) => l.addr_info)
      .filter((a) => !a.local.includes(":"));
  const pods = new Map<string, PodPlan[]>();
  const nodes: NodePlan[] = [];
  for (const name of Object.keys(record.namespaces).filter((ns) => /^node\d$/.test(ns))) {
    const uplink = addrsOf(name, "eth0").map((a) => makeLinkAddr(parseAddr(a.local), a.prefixlen));
    const bridge = addrsOf(name, "cni0")[0];
    const prefix = parsePrefix(`${bridge?.local}/${bridge?.prefixlen}`.replace(/\.1\//, ".0/"));
    nodes.push({ name, uplink, podPrefixes: [prefix] });
    const mine = Object.keys(record.namespaces).filter((ns) => ns.startsWith(`n${name.slice(4)}p`));
    pods.set(
      name,
      mine.map((ns) => {
        const addrs = addrsOf(ns, "eth0").map((a) => parseAddr(a.local));
        return { namespace: "default", name: ns, addrs };
      }),
    );
  }
  const gateways = addrsOf("ext", "eth0").map((a) => parseAddr(a.local));
  const clusterPrefixes = [parsePrefix("10.244.0.0/16")];
  const plan: NetworkPlan = {
    flavour,
    families: ["ip4"],
    clusterPrefixes,
    nodes,
    gateways,
    underlayMtu: 1500,
  };
  return { plan, pods };
}

function ours({ routes, neighbors, fdb }: NetworkConfig): readonly string[] {
  const ip4 = routes.filter((r) => r.family === "ip4");
  return sort([
    ...ip4.map((r) => {
      const [hop] = r.nextHops;
      const dst = r.dst.bits === 0 ? "default" : r.dst.bits === 32 ? r.dst.addr : r.dst;
      const flags = hop?.onlink === true ? "onlink" : "";
      return `route ${r.kind} ${dst} ${hop?.gateway ?? ""} ${hop?.link} ${flags}`;
    }),
    ...neighbors.map((n) => `neigh ${n.addr} ${n.link} ${n.state.toUpperCase()}`),
    ...fdb.map((f) => `fdb ${f.link} ${f.dst}`),
  ]);
}

function theirs(dump: Dump): readonly string[] {
  return sort([
    ...dump.ip_route
      .filter((r) => r.dev !== "kube-ipvs0" && !r.dst.includes(":"))
      .map((r) => {
        const flags = r.flags.filter((f) => f === "onlink").join("");
        return `route ${r.type ?? "unicast"} ${r.dst} ${r.gateway ?? ""} ${r.dev} ${flags}`;
      }),
    ...dump.ip_neigh
      .filter((n) => n.state.includes("PERMANENT"))
      .map((n) => `neigh ${n.dst} ${n.dev} PERMANENT`),
    ...dump.bridge_fdb.flatMap((f) => (f.dst === undefined ? [] : [`fdb ${f.ifname} ${f.dst}`])),
  ]);
}

function sort(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const FLAVOURS: Readonly<Record<string, FlavourName>> = {
  vxlan: "vxlan",
  bridge: "bridge",
  hostgw: "bridge",
  "host-gw": "bridge",
};

test.skipIf(!existsSync(DIR))(
  "flavours give the routes, neighbours and FDB of recorded nodes",
  () => {
    const compared = new Map<string, number>();
    for (const file of listFiles(DIR, ".json").filter((f) => f.includes("services-"))) {
      const record = readJson<Recording>(file);
      const flavour = FLAVOURS[record.flavour ?? ""];
      expect(flavour, record.flavour).toBeDefined();
      if (flavour === undefined) continue;
      const { plan, pods } = planOf(record, flavour);
      for (const node of plan.nodes) {
        const config = configureNode(plan, node, pods.get(node.name) ?? []);
        const dump = record.namespaces[node.name] as Dump;
        expect(ours(config), `${file} ${node.name}`).toEqual(theirs(dump));
        compared.set(flavour, (compared.get(flavour) ?? 0) + 1);
      }
    }
    expect([...compared.keys()].length).toBe(2);
  },
);

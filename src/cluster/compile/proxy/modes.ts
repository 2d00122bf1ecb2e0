/** What each mode of kube-proxy puts into a node's kernel, in one form. */
import type { Addr } from "../../../addr/index.js";
import { unreachable } from "../../../base/index.js";
import { kubeletRules } from "../../../cni/index.js";
import type { VirtualServer } from "../../../ipvs/index.js";
import type {
  IpsetConfig,
  IptablesChain,
  IptablesTable,
  NftTable,
} from "../../../netfilter/index.js";
import {
  type BuiltinRules,
  compileIptablesProxy,
  compileIpvsProxy,
  compileNftablesProxy,
  PortMemo,
  type PortRules,
  type ProxyModel,
  type ProxyNode,
  type ProxySettings,
} from "../../../proxy/index.js";
import type { ProxyMode } from "../../settings.js";
import { type SharedRules, shareRules } from "./rulesets.js";

/** The rules of one family's kube-proxy on one node, with those of the kubelet. */
export interface ModeRules {
  /** iptables rules, without those of the flavour. */
  readonly shared: SharedRules;
  readonly nftables: NftTable | undefined;
  readonly ipsets: readonly IpsetConfig[];
  readonly virtualServers: readonly VirtualServer[];
  /** Addresses on the dummy device of ipvs mode. */
  readonly dummyAddrs: readonly Addr[];
  readonly sysctls: readonly (readonly [name: string, value: string])[];
}

/** What is compiled, and for whom. */
export interface ModeInput {
  readonly model: ProxyModel;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
}

/** Compiles the rules of one mode; what it remembers changes no answer. */
export class ModeCompiler {
  readonly #mode: ProxyMode;
  readonly #memo = new PortMemo<PortRules>();

  constructor(mode: ProxyMode) {
    this.#mode = mode;
  }

  /** Whether rules can differ between nodes even if no Service port says so. */
  get isPerNode(): boolean {
    return this.#mode === "ipvs";
  }

  /** The rules of one node. */
  compile(input: ModeInput): ModeRules {
    switch (this.#mode) {
      case "iptables":
        return {
          ...NOTHING,
          ...joinIptables(compileIptablesProxy({ ...input, memo: this.#memo })),
        };
      case "ipvs": {
        const rules = compileIpvsProxy(input);
        const { virtualServers, dummyAddrs, sets } = rules;
        return { ...NOTHING, ...joinIptables(rules), virtualServers, dummyAddrs, ipsets: sets };
      }
      case "nftables":
        return compileNftables(input);
      default:
        return unreachable(this.#mode);
    }
  }
}

const NOTHING = { nftables: undefined, ipsets: [], virtualServers: [], dummyAddrs: [] };

function compileNftables({ model, node, settings }: ModeInput): ModeRules {
  const { family } = settings;
  const nftables = compileNftablesProxy({ model, node, settings });
  const shared = shareRules(family, [kubeletRules(family).tables]);
  return { ...NOTHING, shared, nftables, sysctls: NFTABLES_SYSCTLS };
}

/** nftables mode keeps node ports off loopback addresses, so it opens nothing. */
const NFTABLES_SYSCTLS: ModeRules["sysctls"] = [];

interface ProxyTables {
  readonly family: SharedRules["family"];
  readonly tables: readonly IptablesTable[];
  readonly jumps: readonly BuiltinRules[];
  readonly sysctls: ModeRules["sysctls"];
}

function joinIptables(rules: ProxyTables): Pick<ModeRules, "shared" | "sysctls"> {
  return { shared: shareProxyRules(rules), sysctls: rules.sysctls };
}

const FIREWALL = "KUBE-FIREWALL";

/**
 * The rules of kube-proxy and the kubelet. The kubelet was there first, so its KUBE-FIREWALL stands
 * where it put it and kube-proxy finds it there; kube-proxy's jumps are at the head.
 */
function shareProxyRules(rules: ProxyTables): SharedRules {
  const { family } = rules;
  const kubelet = kubeletRules(family);
  const isTaken = kubelet.tables.some((t) => t.chains.some((c) => c.name === FIREWALL));
  const isOwn = (chain: IptablesChain) => !isTaken || chain.name !== FIREWALL;
  const jumps = rules.jumps.map(({ table, chain, rules: list }): IptablesTable => {
    const kept = list.filter((r) => {
      return !isTaken || r.target?.kind !== "jump" || r.target.chain !== FIREWALL;
    });
    return { name: table, chains: [{ name: chain, policy: "ACCEPT", rules: kept }] };
  });
  const tables = rules.tables.map((table) =>
    table.chains.every(isOwn) ? table : { ...table, chains: table.chains.filter(isOwn) },
  );
  return shareRules(family, [jumps, kubelet.tables], tables);
}

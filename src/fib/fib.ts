/**
 * `Fib`: the routing of one network namespace, built once from plain data and then only read. It
 * holds the tables by number, the policy rules by priority, the links with their addresses and the
 * sysctls that routing reads. Questions are asked in `lookup.ts` (which route), `path/output.ts` and
 * `path/input.ts` (what becomes of a packet).
 */
import type { Addr, Family, LinkAddr } from "../addr/index.js";
import { type FibRuleConfig, FibTable, type NextHopConfig, type RouteConfig } from "./config.js";
import { RouteTable } from "./route-table.js";
import { FibSysctls } from "./sysctl.js";

/** An address of a link, as routing reads it. */
export interface FibAddress {
  readonly address: LinkAddr;
  readonly scope: "global" | "site" | "link" | "host";
  readonly peer?: LinkAddr;
  readonly tentative?: boolean;
  readonly deprecated?: boolean;
}

/** A link, as routing reads it. `LinkConfig` of folder `link` has this shape. */
export interface FibLink {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly carrier?: boolean;
  /** `loopback` and `vrf` (with its table) mean something here; all others are alike. */
  readonly kind: { readonly kind: string; readonly table?: number };
  /** Device group; absent: `default`. */
  readonly group?: string;
  /** Name of the VRF (or bridge) it belongs to. */
  readonly master?: string;
  /** In the order they were set. */
  readonly addresses: readonly FibAddress[];
}

/** What a `Fib` is built from. */
export interface FibState {
  /** All tables of both families, also `local`; equal ones in the order the kernel keeps them. */
  readonly routes: readonly RouteConfig[];
  readonly rules: readonly FibRuleConfig[];
  readonly links: readonly FibLink[];
  readonly sysctls?: ReadonlyMap<string, string>;
}

/** An address with the link it is set on. */
export interface OwnAddress {
  readonly link: FibLink;
  readonly address: FibAddress;
}

/** The routing of one network namespace. Changes nothing once it is built. */
export class Fib {
  readonly links: readonly FibLink[];
  readonly sysctls: FibSysctls;
  /** Name of the loopback link. */
  readonly loopback: string;
  /**
   * IPv4's local and main table are asked as one, which the kernel does until the first policy rule
   * is added or deleted: then a longer prefix of main wins over a shorter one of local.
   */
  readonly merged: RouteTable | undefined;
  /** Somebody added local routes by hand: source checks cannot take the short way. */
  readonly hasCustomLocalRoutes: boolean;
  /** Some route has several next hops: which one is taken may depend on ports. */
  readonly hasMultipath: boolean;
  readonly #byName = new Map<string, FibLink>();
  readonly #tables: Readonly<Record<Family, Map<number, RouteTable>>>;
  readonly #rules: Readonly<Record<Family, readonly FibRuleConfig[]>>;
  readonly #own = new Map<string, OwnAddress>();

  constructor(state: FibState) {
    this.links = state.links;
    this.sysctls = new FibSysctls(state.sysctls ?? new Map());
    this.loopback = state.links.find((l) => l.kind.kind === "loopback")?.name ?? "lo";
    for (const link of state.links) this.#addLink(link);
    const routes = state.routes.map((route) => this.#withoutOwnGateways(route));
    this.#tables = { ip4: tablesOf(routes, "ip4"), ip6: tablesOf(routes, "ip6") };
    const rules6 = rulesOf(state.rules, "ip6");
    this.#rules = {
      ip4: rulesOf(state.rules, "ip4"),
      ip6: areKernelRules6(rules6) ? KERNEL_RULES6 : rules6,
    };
    this.merged = areDefaultRules(this.#rules.ip4) ? mergeTables(routes) : undefined;
    this.hasMultipath = state.routes.some((r) => r.nextHops.length > 1);
    this.hasCustomLocalRoutes = state.routes.some(
      (r) => r.family === "ip4" && r.kind === "local" && r.protocol !== "kernel",
    );
  }

  /** A link by its name. */
  link(name: string): FibLink | undefined {
    return this.#byName.get(name);
  }

  /** A table by its number. */
  table(family: Family, number: number): RouteTable | undefined {
    return this.#tables[family].get(number);
  }

  /** The rules of a family, lowest priority number first. */
  rules(family: Family): readonly FibRuleConfig[] {
    return this.#rules[family];
  }

  /** The link an address is set on; undefined for addresses that are not ours. */
  own(addr: Addr): OwnAddress | undefined {
    return this.#own.get(addr.key());
  }

  /** The VRF a link belongs to, or is. */
  vrfOf(name: string | undefined): FibLink | undefined {
    if (name === undefined) return undefined;
    const link = this.#byName.get(name);
    if (link === undefined || link.kind.kind === "vrf") return link;
    const master = link.master === undefined ? undefined : this.#byName.get(link.master);
    return master?.kind.kind === "vrf" ? master : undefined;
  }

  /**
   * A route of IPv4 may name one of our own addresses as its gateway. The next hop's scope is then
   * `host`, and a packet goes to its destination as if there were no gateway.
   *
   * Follows: Linux 6.18 net/ipv4/fib_semantics.c `fib_check_nh_v4_gw` (`nh->fib_nh_scope = res.scope`),
   * net/ipv4/route.c `rt_set_nexthop`, which takes a gateway of scope `link` alone.
   */
  #withoutOwnGateways(route: RouteConfig): RouteConfig {
    const isOwn = ({ gateway, onlink }: NextHopConfig) =>
      gateway?.family === "ip4" && onlink !== true && this.#own.has(gateway.key());
    if (!route.nextHops.some(isOwn)) return route;
    const nextHops = route.nextHops.map((hop) => {
      if (!isOwn(hop)) return hop;
      const { gateway, ...direct } = hop;
      return direct;
    });
    return { ...route, nextHops };
  }

  #addLink(link: FibLink): void {
    this.#byName.set(link.name, link);
    for (const address of link.addresses) {
      const key = address.address.addr.key();
      if (!this.#own.has(key)) this.#own.set(key, { link, address });
    }
  }
}

/** Builds the routing of one namespace. */
export function openFib(state: FibState): Fib {
  return new Fib(state);
}

function tablesOf(routes: readonly RouteConfig[], family: Family): Map<number, RouteTable> {
  const groups = new Map<number, RouteConfig[]>();
  for (const route of routes) {
    if (route.family !== family) continue;
    const group = groups.get(route.table);
    if (group === undefined) groups.set(route.table, [route]);
    else group.push(route);
  }
  return new Map([...groups].map(([number, list]) => [number, new RouteTable(list)]));
}

function rulesOf(rules: readonly FibRuleConfig[], family: Family): readonly FibRuleConfig[] {
  return rules.filter((r) => r.family === family).sort((a, b) => a.priority - b.priority);
}

/** IPv4's rules as the kernel makes them: local, main, default. */
const DEFAULT_RULES4: readonly (readonly [number, number])[] = [
  [0, FibTable.local],
  [32766, FibTable.main],
  [32767, FibTable.default],
];

/** IPv6's rules as the kernel makes them: local, main. */
const KERNEL_RULES6: readonly FibRuleConfig[] = [
  { family: "ip6", priority: 0, action: { kind: "table", table: FibTable.local } },
  { family: "ip6", priority: 32766, action: { kind: "table", table: FibTable.main } },
];

/**
 * Until a rule is added, IPv6 asks local and main whatever became of the rules it began with.
 *
 * Follows: Linux 6.18 net/ipv6/fib6_rules.c `fib6_rule_lookup` (`fib6_has_custom_rules`).
 */
function areKernelRules6(rules: readonly FibRuleConfig[]): boolean {
  return rules.every((rule) => {
    const same = KERNEL_RULES6.find(({ priority }) => priority === rule.priority);
    const isTable = isPlainRule(rule) && same?.action.kind === "table";
    return isTable && rule.action.table === same.action.table;
  });
}

function areDefaultRules(rules: readonly FibRuleConfig[]): boolean {
  return (
    rules.length === DEFAULT_RULES4.length &&
    rules.every((rule, i) => {
      const [priority, table] = DEFAULT_RULES4[i] as readonly [number, number];
      return isPlainRule(rule) && rule.priority === priority && rule.action.table === table;
    })
  );
}

function isPlainRule(
  rule: FibRuleConfig,
): rule is FibRuleConfig & { action: { kind: "table"; table: number } } {
  const { family, priority, action, origin, ...selectors } = rule;
  return action.kind === "table" && Object.values(selectors).every((value) => value === undefined);
}

function mergeTables(routes: readonly RouteConfig[]): RouteTable {
  return new RouteTable(
    routes.filter(
      (r) => r.family === "ip4" && (r.table === FibTable.local || r.table === FibTable.main),
    ),
  );
}

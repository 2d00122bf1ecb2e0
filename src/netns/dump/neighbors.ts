/** `ip -j neigh` and `bridge -j fdb`: who is where on the link layer. */
import type { FdbConfig, NeighborConfig } from "../../link/index.js";
import { type DumpReport, type DumpSource, type Fields, readList } from "./fields.js";

const NEIGHBOR_STATES: readonly string[] = [
  "permanent",
  "noarp",
  "reachable",
  "stale",
  "delay",
  "probe",
  "failed",
  "incomplete",
];

/**
 * Reads the neighbour table, both families.
 *
 * Follows: iproute2 6.1 ip/ipneigh.c `print_neigh`.
 */
export function parseNeighbors(
  value: unknown,
  at: { readonly source: DumpSource; readonly report: DumpReport },
): NeighborConfig[] {
  return readList(value, at.source, at.report).flatMap((fields) => {
    const neighbor = parseNeighbor(fields);
    return neighbor === undefined ? [] : [neighbor];
  });
}

function parseNeighbor(fields: Fields): NeighborConfig | undefined {
  const addr = fields.addr("dst");
  const link = fields.needText("dev");
  const mac = fields.mac("lladdr");
  const proxy = fields.has("proxy");
  const states = fields.words("state").map((s) => s.toLowerCase());
  if (addr === undefined || link === undefined) return undefined;
  const state = states.find((s) => NEIGHBOR_STATES.includes(s)) ?? (proxy ? "permanent" : "stale");
  fields.finish("ip neigh", NEIGHBOR_INCIDENTAL);
  return {
    addr,
    link,
    ...(mac && { mac }),
    state: state as NeighborConfig["state"],
    ...(proxy && { proxy }),
  };
}

const NEIGHBOR_INCIDENTAL: ReadonlySet<string> = new Set([
  "router",
  "used",
  "confirmed",
  "updated",
  "probes",
  "refcnt",
  "protocol",
  "extern_learn",
  "managed",
]);

/**
 * Reads the forwarding databases of bridges and VXLAN devices.
 *
 * Follows: iproute2 6.1 bridge/fdb.c `print_fdb`.
 */
export function parseFdb(
  value: unknown,
  at: { readonly source: DumpSource; readonly report: DumpReport },
): FdbConfig[] {
  return readList(value, at.source, at.report).flatMap((fields) => {
    const entry = parseFdbEntry(fields);
    return entry === undefined ? [] : [entry];
  });
}

function parseFdbEntry(fields: Fields): FdbConfig | undefined {
  const mac = fields.mac("mac");
  const link = fields.needText("ifname");
  const flags = new Set(fields.words("flags"));
  const master = fields.text("master");
  const dst = fields.addr("dst");
  const port = fields.number("port");
  const vni = fields.number("vni");
  const via = fields.text("viaIf");
  const vlan = fields.number("vlan");
  const state = fields.text("state") ?? "";
  if (mac === undefined || link === undefined) return undefined;
  if (fields.has("nhid")) fields.note("bridge fdb: next hop groups (nhid)", "nhid");
  fields.finish("bridge fdb", FDB_INCIDENTAL);
  return {
    mac,
    link,
    self: flags.has("self"),
    ...(master !== undefined && { master }),
    ...(dst && { dst }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    ...(via !== undefined && { via }),
    state: state === "permanent" || state === "static" || state === "stale" ? state : "reachable",
    ...(vlan !== undefined && { vlan }),
  };
}

const FDB_INCIDENTAL: ReadonlySet<string> = new Set([
  "used",
  "updated",
  "linkNetNsId",
  "src_vni",
  "offload",
  "extern_learn",
  "sticky",
]);

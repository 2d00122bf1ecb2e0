/** IPVS in a dump: `ipvsadm -Sn`, and the sysctls that go with it. */
import { InputError } from "../../base/index.js";
import { type IpvsConfig, parseIpvsSave, SCHEDULERS } from "../../ipvs/index.js";
import type { LinkConfig } from "../../link/index.js";
import type { DumpReport, DumpSource } from "./fields.js";

/** The device that kube-proxy sets Service addresses on. */
const KUBE_PROXY_LINK = "kube-ipvs0";

/**
 * What kube-proxy sets before it makes its device, on every kernel; without the first it does not
 * start.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `NewProxier`.
 */
const KUBE_PROXY_SYSCTLS = [
  ["net.ipv4.vs.conntrack", "1"],
  ["net.ipv4.vs.expire_nodest_conn", "1"],
  ["net.ipv4.vs.expire_quiescent_template", "1"],
] as const;

/** Reads `ipvsadm -Sn`; what is not modelled in it is noted. Undefined: the dump has none. */
export function parseIpvs(
  text: string | undefined,
  { source, report }: { readonly source: DumpSource; readonly report: DumpReport },
): IpvsConfig | undefined {
  if (text === undefined) return undefined;
  try {
    const config = parseIpvsSave(text, source.file);
    noteUnmodelled(config, (feature) => report.noteAt(source, feature, undefined));
    return config;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    report.faults.push(...error.faults);
    return undefined;
  }
}

function noteUnmodelled(
  { virtualServers, marked = [] }: IpvsConfig,
  note: (feature: string) => void,
): void {
  if (marked.length > 0) note("ipvs: virtual servers of firewall marks");
  for (const { scheduler, realServers } of virtualServers) {
    if (!SCHEDULERS.includes(scheduler)) note(`ipvs: scheduler ${scheduler}`);
    for (const { forwarding } of realServers) {
      if (forwarding !== undefined) note(`ipvs: forwarding method ${forwarding}`);
    }
  }
}

/**
 * The sysctls of a dump. One that tells nothing of IPVS' own, and has kube-proxy's device, has what
 * kube-proxy sets.
 */
export function withIpvsSysctls(
  sysctls: ReadonlyMap<string, string>,
  links: readonly LinkConfig[],
): ReadonlyMap<string, string> {
  if (!links.some(({ name }) => name === KUBE_PROXY_LINK)) return sysctls;
  for (const name of sysctls.keys()) if (name.startsWith("net.ipv4.vs.")) return sysctls;
  return new Map([...sysctls, ...KUBE_PROXY_SYSCTLS]);
}

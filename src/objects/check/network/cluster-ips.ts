/**
 * Checks of the fields of a Service that belong together: cluster IPs, families, family policy.
 * They stand alone because allocation asks them before anything else.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidateServiceClusterIPsRelatedFields`.
 */
import type { Fault } from "../../../base/index.js";
import type { IPFamily } from "../../kinds/enums.js";
import type { Service } from "../../kinds/network/service.js";
import { duplicate, invalid, notSupported, required } from "../../shape/field-error.js";
import { checkAddr, parseOldAddr } from "../addresses.js";

const FAMILIES: readonly string[] = ["IPv4", "IPv6"];
const POLICIES: readonly string[] = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const PATH = "spec.clusterIPs";

/** Whether a Service has no cluster IP of its own. */
export function isHeadless(service: Service): boolean {
  const ips = service.spec.clusterIPs ?? [];
  return ips.length === 1 && ips[0] === "None";
}

/** The family of an address, as Services name it. */
export function familyOf(text: string): IPFamily {
  return parseOldAddr(text)?.family === "ip6" ? "IPv6" : "IPv4";
}

/** Checks cluster IPs, families and family policy of a Service; addresses it had before it may keep. */
export function checkClusterIps(
  service: Service,
  faults: Fault[],
  before: readonly string[] = [],
): void {
  const { spec } = service;
  if (spec.type === "ExternalName") return;
  const ips = spec.clusterIPs ?? [];
  checkFirstIp(spec.clusterIP ?? "", ips, faults);
  checkFamilies(service, faults);
  if (!checkEachIp(ips, before, faults)) return;
  if (ips.length > 1) checkDualStack(ips, faults);
  if (!isHeadless(service)) checkIpFamilies(ips, spec.ipFamilies ?? [], faults);
}

function checkDualStack(ips: readonly string[], faults: Fault[]): void {
  const at = ips.findIndex((ip) => parseOldAddr(ip) === undefined);
  if (at >= 0) {
    const message = `failed to check for dual stack with error:invalid IP[${at}]: ${ips[at]}`;
    faults.push({ code: "InternalError", path: PATH, message });
  }
  if (at >= 0 || new Set(ips.map(familyOf)).size !== 2) {
    const message = "may specify no more than one IP for each IP family";
    faults.push(invalid(PATH, ips, message));
  }
}

function checkFirstIp(ip: string, ips: readonly string[], faults: Fault[]): void {
  if (ip === "") {
    if (ips.length === 0) return;
    faults.push(invalid(PATH, ips, "must be empty when `clusterIP` is not specified"));
  } else if (ips.length === 0) faults.push(required(PATH));
  else if (ips[0] !== ip) faults.push(invalid(PATH, ips, "first value must match `clusterIP`"));
}

function checkFamilies(service: Service, faults: Fault[]): void {
  const seen = new Set<string>();
  service.spec.ipFamilies?.forEach((family, i) => {
    const path = `spec.ipFamilies[${i}]`;
    if (!FAMILIES.includes(family)) faults.push(notSupported(path, family, FAMILIES));
    if (seen.has(family)) faults.push(duplicate(path, family));
    seen.add(family);
  });
  const policy = service.spec.ipFamilyPolicy;
  if (policy !== undefined && !POLICIES.includes(policy)) {
    faults.push(notSupported("spec.ipFamilyPolicy", policy, POLICIES));
  }
}

/** Returns whether every address can be read. */
function checkEachIp(ips: readonly string[], before: readonly string[], faults: Fault[]): boolean {
  let readable = true;
  ips.forEach((ip, i) => {
    if (i === 0 && ip === "None") {
      if (ips.length === 1) return;
      readable = false;
      faults.push(invalid(PATH, ips, "'None' must be the first and only value"));
    } else if (!before.includes(ip) && checkAddr(`${PATH}[${i}]`, ip, faults) === undefined) {
      readable = false;
    }
  });
  if (ips.length > 2) faults.push(invalid(PATH, ips, "may only hold up to 2 values"));
  return readable;
}

function checkIpFamilies(
  ips: readonly string[],
  families: readonly string[],
  faults: Fault[],
): void {
  for (let i = 0; i < Math.min(ips.length, families.length); i++) {
    const ip = ips[i] as string;
    const wanted = families[i];
    if (wanted !== "IPv4" && wanted !== "IPv6") continue;
    if (familyOf(ip) === wanted) continue;
    const message = `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``;
    faults.push(invalid(`${PATH}[${i}]`, ip, message));
  }
}

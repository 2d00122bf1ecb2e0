/**
 * Checks of a Service that takes the place of another: what may not change once it is set.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation/validation.go `ValidateServiceUpdate`.
 */
import type { Fault } from "../../../base/index.js";
import type { Service } from "../../kinds/network/service.js";
import { forbidden, invalid } from "../../shape/field-error.js";
import { checkMetaUpdate } from "../meta.js";
import { isHeadless } from "../network/cluster-ips.js";
import { checkServiceBody, needsHealthCheck } from "../network/service.js";

const ONCE = "may not change once set";

/** Checks a Service in the place of `before`, defaults filled in and addresses allocated. */
export function checkServiceUpdate(service: Service, before: Service, faults: Fault[]): void {
  checkMetaUpdate(service.metadata, before.metadata, faults);
  if (service.spec.type !== "ExternalName" && before.spec.type !== "ExternalName") {
    checkIps(service, before, faults);
    if (!isHeadless(service) && !isHeadless(before)) checkFamilies(service, before, faults);
  }
  checkLoadBalancerClass(service, before, faults);
  checkHealthPort(service, before, faults);
  checkServiceBody(service, before, faults);
}

/** Follows: `validateUpgradeDowngradeClusterIPs`. */
function checkIps(service: Service, before: Service, faults: Fault[]): void {
  if (isHeadless(service) && isHeadless(before)) return;
  const now = service.spec.clusterIPs ?? [];
  const old = before.spec.clusterIPs ?? [];
  const path = "spec.clusterIPs";
  if (old.length === now.length) {
    old.forEach((ip, i) => {
      if (ip !== now[i]) faults.push(invalid(`${path}[${i}]`, now, ONCE));
    });
    return;
  }
  if (now.length === 0) {
    faults.push(invalid(`${path}[0]`, now, "primary clusterIP can not be unset"));
  }
  if (old.length > 0 && now.length > 0 && now[0] !== old[0]) {
    faults.push(invalid(`${path}[0]`, now, ONCE));
  }
  if (old.length > now.length && now.length === 1) checkReleased("clusterIP", service, faults);
}

/** Follows: `validateUpgradeDowngradeIPFamilies`, which shows the cluster IPs in two places. */
function checkFamilies(service: Service, before: Service, faults: Fault[]): void {
  const { ipFamilies: now = [], clusterIPs = [] } = service.spec;
  const old = before.spec.ipFamilies ?? [];
  const path = "spec.ipFamilies[0]";
  if (old.length === now.length) {
    old.forEach((family, i) => {
      if (family !== now[i]) faults.push(invalid(path, now, ONCE));
    });
    return;
  }
  const isReleased = old.length > now.length;
  if (isReleased && clusterIPs.length === 0) {
    faults.push(invalid(path, now, "primary ipFamily can not be unset"));
  }
  if (old.length > 0 && now.length > 0 && now[0] !== old[0]) {
    faults.push(invalid(path, clusterIPs, ONCE));
  }
  if (isReleased && now.length === 1) checkReleased("ipFamily", service, faults);
}

function checkReleased(what: string, service: Service, faults: Fault[]): void {
  const policy = service.spec.ipFamilyPolicy;
  if (policy === "SingleStack") return;
  const message = `must be set to 'SingleStack' when releasing the secondary ${what}`;
  faults.push(invalid("spec.ipFamilyPolicy", policy, message));
}

function checkLoadBalancerClass(service: Service, before: Service, faults: Fault[]): void {
  if (service.spec.type !== "LoadBalancer" || before.spec.type !== "LoadBalancer") return;
  const { loadBalancerClass } = service.spec;
  if (loadBalancerClass === before.spec.loadBalancerClass) return;
  faults.push(invalid("spec.loadBalancerClass", loadBalancerClass, ONCE));
}

function checkHealthPort(service: Service, before: Service, faults: Fault[]): void {
  if (!needsHealthCheck(service) || !needsHealthCheck(before)) return;
  const [now, old] = [service.spec.healthCheckNodePort, before.spec.healthCheckNodePort];
  if ((now ?? 0) === (old ?? 0)) return;
  faults.push(forbidden("spec.healthCheckNodePort", "field is immutable"));
}

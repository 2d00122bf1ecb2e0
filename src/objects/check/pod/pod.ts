/**
 * Checks of the spec of a pod, on its own or in the template of a workload.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidatePodSpec`.
 * Not modelled: pods of Windows, resources of a whole pod, annotations with a meaning, sysctls.
 */
import type { Fault } from "../../../base/index.js";
import type { Pod, PodSpec } from "../../kinds/pod/pod.js";
import { checkAddr } from "../addresses.js";
import { checkLabels } from "../meta.js";
import { faultsOfLabel, faultsOfQualifiedName, faultsOfSubdomain } from "../names.js";
import { Place } from "../place.js";
import { checkContainers } from "./container.js";
import { checkDns } from "./dns.js";
import { checkEnvFiles } from "./env.js";
import { checkResources } from "./resources.js";
import { checkAffinity, checkSpread, checkToleration } from "./scheduling.js";
import { checkPodSecurity } from "./security.js";
import { checkVolumes } from "./volume.js";

/** Whose spec it is: of a pod (with its name, where it has one) or of a template of pods. */
export type PodOwner = { readonly isPod: true; readonly name: string } | { readonly isPod: false };

const MAX_INT32 = 2 ** 31 - 1;

/** Checks the spec of a pod. */
export function checkPodSpec(path: string, spec: PodSpec, owner: PodOwner, faults: Fault[]): void {
  const at = new Place(path, faults);
  const name = owner.isPod && owner.name !== "" ? owner.name : undefined;
  const volumes = checkVolumes(spec.volumes, name, at);
  checkClaims(spec, at);
  checkContainers({ spec, volumes, isPod: owner.isPod }, at);
  checkHostNetwork(spec, owner, at);
  at.at("restartPolicy").oneOf(spec.restartPolicy, ["Always", "OnFailure", "Never"]);
  checkDns(spec, at);
  checkLabels(at.at("nodeSelector").path, spec.nodeSelector, faults);
  checkPodSecurity(spec, at);
  if (spec.affinity !== undefined) checkAffinity(spec.affinity, at.at("affinity"));
  at.each("tolerations", spec.tolerations, checkToleration);
  checkSpread(spec.topologySpreadConstraints, at);
  checkGates(spec, at);
  checkNames(spec, at);
  checkHostUsers(spec, at);
  at.at("activeDeadlineSeconds").range(spec.activeDeadlineSeconds, 1, MAX_INT32);
  if (spec.preemptionPolicy !== undefined) {
    at.at("preemptionPolicy").oneOf(spec.preemptionPolicy, ["PreemptLowerPriority", "Never"]);
  }
  if (spec.overhead !== undefined) {
    checkResources({ limits: spec.overhead }, [], at.at("overhead"));
  }
  if (spec.os !== undefined) {
    if (spec.os.name === "") at.at("os.name").required();
    else at.at("os").ifOneOf(spec.os.name, ["linux", "windows"]);
  }
  for (const list of ["initContainers", "containers", "ephemeralContainers"] as const) {
    at.each(list, spec[list], (container, place) => checkEnvFiles(container, spec.volumes, place));
  }
  if (!owner.isPod || (spec.serviceAccountName ?? "") !== "") return;
  at.each("volumes", spec.volumes, ({ projected }, place) => {
    place.each("projected.sources", projected?.sources, ({ serviceAccountToken }, source) => {
      if (serviceAccountToken === undefined) return;
      const message = "must not be specified when serviceAccountName is not set";
      source.at("serviceAccountToken").forbidden(message);
    });
  });
}

/**
 * Checks a pod.
 *
 * Follows: `ValidatePodCreate`. A pod that has a `uid` was read from a cluster, and may have got
 * containers to look into it.
 */
export function checkPod({ metadata, spec }: Pod, faults: Fault[]): void {
  checkPodSpec("spec", spec, { isPod: true, name: metadata.name }, faults);
  const at = new Place("spec", faults);
  if ((spec.ephemeralContainers ?? []).length > 0 && metadata.uid === undefined) {
    at.at("ephemeralContainers").forbidden("cannot be set on create");
  }
  if ((spec.nodeName ?? "") !== "" && (spec.schedulingGates ?? []).length > 0) {
    at.at("nodeName").forbidden("cannot be set until all schedulingGates have been cleared");
  }
}

/** With the host's network a port of a container is the same port of the host. */
function checkHostNetwork({ containers, hostNetwork }: PodSpec, owner: PodOwner, at: Place): void {
  if (hostNetwork !== true) return;
  at.each("containers", containers, ({ ports }, container) => {
    container.each("ports", ports, ({ containerPort, hostPort = 0 }, place) => {
      if (hostPort === containerPort || (hostPort === 0 && !owner.isPod)) return;
      const message = "must match `containerPort` when `hostNetwork` is true";
      place.at("hostPort").invalid(hostPort, message);
    });
  });
}

function checkGates({ readinessGates, schedulingGates }: PodSpec, at: Place): void {
  at.each("readinessGates", readinessGates, ({ conditionType }, place) => {
    place.at("conditionType").form(conditionType, faultsOfQualifiedName);
  });
  const seen = new Set<string>();
  at.each("schedulingGates", schedulingGates, ({ name }, place) => {
    place.form(name, faultsOfQualifiedName);
    if (seen.has(name)) place.duplicate(name);
    seen.add(name);
  });
}

/** Longest name that a host can have on Linux. */
const MAX_HOSTNAME = 64;

function checkNames(spec: PodSpec, at: Place): void {
  for (const name of ["serviceAccountName", "nodeName", "priorityClassName"] as const) {
    const text = spec[name] ?? "";
    if (text !== "") at.at(name).form(text, faultsOfSubdomain);
  }
  for (const name of ["hostname", "subdomain"] as const) {
    const text = spec[name] ?? "";
    if (text !== "") at.at(name).form(text, faultsOfLabel);
  }
  const { hostnameOverride, runtimeClassName } = spec;
  if (runtimeClassName !== undefined) {
    at.at("runtimeClassName").form(runtimeClassName, faultsOfSubdomain);
  }
  at.each("hostAliases", spec.hostAliases, ({ hostnames, ip }, place) => {
    checkAddr(place.at("ip").path, ip, place.faults);
    place.each("hostnames", hostnames, (host, item) => item.form(host, faultsOfSubdomain));
  });
  if (hostnameOverride === undefined) return;
  const place = at.at("hostnameOverride");
  if (spec.setHostnameAsFQDN === true) {
    place.forbidden("may not be specified when setHostnameAsFQDN is true");
  }
  if (spec.hostNetwork === true) place.forbidden("may not be specified when hostNetwork is true");
  if (hostnameOverride.length > MAX_HOSTNAME) place.tooLong(MAX_HOSTNAME);
  place.form(hostnameOverride, faultsOfSubdomain);
}

/** Users of its own go with namespaces of its own. */
function checkHostUsers(spec: PodSpec, at: Place): void {
  if (spec.hostUsers !== false) return;
  const message = "when `hostUsers` is false";
  if (spec.hostNetwork === true) at.at("hostNetwork").forbidden(message);
  if (spec.hostPID === true) at.at("HostPID").forbidden(message);
  if (spec.hostIPC === true) at.at("HostIPC").forbidden(message);
  for (const list of ["initContainers", "containers", "ephemeralContainers"] as const) {
    at.each(list, spec[list], ({ volumeDevices = [] }, place) => {
      if (volumeDevices.length > 0) place.at("volumeDevices").forbidden(message);
    });
  }
}

function checkClaims({ resourceClaims }: PodSpec, at: Place): void {
  const names = new Set<string>();
  at.each("resourceClaims", resourceClaims, (claim, place) => {
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (names.has(name)) place.at("name").duplicate(name);
    else place.at("name").needs(name, faultsOfLabel);
    names.add(name);
    const shown = {
      Name: name,
      ResourceClaimName: resourceClaimName ?? null,
      ResourceClaimTemplateName: resourceClaimTemplateName ?? null,
    };
    const count =
      Number(resourceClaimName !== undefined) + Number(resourceClaimTemplateName !== undefined);
    if (count === 2) {
      const both = "`resourceClaimName` or `resourceClaimTemplateName`";
      place.invalid(shown, `at most one of ${both} may be specified`);
    }
    if (count === 0) {
      const both = "`resourceClaimName`, `resourceClaimTemplateName`";
      place.invalid(shown, `must specify one of: ${both}`);
    }
    for (const field of ["resourceClaimName", "resourceClaimTemplateName"] as const) {
      const text = claim[field];
      if (text !== undefined) place.at(field).form(text, faultsOfSubdomain);
    }
  });
}

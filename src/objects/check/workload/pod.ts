/**
 * Checks of pods and of what makes pods, as far as the network depends on it: names, ports,
 * addresses, selectors, how many.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidatePodSpec`, pkg/apis/apps/validation.
 * Not modelled: checks of volumes, security contexts, resources, affinity.
 */
import type { Fault } from "../../../base/index.js";
import type { LabelSelector } from "../../kinds/meta.js";
import type { Container } from "../../kinds/pod/container.js";
import type { PodSpec, PodTemplateSpec } from "../../kinds/pod/pod.js";
import { isEmptySelector, matchesSelector } from "../../selector.js";
import { duplicate, invalid, notSupported, required } from "../../shape/field-error.js";
import { checkAddr } from "../addresses.js";
import { checkAnnotations, checkLabels, checkSelector } from "../meta.js";
import {
  checkForm,
  faultsOfEnvName,
  faultsOfLabel,
  faultsOfPortName,
  faultsOfSubdomain,
} from "../names.js";

const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];
const RESTART_POLICIES: readonly string[] = ["Always", "OnFailure", "Never"];
const DNS_POLICIES: readonly string[] = [
  "ClusterFirstWithHostNet",
  "ClusterFirst",
  "Default",
  "None",
];

/** Checks the spec of a pod beyond its declaration. */
export function checkPodSpec(path: string, spec: PodSpec, faults: Fault[]): void {
  const names = new Set<string>();
  const init = spec.initContainers ?? [];
  init.forEach((c, i) => {
    checkContainer(`${path}.initContainers[${i}]`, c, { names, spec }, faults);
  });
  if (spec.containers.length === 0) faults.push(required(`${path}.containers`));
  spec.containers.forEach((c, i) => {
    checkContainer(`${path}.containers[${i}]`, c, { names, spec }, faults);
  });
  checkHostPorts(path, spec, faults);
  const restart = spec.restartPolicy ?? "";
  if (restart === "") faults.push(required(`${path}.restartPolicy`));
  else if (!RESTART_POLICIES.includes(restart)) {
    faults.push(notSupported(`${path}.restartPolicy`, restart, RESTART_POLICIES));
  }
  if (spec.dnsPolicy !== undefined && !DNS_POLICIES.includes(spec.dnsPolicy)) {
    faults.push(notSupported(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES));
  }
  checkDns(path, spec, faults);
  spec.hostAliases?.forEach((alias, i) => {
    checkAddr(`${path}.hostAliases[${i}].ip`, alias.ip ?? "", faults);
    for (const host of alias.hostnames ?? []) {
      checkForm(`${path}.hostAliases[${i}].hostnames`, host, faultsOfSubdomain, faults);
    }
  });
}

/** Most nameservers of a pod. */
const MAX_NAMESERVERS = 3;

function checkDns(path: string, spec: PodSpec, faults: Fault[]): void {
  const servers = spec.dnsConfig?.nameservers ?? [];
  if (spec.dnsPolicy === "None" && servers.length === 0) {
    const message = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    faults.push(
      required(`${path}.dnsConfig${spec.dnsConfig === undefined ? "" : ".nameservers"}`, message),
    );
  }
  if (servers.length > MAX_NAMESERVERS) {
    const message = `must not have more than ${MAX_NAMESERVERS} nameservers`;
    faults.push(invalid(`${path}.dnsConfig.nameservers`, servers, message));
  }
  servers.forEach((server, i) => {
    checkAddr(`${path}.dnsConfig.nameservers[${i}]`, server, faults);
  });
}

interface ContainerContext {
  readonly names: Set<string>;
  readonly spec: PodSpec;
}

function checkContainer(
  path: string,
  container: Container,
  { names, spec }: ContainerContext,
  faults: Fault[],
): void {
  const { name } = container;
  if (name === "") faults.push(required(`${path}.name`));
  else checkForm(`${path}.name`, name, faultsOfLabel, faults);
  if (names.has(name) && name !== "") faults.push(duplicate(`${path}.name`, name));
  names.add(name);
  const image = container.image ?? "";
  if (image === "") faults.push(required(`${path}.image`));
  else if (image.trim() !== image) {
    faults.push(invalid(`${path}.image`, image, "must not have leading or trailing whitespace"));
  }
  checkContainerPorts(path, container, spec, faults);
  container.env?.forEach((env, i) => {
    if (env.name === "") faults.push(required(`${path}.env[${i}].name`));
    else checkForm(`${path}.env[${i}].name`, env.name, faultsOfEnvName, faults);
  });
}

function checkContainerPorts(
  path: string,
  container: Container,
  spec: PodSpec,
  faults: Fault[],
): void {
  const names = new Set<string>();
  container.ports?.forEach((port, i) => {
    const place = `${path}.ports[${i}]`;
    const name = port.name ?? "";
    if (name !== "") {
      const wrong = faultsOfPortName(name);
      for (const message of wrong) faults.push(invalid(`${place}.name`, name, message));
      if (wrong.length === 0 && names.has(name)) faults.push(duplicate(`${place}.name`, name));
      names.add(name);
    }
    const protocol: string = port.protocol ?? "";
    if (protocol === "") faults.push(required(`${place}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) {
      faults.push(notSupported(`${place}.protocol`, protocol, PROTOCOLS));
    }
    const host = port.hostPort ?? 0;
    if (host !== 0 && (host < 1 || host > 65535)) {
      faults.push(invalid(`${place}.hostPort`, host, "must be between 1 and 65535, inclusive"));
    }
    if (spec.hostNetwork === true && host !== port.containerPort) {
      const message = "must match `containerPort` when `hostNetwork` is true";
      faults.push(invalid(`${place}.hostPort`, host, message));
    }
  });
}

/** Refuses the same host port twice in one pod. */
function checkHostPorts(path: string, spec: PodSpec, faults: Fault[]): void {
  const taken = new Set<string>();
  spec.containers.forEach((container, i) => {
    container.ports?.forEach((port, j) => {
      if ((port.hostPort ?? 0) === 0) return;
      const key = `${port.protocol}/${port.hostIP ?? ""}/${port.hostPort}`;
      const place = `${path}.containers[${i}].ports[${j}].hostPort`;
      if (taken.has(key)) faults.push(duplicate(place, key));
      taken.add(key);
    });
  });
}

/** What is checked of a workload: its selector selects its pods, and these run always. */
export interface WorkloadRules {
  readonly selector: LabelSelector | undefined;
  readonly template: PodTemplateSpec;
  /** The restart policies that its pods may have. */
  readonly restart: readonly string[];
  /** Whether the server makes up the selector. */
  readonly ownSelector?: boolean;
}

/** Checks the selector and template of a workload. */
export function checkWorkload(rules: WorkloadRules, faults: Fault[]): void {
  const { restart, selector, template } = rules;
  if (rules.ownSelector !== true) {
    if (selector === undefined) faults.push(required("spec.selector"));
    else {
      checkSelector("spec.selector", selector, faults);
      if (isEmptySelector(selector)) {
        faults.push(invalid("spec.selector", selector, "empty selector is invalid for deployment"));
      } else if (!matchesSafely(selector, template)) {
        const labels = template.metadata?.labels ?? {};
        const message = "`selector` does not match template `labels`";
        faults.push(invalid("spec.template.metadata.labels", labels, message));
      }
    }
  }
  checkLabels("spec.template.labels", template.metadata?.labels, faults);
  checkAnnotations("spec.template.annotations", template.metadata?.annotations, faults);
  if (template.spec === undefined) return;
  checkPodSpec("spec.template.spec", template.spec, faults);
  const policy = template.spec.restartPolicy ?? "";
  if (RESTART_POLICIES.includes(policy) && !restart.includes(policy)) {
    faults.push(notSupported("spec.template.spec.restartPolicy", policy, restart));
  }
}

/** An operator that is none is told elsewhere. */
function matchesSafely(selector: LabelSelector, template: PodTemplateSpec): boolean {
  const known = ["In", "NotIn", "Exists", "DoesNotExist"];
  const isKnown = (selector.matchExpressions ?? []).every((e) => known.includes(e.operator));
  return !isKnown || matchesSelector(selector, template.metadata?.labels);
}

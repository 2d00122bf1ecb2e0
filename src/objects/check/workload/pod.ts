/**
 * Checks of pods and of what makes pods, as far as the network depends on it: names, ports,
 * addresses, selectors, how many.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidatePodSpec`, pkg/apis/apps/validation.
 * Not modelled: checks of volumes, security contexts, resources, affinity.
 */
import type { Fault } from "../../../base/index.js";
import type { Kind } from "../../kinds/kinds.js";
import type { LabelSelector } from "../../kinds/meta.js";
import type { Container, Probe } from "../../kinds/pod/container.js";
import type { PodSpec, PodTemplateSpec } from "../../kinds/pod/pod.js";
import { isEmptySelector, matchesSelector } from "../../selector.js";
import { duplicate, forbidden, invalid, notSupported, required } from "../../shape/field-error.js";
import { checkAddr } from "../addresses.js";
import { checkAnnotations, checkLabels, checkSelector } from "../meta.js";
import {
  checkForm,
  faultsOfEnvName,
  faultsOfLabel,
  faultsOfPortName,
  faultsOfPortNumber,
  faultsOfSubdomain,
} from "../names.js";

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
  if (spec.containers.length === 0) faults.push(required(`${path}.containers`));
  spec.containers.forEach((c, i) => {
    checkContainer(`${path}.containers[${i}]`, c, { names, spec }, faults);
  });
  spec.initContainers?.forEach((c, i) => {
    checkContainer(`${path}.initContainers[${i}]`, c, { names, spec }, faults);
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

function checkDns(path: string, { dnsPolicy, dnsConfig }: PodSpec, faults: Fault[]): void {
  const at = `${path}.dnsConfig`;
  const servers = dnsConfig?.nameservers ?? [];
  if (dnsPolicy === "None" && servers.length === 0) {
    const [place, what] =
      dnsConfig === undefined
        ? [at, "`dnsConfig`"]
        : [`${at}.nameservers`, "at least one DNS nameserver"];
    faults.push(required(place, `must provide ${what} when \`dnsPolicy\` is None`));
    return;
  }
  if (servers.length > MAX_NAMESERVERS) {
    const message = `must not have more than ${MAX_NAMESERVERS} nameservers`;
    faults.push(invalid(`${at}.nameservers`, servers, message));
  }
  servers.forEach((server, i) => {
    checkAddr(`${at}.nameservers[${i}]`, server, faults);
  });
  dnsConfig?.options?.forEach(({ name = "" }, i) => {
    if (name === "") faults.push(required(`${at}.options[${i}]`, "must not be empty"));
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
  if (names.has(name)) faults.push(duplicate(`${path}.name`, name));
  names.add(name);
  const image = container.image ?? "";
  if (image === "") faults.push(required(`${path}.image`));
  else if (image.trim() !== image) {
    faults.push(invalid(`${path}.image`, image, "must not have leading or trailing whitespace"));
  }
  checkContainerPorts(path, container, spec, faults);
  for (const field of PROBES) {
    if (container[field] !== undefined) checkHandler(`${path}.${field}`, container[field], faults);
  }
  container.env?.forEach((env, i) => {
    if (env.name === "") faults.push(required(`${path}.env[${i}].name`));
    else checkForm(`${path}.env[${i}].name`, env.name, faultsOfEnvName, faults);
  });
}

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc"] as const;

/** A probe asks in exactly one way. */
function checkHandler(path: string, probe: Probe, faults: Fault[]): void {
  const given = HANDLERS.filter((handler) => probe[handler] !== undefined);
  if (given.length === 0) faults.push(required(path, "must specify a handler type"));
  for (const handler of given.slice(1)) {
    faults.push(forbidden(`${path}.${handler}`, "may not specify more than 1 handler type"));
  }
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
    if (port.containerPort === 0) faults.push(required(`${place}.containerPort`));
    else {
      for (const message of faultsOfPortNumber(port.containerPort)) {
        faults.push(invalid(`${place}.containerPort`, port.containerPort, message));
      }
    }
    if ((port.protocol ?? "") === "") faults.push(required(`${place}.protocol`));
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

/** What is checked of a workload: its selector selects its pods, and these end as it wants. */
export interface WorkloadRules {
  readonly kind: Kind;
  /** Where its spec stands: `spec`, or `spec.jobTemplate.spec` in a CronJob. */
  readonly path: string;
  readonly template: PodTemplateSpec;
  /** Its selector; `own` where the server makes it up. */
  readonly selector: LabelSelector | "own" | undefined;
  /** Whether its pods run until they are done. */
  readonly ends: boolean;
}

/** Checks the selector and template of a workload. */
export function checkWorkload(rules: WorkloadRules, faults: Fault[]): void {
  const { path, selector, template } = rules;
  if (selector !== "own") checkOwnSelector(rules, selector, faults);
  const at = `${path}.template`;
  checkLabels(`${at}.labels`, template.metadata?.labels, faults);
  checkAnnotations(`${at}.annotations`, template.metadata?.annotations, faults);
  checkPodSpec(`${at}.spec`, template.spec ?? NO_SPEC, faults);
  checkRestart(`${at}.spec.restartPolicy`, template.spec?.restartPolicy ?? "Always", rules, faults);
}

/** A pod template that says nothing has the defaults of a pod. */
const NO_SPEC: PodSpec = { containers: [], restartPolicy: "Always" } as unknown as PodSpec;

function checkOwnSelector(
  { kind, path, template }: WorkloadRules,
  selector: LabelSelector | undefined,
  faults: Fault[],
): void {
  const at = `${path}.selector`;
  if (selector === undefined) {
    if (kind !== "DaemonSet") faults.push(required(at));
  } else {
    checkSelector(at, selector, faults);
    if (isEmptySelector(selector)) {
      const word = kind === "ReplicaSet" ? "deployment" : kind.toLowerCase();
      faults.push(invalid(at, selector, `empty selector is invalid for ${word}`));
    }
  }
  if (selector !== undefined && (isEmptySelector(selector) || matchesSafely(selector, template))) {
    return;
  }
  const isPrinted = kind === "StatefulSet" || kind === "DaemonSet";
  const labels = template.metadata?.labels ?? (isPrinted ? {} : undefined);
  const message = "`selector` does not match template `labels`";
  faults.push(invalid(`${path}.template.metadata.labels`, labels, message));
}

function checkRestart(
  path: string,
  policy: string,
  { ends }: WorkloadRules,
  faults: Fault[],
): void {
  if (!ends) {
    if (policy !== "Always") faults.push(notSupported(path, policy, ["Always"]));
  } else if (policy === "Always") {
    faults.push(required(path, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== "OnFailure" && policy !== "Never") {
    faults.push(notSupported(path, policy, ["OnFailure", "Never"]));
  }
}

/** An operator that is none is told elsewhere. */
function matchesSafely(selector: LabelSelector, template: PodTemplateSpec): boolean {
  const known = ["In", "NotIn", "Exists", "DoesNotExist"];
  const isKnown = (selector.matchExpressions ?? []).every((e) => known.includes(e.operator));
  return !isKnown || matchesSelector(selector, template.metadata?.labels);
}

/**
 * Checks the schedule of a CronJob as far as its form goes.
 *
 * Follows: github.com/robfig/cron/v3 parser.go `normalizeFields`.
 * Not modelled: what stands in each of the five fields.
 */
export function checkSchedule(path: string, schedule: string, faults: Fault[]): void {
  const fields = schedule.split(/\s+/).filter((field) => field !== "");
  if (schedule === "") faults.push(required(path));
  else if (!schedule.startsWith("@") && fields.length !== 5) {
    const found = `${fields.length}: [${fields.join(" ")}]`;
    faults.push(invalid(path, schedule, `expected exactly 5 fields, found ${found}`));
  }
}

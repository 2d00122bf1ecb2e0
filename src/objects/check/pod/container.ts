/**
 * Checks of the containers of a pod: those that run together, those that run before, and those that
 * are added to look into it.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validateContainerCommon`, `validateContainers`,
 * `validateInitContainers`, `validateEphemeralContainers`.
 */
import type { Container, EphemeralContainer } from "../../kinds/pod/container.js";
import type { PodSpec } from "../../kinds/pod/pod.js";
import type { Volume } from "../../kinds/pod/volume.js";
import { trimSpace } from "../../shape/go-text.js";
import { faultsOfLabel, faultsOfPortName, faultsOfPortNumber } from "../names.js";
import type { Place } from "../place.js";
import { checkEnv } from "./env.js";
import { checkMounts } from "./mount.js";
import { checkProbes, PROBES } from "./probe.js";
import { checkResources } from "./resources.js";
import { checkSecurityContext } from "./security.js";

/** What containers are checked against. */
export interface ContainerContext {
  readonly spec: PodSpec;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Whether it is a pod that is checked, and not a template of pods. */
  readonly isPod: boolean;
}

const PULL_POLICIES: readonly string[] = ["Always", "IfNotPresent", "Never"];
const MESSAGE_POLICIES: readonly string[] = ["File", "FallbackToLogsOnError"];
const RESTART_POLICIES: readonly string[] = ["Always", "Never", "OnFailure"];

/** Checks all containers of a pod; `at` is its spec. */
export function checkContainers(context: ContainerContext, at: Place): void {
  const { spec } = context;
  const names = new Set<string>();
  if (spec.containers.length === 0) at.at("containers").required();
  at.each("containers", spec.containers, (container, place) => {
    checkContainer(container, context, place);
    if (names.has(container.name)) place.at("name").duplicate(container.name);
    names.add(container.name);
    checkProbes(container, spec, place);
    checkRestart(container, place);
  });
  checkHostPorts(spec.containers, at.at("containers"));
  at.each("initContainers", spec.initContainers, (container, place) => {
    checkContainer(container, context, place);
    checkInitContainer(container, spec, place);
    if (names.has(container.name)) place.at("name").duplicate(container.name);
    else if (container.name !== "") names.add(container.name);
    checkHostPorts([container], at.at("initContainers"));
  });
  const others = new Set(names);
  at.each("ephemeralContainers", spec.ephemeralContainers, (container, place) => {
    checkContainer(container, { ...context, isPod: true }, place);
    checkEphemeral(container, others, place);
    if (names.has(container.name)) place.at("name").duplicate(container.name);
    names.add(container.name);
  });
}

function checkContainer(container: Container, context: ContainerContext, at: Place): void {
  const { image = "", name, securityContext } = container;
  const { isPod, spec, volumes } = context;
  at.at("name").needs(name, faultsOfLabel);
  at.at("image").needs(image);
  if (isPod && trimSpace(image) !== image) {
    at.at("image").invalid(image, "must not have leading or trailing whitespace");
  }
  at.at("terminationMessagePolicy").oneOf(container.terminationMessagePolicy, MESSAGE_POLICIES);
  checkPorts(container, at);
  checkEnv(container, at);
  checkMounts(container, volumes, at);
  at.at("imagePullPolicy").oneOf(container.imagePullPolicy, PULL_POLICIES);
  const claims = (spec.resourceClaims ?? []).map((claim) => claim.name);
  checkResources(container.resources ?? {}, claims, at.at("resources"));
  checkResize(container, spec, at.at("resizePolicy"));
  if (securityContext === undefined) return;
  checkSecurityContext(securityContext, spec.hostUsers !== false, at.at("securityContext"));
}

function checkPorts({ ports }: Container, at: Place): void {
  const names = new Set<string>();
  at.each("ports", ports, ({ containerPort, hostPort = 0, name = "", protocol }, place) => {
    const wrong = name === "" ? [] : faultsOfPortName(name);
    for (const message of wrong) place.at("name").invalid(name, message);
    if (name !== "" && wrong.length === 0) {
      if (names.has(name)) place.at("name").duplicate(name);
      names.add(name);
    }
    if (containerPort === 0) place.at("containerPort").required();
    else checkPortNumber(containerPort, place.at("containerPort"));
    if (hostPort !== 0) checkPortNumber(hostPort, place.at("hostPort"));
    place.at("protocol").oneOf(protocol, ["SCTP", "TCP", "UDP"]);
  });
}

function checkPortNumber(port: number, at: Place): void {
  for (const message of faultsOfPortNumber(port)) at.invalid(port, message);
}

/** Refuses the same host port twice among containers that run together. */
function checkHostPorts(containers: readonly Container[], list: Place): void {
  const taken = new Set<string>();
  containers.forEach((container, i) => {
    list
      .item(i)
      .each("ports", container.ports, ({ hostIP = "", hostPort = 0, protocol }, place) => {
        if (hostPort === 0) return;
        const key = `${protocol}/${hostIP}/${hostPort}`;
        if (taken.has(key)) place.at("hostPort").duplicate(key);
        taken.add(key);
      });
  });
}

function checkResize({ resizePolicy }: Container, { restartPolicy }: PodSpec, at: Place): void {
  const resources = new Set<string>();
  resizePolicy?.forEach((policy, i) => {
    if (resources.has(policy.resourceName)) at.item(i).duplicate(policy.resourceName);
    resources.add(policy.resourceName);
    at.oneOf(policy.resourceName, ["cpu", "memory"]);
    at.oneOf(policy.restartPolicy, ["NotRequired", "RestartContainer"]);
    if (restartPolicy !== "Never" || policy.restartPolicy === "NotRequired") return;
    const message = "must be 'NotRequired' when `restartPolicy` is 'Never'";
    at.invalid(policy.restartPolicy, message);
  });
}

/** Follows: `validateContainerRestartPolicy`. */
function checkRestart({ restartPolicy, restartPolicyRules }: Container, at: Place): void {
  const rules = restartPolicyRules ?? [];
  if (restartPolicy === undefined) {
    if (rules.length === 0) return;
    at.at("restartPolicy").required("must specify restartPolicy when restart rules are used");
  } else at.at("restartPolicy").ifOneOf(restartPolicy, RESTART_POLICIES);
  if (rules.length > 20) at.at("restartPolicyRules").tooLong(20);
  at.each("restartPolicyRules", rules, ({ action = "", exitCodes }, place) => {
    if (action !== "Restart") place.at("action").notSupported(action, ["Restart"]);
    if (exitCodes === undefined) return place.at("exitCodes").required("must be specified");
    const { operator = "", values = [] } = exitCodes;
    place.at("exitCodes.operator").ifOneOf(operator, ["In", "NotIn"]);
    if (values.length > 255) place.at("exitCodes.values").tooLong(255);
  });
}

function checkInitContainer(container: Container, spec: PodSpec, at: Place): void {
  const isSidecar = container.restartPolicy === "Always";
  const isPlain = container.restartPolicy === undefined;
  if (isPlain && (container.restartPolicyRules ?? []).length > 0) {
    at.at("restartPolicy").required("must specify restartPolicy when restart rules are used");
  } else if (!isSidecar && !isPlain) checkRestart(container, at);
  else if (isSidecar && (container.restartPolicyRules ?? []).length > 0) {
    const message =
      "restartPolicyRules are not allowed for init containers with restart policy Always";
    at.at("restartPolicyRules").forbidden(message);
  }
  if (isSidecar) {
    checkProbes(container, spec, at);
    return;
  }
  for (const name of ["lifecycle", ...PROBES] as const) {
    if (container[name] === undefined) continue;
    at.at(name).forbidden("may not be set for init containers without restartPolicy=Always");
  }
}

/** What a container that is added later may not have. */
const NOT_EPHEMERAL = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  ...PROBES,
  "lifecycle",
] as const;

function checkEphemeral(
  container: EphemeralContainer,
  others: ReadonlySet<string>,
  at: Place,
): void {
  const { targetContainerName: target = "" } = container;
  if (target !== "" && !others.has(target)) at.at("targetContainerName").notFound(target);
  const message = "cannot be set for an Ephemeral Container";
  for (const name of NOT_EPHEMERAL) {
    const value = container[name];
    const isEmpty =
      (Array.isArray(value) || name === "resources") && Object.keys(value ?? {}).length === 0;
    if (value === undefined || isEmpty) continue;
    at.at(name).forbidden(message);
  }
  at.each("volumeMounts", container.volumeMounts, ({ subPath, subPathExpr }, place) => {
    if ((subPath ?? "") !== "") place.at("subPath").forbidden(message);
    if ((subPathExpr ?? "") !== "") place.at("subPathExpr").forbidden(message);
  });
}

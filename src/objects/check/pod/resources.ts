/**
 * Checks of what containers and claims ask for: names of resources, amounts, requests within limits.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validateResourceRequirements`,
 * `validateContainerResourceName`, `validateResourceClaimNames`, pkg/apis/core/helper.
 * Not modelled: sizes of huge pages; resources of a whole pod.
 */
import type { ResourceRequirements } from "../../kinds/pod/container.js";
import { parseQuantity, printQuantity } from "../../shape/quantity.js";
import { faultsOfLabel, faultsOfQualifiedName } from "../names.js";
import type { Place } from "../place.js";

const FOR_CONTAINERS: readonly string[] = ["cpu", "memory", "ephemeral-storage"];

/** Names of which only whole numbers make sense. */
const WHOLE: readonly string[] = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
];

/** Names without a domain that mean something, though not in a container. */
const STANDARD: readonly string[] = [
  ...FOR_CONTAINERS,
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "storage",
  "requests.storage",
  ...WHOLE,
];

const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
const isNative = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");

/** Whether more may be promised of a resource than there is. */
function isOvercommitted(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

/** Checks requests and limits of a container; `claims` are the names that the pod declares. */
export function checkResources(
  { claims = [], limits = {}, requests = {} }: ResourceRequirements,
  declared: readonly string[],
  at: Place,
): void {
  for (const [field, amounts] of Object.entries({ limits, requests })) {
    for (const [name, amount] of Object.entries(amounts)) {
      const place = at.at(field).item(name);
      checkName(name, place);
      checkAmount(name, amount, place);
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    checkLimit(name, amount, Object.hasOwn(limits, name) ? limits[name] : undefined, at);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const isSized = names.includes("cpu") || names.includes("memory");
  if (!isSized && names.some(isHugePages)) at.forbidden("HugePages require cpu or memory");
  checkClaims(claims, declared, at.at("claims"));
}

function checkName(name: string, at: Place): void {
  const wrong = faultsOfQualifiedName(name);
  for (const message of wrong) at.invalid(name, message);
  if (!name.includes("/")) {
    const isPages = isHugePages(name);
    const isStandard = STANDARD.includes(name) || isPages;
    if (wrong.length === 0 && !isStandard) {
      at.invalid(name, "must be a standard resource type or fully qualified");
    }
    if (!FOR_CONTAINERS.includes(name) && !isPages) {
      at.invalid(name, "must be a standard resource for containers");
    }
    return;
  }
  if (isNative(name) || isExtended(name)) return;
  at.invalid(name, "doesn't follow extended resource name standard");
}

/** Whether a name is of a resource that nodes have beside their own, such as devices. */
function isExtended(name: string): boolean {
  if (isNative(name) || name.startsWith("requests.")) return false;
  return faultsOfQualifiedName(`requests.${name}`).length === 0;
}

function checkAmount(name: string, amount: string, at: Place): void {
  const quantity = parseQuantity(amount);
  if (quantity === undefined) return;
  const shown = printQuantity(quantity);
  if (quantity.nano < 0n) at.invalid(shown, "must be greater than or equal to 0");
  const isWhole = ((quantity.nano + MILLI - 1n) / MILLI) % 1000n === 0n;
  if (!isWhole && (WHOLE.includes(name) || isExtended(name))) {
    at.invalid(shown, "must be an integer");
  }
}

/** A thousandth, in billionths. */
const MILLI = 1_000_000n;

function checkLimit(name: string, amount: string, limit: string | undefined, at: Place): void {
  if (limit === undefined) {
    if (isOvercommitted(name)) return;
    at.at("limits").required("Limit must be set for non overcommitable resources");
    return;
  }
  const [asked, most] = [parseQuantity(amount), parseQuantity(limit)];
  if (asked === undefined || most === undefined) return;
  const [shown, shownMost] = [printQuantity(asked), printQuantity(most)];
  if (asked.nano !== most.nano && !isOvercommitted(name)) {
    at.at("requests").invalid(shown, `must be equal to ${name} limit of ${shownMost}`);
  } else if (asked.nano > most.nano) {
    const message = `must be less than or equal to ${name} limit of ${shownMost}`;
    at.at("requests").invalid(shown, message);
  }
}

function checkClaims(
  claims: NonNullable<ResourceRequirements["claims"]>,
  declared: readonly string[],
  at: Place,
): void {
  const names: string[] = [];
  claims.forEach(({ name, request = "" }, i) => {
    const place = at.item(i);
    if (name === "") {
      place.required();
      return;
    }
    const key = request === "" ? name : `${name}/${request}`;
    if (names.includes(name)) place.duplicate(name);
    else {
      if (request !== "") place.at("request").form(request, faultsOfLabel);
      if (names.includes(key)) place.duplicate(key);
      else if (request === "" && names.some((n) => n.startsWith(`${name}/`))) place.duplicate(name);
      names.push(key);
    }
    if (declared.includes(name)) return;
    const list = [...new Set(declared)].sort((a, b) => (a < b ? -1 : 1)).join(", ");
    const rest = declared.length === 0 ? " which is empty" : `: ${list}`;
    place.notFound(name, `must be one of the names in pod.spec.resourceClaims${rest}`);
  });
}

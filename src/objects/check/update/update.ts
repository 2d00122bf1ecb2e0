/**
 * Checks of an update: what is checked on creation, and what may not change once an object is there.
 *
 * Follows: apiserver v0.35 pkg/registry/rest/update.go `BeforeUpdate`; kubernetes v1.35
 * pkg/apis/{core,apps,batch,networking,discovery}/validation, the functions named `Validate…Update`.
 */
import type { Fault } from "../../../base/index.js";
import type { ConfigMap } from "../../kinds/cluster/namespace.js";
import type { Node } from "../../kinds/cluster/node.js";
import { KINDS, type KubeObject } from "../../kinds/kinds.js";
import type { ServiceCIDR } from "../../kinds/network/ingress.js";
import { ScratchAllocator } from "../../service/scratch-allocator.js";
import { updateService } from "../../service/update.js";
import { onlyOnce } from "../../shape/field-error.js";
import { checkMetaUpdate, checkObjectMeta } from "../meta.js";
import { faultsOfPathSegment } from "../names.js";
import { checkObject } from "../object.js";
import { Place } from "../place.js";
import { checkJobUpdate } from "./job.js";
import { checkPodUpdate } from "./pod.js";
import { isSame } from "./same.js";

const IMMUTABLE = "field is immutable";

/** Kinds whose names must have their form on every update; others may keep an old one. */
const NAMED_AGAIN: readonly string[] = [
  "Pod",
  "EndpointSlice",
  "NetworkPolicy",
  "ConfigMap",
  "Endpoints",
];

/** Returns what is wrong with putting `after` in place of `before`; both are of one kind and name. */
export function checkUpdate(before: KubeObject, after: KubeObject): readonly Fault[] {
  if (before.kind === "Service" && after.kind === "Service") {
    return updateService(after, before, new ScratchAllocator()).faults;
  }
  const faults: Fault[] = [];
  checkMetaUpdate(after.metadata, before.metadata, faults);
  const found = checkObject(after).filter((fault) => !isKeptAnyway(after, fault));
  if (NAMED_AGAIN.includes(after.kind)) faults.push(...found);
  else {
    const named: Fault[] = [];
    const { namespaced } = KINDS[after.kind];
    checkObjectMeta(after.metadata, { namespaced, nameForm: faultsOfPathSegment }, named);
    faults.push(...found.filter((f) => !isOfName(f)), ...named.filter(isOfName));
  }
  checkKept(before, after, faults);
  return onlyOnce(faults);
}

/** What of a StatefulSet may not change is not looked at again. */
function isKeptAnyway({ kind }: KubeObject, { path }: Fault): boolean {
  return kind === "StatefulSet" && /^spec\.(serviceName$|volumeClaimTemplates\[)/.test(path);
}

function isOfName({ path }: Fault): boolean {
  return /^metadata\.(name|namespace|generateName)$/.test(path);
}

/** What an object of each kind keeps for ever. */
function checkKept(before: KubeObject, after: KubeObject, faults: Fault[]): void {
  if (before.kind === "Pod" && after.kind === "Pod") checkPodUpdate(before, after, faults);
  else if (before.kind === "Job" && after.kind === "Job") checkJobUpdate(before, after, faults);
  else if (before.kind === "Node" && after.kind === "Node") checkNodeUpdate(before, after, faults);
  else if (before.kind === "ConfigMap" && after.kind === "ConfigMap") {
    checkConfigMapUpdate(before, after, faults);
  } else if (before.kind === "ServiceCIDR" && after.kind === "ServiceCIDR") {
    checkRangeUpdate(before, after, faults);
  } else if (before.kind === "EndpointSlice" && after.kind === "EndpointSlice") {
    checkFixed("addressType", before.addressType, after.addressType, faults);
  } else if (before.kind === "IPAddress" && after.kind === "IPAddress") {
    checkFixed("spec.parentRef", before.spec.parentRef, after.spec.parentRef, faults);
  } else if (before.kind === "StatefulSet" && after.kind === "StatefulSet") {
    const fixed = [
      "selector",
      "serviceName",
      "podManagementPolicy",
      "volumeClaimTemplates",
    ] as const;
    if (fixed.every((field) => isSame(before.spec[field], after.spec[field]))) return;
    const may =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
    const text = `updates to statefulset spec for fields other than ${may} are forbidden`;
    new Place("spec", faults).forbidden(text);
  } else if (isSelecting(before) && isSelecting(after)) {
    checkFixed("spec.selector", before.spec.selector, after.spec.selector, faults);
  }
}

type Selecting = Extract<KubeObject, { kind: "Deployment" | "ReplicaSet" | "DaemonSet" }>;

function isSelecting(object: KubeObject): object is Selecting {
  return ["Deployment", "ReplicaSet", "DaemonSet"].includes(object.kind);
}

function checkFixed(path: string, before: unknown, after: unknown, faults: Fault[]): void {
  if (!isSame(before, after)) new Place(path, faults).invalid(after ?? null, IMMUTABLE);
}

const UNCHANGED = "field is immutable when `immutable` is set";

function checkConfigMapUpdate(before: ConfigMap, after: ConfigMap, faults: Fault[]): void {
  if (before.immutable !== true) return;
  if (after.immutable !== true) new Place("immutable", faults).forbidden(UNCHANGED);
  for (const field of ["data", "binaryData"] as const) {
    if (!isSame(before[field], after[field])) new Place(field, faults).forbidden(UNCHANGED);
  }
}

/** What a node has once been given it keeps; what an update leaves out stays, too. */
function checkNodeUpdate(before: Node, after: Node, faults: Fault[]): void {
  const [old, now] = [before.spec ?? {}, after.spec ?? {}];
  const at = new Place("spec", faults);
  const may = 'except from "" to valid';
  if (now.podCIDRs !== undefined && (old.podCIDRs ?? []).length > 0) {
    if (!isSame(old.podCIDRs, now.podCIDRs)) {
      at.at("podCIDRs").forbidden(`node updates may not change podCIDR ${may}`);
    }
  }
  const { providerID = "" } = old;
  if (now.providerID === undefined || providerID === "" || providerID === now.providerID) return;
  at.at("providerID").forbidden(`node updates may not change providerID ${may}`);
}

/** A range of addresses may only get a second family. */
function checkRangeUpdate(before: ServiceCIDR, after: ServiceCIDR, faults: Fault[]): void {
  const [old, now] = [before.spec.cidrs ?? [], after.spec.cidrs ?? []];
  const at = new Place("spec.cidrs", faults);
  const isWidened = old.length === 1 && now.length === 2;
  if (old.length !== now.length && !isWidened) {
    at.invalid(now, IMMUTABLE);
    return;
  }
  old.forEach((cidr, i) => {
    if (cidr !== now[i]) at.item(i).invalid(now[i], IMMUTABLE);
  });
}

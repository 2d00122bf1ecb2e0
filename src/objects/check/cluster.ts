/**
 * Checks of Namespaces, Nodes and ConfigMaps.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation/validation.go `ValidateNamespace`,
 * `ValidateNode`, `ValidateConfigMap`.
 * Not modelled: amounts in the status of a node, its old annotations.
 */
import type { Fault } from "../../base/index.js";
import type { ConfigMap, Namespace } from "../kinds/cluster/namespace.js";
import type { Node, Taint } from "../kinds/cluster/node.js";
import { invalid, notSupported, required, tooLong } from "../shape/field-error.js";
import { checkCidr, parseOldCidr } from "./addresses.js";
import { checkObjectMeta } from "./meta.js";
import {
  byteLength,
  checkForm,
  faultsOfConfigKey,
  faultsOfLabel,
  faultsOfLabelValue,
  faultsOfQualifiedName,
  faultsOfSubdomain,
} from "./names.js";
import { isFinalizerName, NO_FINALIZER_NAME } from "./ownership.js";

const TAINT_EFFECTS: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
/** Most bytes in a ConfigMap: one megabyte. */
const MAX_CONFIG_BYTES = 1024 * 1024;

/** Checks a Namespace that is being created. */
export function checkNamespace(namespace: Namespace, faults: Fault[]): void {
  const rules = { namespaced: false, nameForm: faultsOfLabel, keepsGeneration: true };
  checkObjectMeta(namespace.metadata, rules, faults);
  const path = "spec.finalizers";
  for (const finalizer of namespace.spec?.finalizers ?? []) {
    checkForm(path, finalizer, faultsOfQualifiedName, faults);
    if (!isFinalizerName(finalizer)) faults.push(invalid(path, finalizer, NO_FINALIZER_NAME));
  }
}

/** Checks a Node that is being created. */
export function checkNode(node: Node, faults: Fault[]): void {
  const rules = { namespaced: false, nameForm: faultsOfSubdomain, keepsGeneration: true };
  checkObjectMeta(node.metadata, rules, faults);
  const { podCIDRs = [], taints = [] } = node.spec ?? {};
  checkTaints(taints, faults);
  const path = "spec.podCIDRs";
  podCIDRs.forEach((cidr, i) => {
    checkCidr(`${path}[${i}]`, cidr, faults);
  });
  if (podCIDRs.length < 2) return;
  const families = podCIDRs.map((cidr) => parseOldCidr(cidr)?.family);
  const wrong = families.indexOf(undefined);
  if (wrong >= 0) {
    const reason = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${podCIDRs[wrong]})`;
    const message = `invalid PodCIDRs. failed to check with dual stack with error:${reason}`;
    faults.push({ code: "InternalError", path, message });
  }
  if (wrong >= 0 || podCIDRs.length > 2 || new Set(families).size < 2) {
    faults.push(invalid(path, podCIDRs, "may specify no more than one CIDR for each IP family"));
  }
}

/** The server tells taints below `metadata`. */
function checkTaints(taints: readonly Taint[], faults: Fault[]): void {
  const seen = new Set<string>();
  taints.forEach((taint, i) => {
    const path = `metadata.taints[${i}]`;
    const { key, value = "", effect } = taint;
    checkForm(`${path}.key`, key, faultsOfQualifiedName, faults);
    const wrong = faultsOfLabelValue(value);
    if (wrong.length > 0) faults.push(invalid(`${path}.value`, value, wrong.join(";")));
    if (effect === "") faults.push(required(`${path}.effect`));
    else if (!TAINT_EFFECTS.includes(effect)) {
      faults.push(notSupported(`${path}.effect`, effect, TAINT_EFFECTS));
    }
    const both = `${effect} ${key}`;
    if (seen.has(both)) {
      const shown = { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null };
      const message = "taints must be unique by key and effect pair";
      faults.push({ code: "FieldValueDuplicate", path, value: shown, message });
    }
    seen.add(both);
  });
}

/** Checks a ConfigMap that is being created. */
export function checkConfigMap(config: ConfigMap, faults: Fault[]): void {
  const rules = { namespaced: true, nameForm: faultsOfSubdomain, keepsGeneration: true };
  checkObjectMeta(config.metadata, rules, faults);
  const { data = {}, binaryData = {} } = config;
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    checkForm(`data[${key}]`, key, faultsOfConfigKey, faults);
    if (Object.hasOwn(binaryData, key)) {
      faults.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
    }
    bytes += byteLength(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    checkForm(`binaryData[${key}]`, key, faultsOfConfigKey, faults);
    bytes += Math.floor((value.replace(/[\r\n=]/g, "").length * 3) / 4);
  }
  if (bytes > MAX_CONFIG_BYTES) faults.push(tooLong("", MAX_CONFIG_BYTES));
}

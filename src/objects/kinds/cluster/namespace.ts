/** Namespaces, and ConfigMaps (read for the one of CoreDNS). Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  bytes,
  type Infer,
  list,
  map,
  named,
  opt,
  ptr,
  req,
  str,
  struct,
  time,
  val,
} from "../../shape/shape.js";
import { objectMeta } from "../meta.js";
import { object } from "../object.js";

export const namespaceSpec = struct("NamespaceSpec", {
  finalizers: opt(list(named("FinalizerName"))),
});

/** NamespaceSpec, as Kubernetes names its fields. */
export interface NamespaceSpec extends Infer<typeof namespaceSpec> {}

export const namespaceCondition = struct("NamespaceCondition", {
  type: req(named("NamespaceConditionType")),
  status: req(named("ConditionStatus")),
  lastTransitionTime: val(time),
  reason: opt(str),
  message: opt(str),
});

/** NamespaceCondition, as Kubernetes names its fields. */
export interface NamespaceCondition extends Infer<typeof namespaceCondition> {}

export const namespaceStatus = struct("NamespaceStatus", {
  phase: opt(named("NamespacePhase")),
  conditions: opt(list(namespaceCondition)),
});

/** NamespaceStatus, as Kubernetes names its fields. */
export interface NamespaceStatus extends Infer<typeof namespaceStatus> {}

/** The shape of Namespace. */
export const namespace = object("v1", "Namespace", {
  metadata: req(objectMeta),
  spec: req(namespaceSpec),
  status: val(namespaceStatus),
});

/** Namespace, as Kubernetes names its fields. */
export interface Namespace extends Infer<typeof namespace> {}

/** The shape of ConfigMap. */
export const configMap = object("v1", "ConfigMap", {
  metadata: req(objectMeta),
  immutable: ptr(bool),
  data: opt(map(str)),
  binaryData: opt(map(bytes)),
});

/** ConfigMap, as Kubernetes names its fields. */
export interface ConfigMap extends Infer<typeof configMap> {}

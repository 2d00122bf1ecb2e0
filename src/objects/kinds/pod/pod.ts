/** Pods, and templates of pods. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  type Infer,
  int32,
  int64,
  list,
  map,
  named,
  opt,
  ptr,
  req,
  resourceList,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import { objectMeta } from "../meta.js";
import { object } from "../object.js";
import { localObjectReference } from "../reference.js";
import {
  appArmorProfile,
  container,
  ephemeralContainer,
  resourceRequirements,
  seccompProfile,
  seLinuxOptions,
  windowsSecurityContextOptions,
} from "./container.js";
import { podStatus } from "./pod-status.js";
import { affinity, toleration, topologySpreadConstraint } from "./scheduling.js";
import { volume } from "./volume.js";

export const sysctl = struct("Sysctl", {
  name: req(str),
  value: req(str),
});

/** Sysctl, as Kubernetes names its fields. */
export interface Sysctl extends Infer<typeof sysctl> {}

export const podSecurityContext = struct("PodSecurityContext", {
  seLinuxOptions: ptr(seLinuxOptions),
  windowsOptions: ptr(windowsSecurityContextOptions),
  runAsUser: ptr(int64),
  runAsGroup: ptr(int64),
  runAsNonRoot: ptr(bool),
  supplementalGroups: opt(list(int64)),
  supplementalGroupsPolicy: ptr(named("SupplementalGroupsPolicy")),
  fsGroup: ptr(int64),
  sysctls: opt(list(sysctl)),
  fsGroupChangePolicy: ptr(named("PodFSGroupChangePolicy")),
  seccompProfile: ptr(seccompProfile),
  appArmorProfile: ptr(appArmorProfile),
  seLinuxChangePolicy: ptr(named("PodSELinuxChangePolicy")),
});

/** PodSecurityContext, as Kubernetes names its fields. */
export interface PodSecurityContext extends Infer<typeof podSecurityContext> {}

export const hostAlias = struct("HostAlias", {
  ip: req(str),
  hostnames: opt(list(str)),
});

/** HostAlias, as Kubernetes names its fields. */
export interface HostAlias extends Infer<typeof hostAlias> {}

export const podDNSConfigOption = struct("PodDNSConfigOption", {
  name: opt(str),
  value: ptr(str),
});

/** PodDNSConfigOption, as Kubernetes names its fields. */
export interface PodDNSConfigOption extends Infer<typeof podDNSConfigOption> {}

export const podDNSConfig = struct("PodDNSConfig", {
  nameservers: opt(list(str)),
  searches: opt(list(str)),
  options: opt(list(podDNSConfigOption)),
});

/** PodDNSConfig, as Kubernetes names its fields. */
export interface PodDNSConfig extends Infer<typeof podDNSConfig> {}

export const podReadinessGate = struct("PodReadinessGate", {
  conditionType: req(named("PodConditionType")),
});

/** PodReadinessGate, as Kubernetes names its fields. */
export interface PodReadinessGate extends Infer<typeof podReadinessGate> {}

export const podOS = struct("PodOS", {
  name: req(named("OSName")),
});

/** PodOS, as Kubernetes names its fields. */
export interface PodOS extends Infer<typeof podOS> {}

export const podSchedulingGate = struct("PodSchedulingGate", {
  name: req(str),
});

/** PodSchedulingGate, as Kubernetes names its fields. */
export interface PodSchedulingGate extends Infer<typeof podSchedulingGate> {}

export const podResourceClaim = struct("PodResourceClaim", {
  name: req(str),
  resourceClaimName: ptr(str),
  resourceClaimTemplateName: ptr(str),
});

/** PodResourceClaim, as Kubernetes names its fields. */
export interface PodResourceClaim extends Infer<typeof podResourceClaim> {}

export const workloadReference = struct("WorkloadReference", {
  name: req(str),
  podGroup: req(str),
  podGroupReplicaKey: opt(str),
});

/** WorkloadReference, as Kubernetes names its fields. */
export interface WorkloadReference extends Infer<typeof workloadReference> {}

const podSpecFields = {
  volumes: opt(list(volume)),
  initContainers: opt(list(container)),
  containers: req(list(container)),
  ephemeralContainers: opt(list(ephemeralContainer)),
  restartPolicy: opt(named("RestartPolicy"), { default: "Always" }),
  terminationGracePeriodSeconds: ptr(int64, { default: 30 }),
  activeDeadlineSeconds: ptr(int64),
  dnsPolicy: opt(named("DNSPolicy"), { default: "ClusterFirst" }),
  nodeSelector: opt(map(str)),
  serviceAccountName: opt(str),
  serviceAccount: opt(str),
  automountServiceAccountToken: ptr(bool),
  nodeName: opt(str),
  hostNetwork: opt(bool),
  hostPID: opt(bool),
  hostIPC: opt(bool),
  shareProcessNamespace: ptr(bool),
  securityContext: ptr(podSecurityContext, { default: {} }),
  imagePullSecrets: opt(list(localObjectReference)),
  hostname: opt(str),
  subdomain: opt(str),
  affinity: ptr(affinity),
  schedulerName: opt(str, { default: "default-scheduler" }),
  tolerations: opt(list(toleration)),
  hostAliases: opt(list(hostAlias)),
  priorityClassName: opt(str),
  priority: ptr(int32),
  dnsConfig: ptr(podDNSConfig),
  readinessGates: opt(list(podReadinessGate)),
  runtimeClassName: ptr(str),
  enableServiceLinks: ptr(bool),
  preemptionPolicy: ptr(named("PreemptionPolicy")),
  overhead: opt(resourceList),
  topologySpreadConstraints: opt(list(topologySpreadConstraint)),
  setHostnameAsFQDN: ptr(bool),
  os: ptr(podOS),
  hostUsers: ptr(bool),
  schedulingGates: opt(list(podSchedulingGate)),
  resourceClaims: opt(list(podResourceClaim)),
  resources: ptr(resourceRequirements),
  hostnameOverride: ptr(str),
  workloadRef: ptr(workloadReference),
};

export const podSpec = { ...struct("PodSpec", podSpecFields), isCheckedApart: true };

/** PodSpec, as Kubernetes names its fields. */
export interface PodSpec extends Infer<typeof podSpec> {}

/** The shape of Pod. */
export const pod = object("v1", "Pod", {
  metadata: req(objectMeta),
  spec: req(podSpec),
  status: val(podStatus),
});

/** Pod, as Kubernetes names its fields. */
export interface Pod extends Infer<typeof pod> {}

export const podTemplateSpec = struct("PodTemplateSpec", {
  metadata: val(objectMeta),
  spec: val(podSpec),
});

/** PodTemplateSpec, as Kubernetes names its fields. */
export interface PodTemplateSpec extends Infer<typeof podTemplateSpec> {}

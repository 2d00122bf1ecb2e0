/** Containers of a pod. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  embedded,
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  named,
  opt,
  ptr,
  req,
  resourceList,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import { protocol } from "../enums.js";
import { objectFieldSelector, resourceFieldSelector } from "./volume-source.js";

export const containerPort = struct("ContainerPort", {
  name: opt(str),
  hostPort: opt(int32),
  containerPort: req(int32),
  protocol: opt(protocol, { default: "TCP" }),
  hostIP: opt(str),
});

/** ContainerPort, as Kubernetes names its fields. */
export interface ContainerPort extends Infer<typeof containerPort> {}

export const configMapEnvSource = struct("ConfigMapEnvSource", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  optional: ptr(bool),
});

/** ConfigMapEnvSource, as Kubernetes names its fields. */
export interface ConfigMapEnvSource extends Infer<typeof configMapEnvSource> {}

export const secretEnvSource = struct("SecretEnvSource", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  optional: ptr(bool),
});

/** SecretEnvSource, as Kubernetes names its fields. */
export interface SecretEnvSource extends Infer<typeof secretEnvSource> {}

export const envFromSource = struct("EnvFromSource", {
  prefix: opt(str),
  configMapRef: ptr(configMapEnvSource),
  secretRef: ptr(secretEnvSource),
});

/** EnvFromSource, as Kubernetes names its fields. */
export interface EnvFromSource extends Infer<typeof envFromSource> {}

export const configMapKeySelector = struct("ConfigMapKeySelector", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  key: req(str),
  optional: ptr(bool),
});

/** ConfigMapKeySelector, as Kubernetes names its fields. */
export interface ConfigMapKeySelector extends Infer<typeof configMapKeySelector> {}

export const secretKeySelector = struct("SecretKeySelector", {
  ...embedded("LocalObjectReference", { name: opt(str) }),
  key: req(str),
  optional: ptr(bool),
});

/** SecretKeySelector, as Kubernetes names its fields. */
export interface SecretKeySelector extends Infer<typeof secretKeySelector> {}

export const fileKeySelector = struct("FileKeySelector", {
  volumeName: req(str),
  path: req(str),
  key: req(str),
  optional: ptr(bool),
});

/** FileKeySelector, as Kubernetes names its fields. */
export interface FileKeySelector extends Infer<typeof fileKeySelector> {}

export const envVarSource = struct("EnvVarSource", {
  fieldRef: ptr(objectFieldSelector),
  resourceFieldRef: ptr(resourceFieldSelector),
  configMapKeyRef: ptr(configMapKeySelector),
  secretKeyRef: ptr(secretKeySelector),
  fileKeyRef: ptr(fileKeySelector),
});

/** EnvVarSource, as Kubernetes names its fields. */
export interface EnvVarSource extends Infer<typeof envVarSource> {}

export const envVar = struct("EnvVar", {
  name: req(str),
  value: opt(str),
  valueFrom: ptr(envVarSource),
});

/** EnvVar, as Kubernetes names its fields. */
export interface EnvVar extends Infer<typeof envVar> {}

export const resourceClaim = struct("ResourceClaim", {
  name: req(str),
  request: opt(str),
});

/** ResourceClaim, as Kubernetes names its fields. */
export interface ResourceClaim extends Infer<typeof resourceClaim> {}

export const resourceRequirements = struct("ResourceRequirements", {
  limits: opt(resourceList),
  requests: opt(resourceList),
  claims: opt(list(resourceClaim)),
});

/** ResourceRequirements, as Kubernetes names its fields. */
export interface ResourceRequirements extends Infer<typeof resourceRequirements> {}

export const containerResizePolicy = struct("ContainerResizePolicy", {
  resourceName: req(named("ResourceName")),
  restartPolicy: req(named("ResourceResizeRestartPolicy")),
});

/** ContainerResizePolicy, as Kubernetes names its fields. */
export interface ContainerResizePolicy extends Infer<typeof containerResizePolicy> {}

export const containerRestartRuleOnExitCodes = struct("ContainerRestartRuleOnExitCodes", {
  operator: opt(named("ContainerRestartRuleOnExitCodesOperator")),
  values: opt(list(int32)),
});

/** ContainerRestartRuleOnExitCodes, as Kubernetes names its fields. */
export interface ContainerRestartRuleOnExitCodes
  extends Infer<typeof containerRestartRuleOnExitCodes> {}

export const containerRestartRule = struct("ContainerRestartRule", {
  action: opt(named("ContainerRestartRuleAction")),
  exitCodes: ptr(containerRestartRuleOnExitCodes),
});

/** ContainerRestartRule, as Kubernetes names its fields. */
export interface ContainerRestartRule extends Infer<typeof containerRestartRule> {}

export const volumeMount = struct("VolumeMount", {
  name: req(str),
  readOnly: opt(bool),
  recursiveReadOnly: ptr(named("RecursiveReadOnlyMode")),
  mountPath: req(str),
  subPath: opt(str),
  mountPropagation: ptr(named("MountPropagationMode")),
  subPathExpr: opt(str),
});

/** VolumeMount, as Kubernetes names its fields. */
export interface VolumeMount extends Infer<typeof volumeMount> {}

export const volumeDevice = struct("VolumeDevice", {
  name: req(str),
  devicePath: req(str),
});

/** VolumeDevice, as Kubernetes names its fields. */
export interface VolumeDevice extends Infer<typeof volumeDevice> {}

export const execAction = struct("ExecAction", {
  command: opt(list(str)),
});

/** ExecAction, as Kubernetes names its fields. */
export interface ExecAction extends Infer<typeof execAction> {}

export const httpHeader = struct("HTTPHeader", {
  name: req(str),
  value: req(str),
});

/** HTTPHeader, as Kubernetes names its fields. */
export interface HTTPHeader extends Infer<typeof httpHeader> {}

export const httpGetAction = struct("HTTPGetAction", {
  path: opt(str, { default: "/" }),
  port: req(intOrString),
  host: opt(str),
  scheme: opt(named("URIScheme"), { default: "HTTP" }),
  httpHeaders: opt(list(httpHeader)),
});

/** HTTPGetAction, as Kubernetes names its fields. */
export interface HTTPGetAction extends Infer<typeof httpGetAction> {}

export const tcpSocketAction = struct("TCPSocketAction", {
  port: req(intOrString),
  host: opt(str),
});

/** TCPSocketAction, as Kubernetes names its fields. */
export interface TCPSocketAction extends Infer<typeof tcpSocketAction> {}

export const grpcAction = struct("GRPCAction", {
  port: req(int32),
  service: ptr(str, { default: "" }),
});

/** GRPCAction, as Kubernetes names its fields. */
export interface GRPCAction extends Infer<typeof grpcAction> {}

export const probe = struct("Probe", {
  ...embedded("ProbeHandler", {
    exec: ptr(execAction),
    httpGet: ptr(httpGetAction),
    tcpSocket: ptr(tcpSocketAction),
    grpc: ptr(grpcAction),
  }),
  initialDelaySeconds: opt(int32),
  timeoutSeconds: opt(int32, { default: 1 }),
  periodSeconds: opt(int32, { default: 10 }),
  successThreshold: opt(int32, { default: 1 }),
  failureThreshold: opt(int32, { default: 3 }),
  terminationGracePeriodSeconds: ptr(int64),
});

/** Probe, as Kubernetes names its fields. */
export interface Probe extends Infer<typeof probe> {}

export const sleepAction = struct("SleepAction", {
  seconds: req(int64),
});

/** SleepAction, as Kubernetes names its fields. */
export interface SleepAction extends Infer<typeof sleepAction> {}

export const lifecycleHandler = struct("LifecycleHandler", {
  exec: ptr(execAction),
  httpGet: ptr(httpGetAction),
  tcpSocket: ptr(tcpSocketAction),
  sleep: ptr(sleepAction),
});

/** LifecycleHandler, as Kubernetes names its fields. */
export interface LifecycleHandler extends Infer<typeof lifecycleHandler> {}

export const lifecycle = struct("Lifecycle", {
  postStart: ptr(lifecycleHandler),
  preStop: ptr(lifecycleHandler),
  stopSignal: ptr(named("Signal")),
});

/** Lifecycle, as Kubernetes names its fields. */
export interface Lifecycle extends Infer<typeof lifecycle> {}

export const capabilities = struct("Capabilities", {
  add: opt(list(named("Capability"))),
  drop: opt(list(named("Capability"))),
});

/** Capabilities, as Kubernetes names its fields. */
export interface Capabilities extends Infer<typeof capabilities> {}

export const seLinuxOptions = struct("SELinuxOptions", {
  user: opt(str),
  role: opt(str),
  type: opt(str),
  level: opt(str),
});

/** SELinuxOptions, as Kubernetes names its fields. */
export interface SELinuxOptions extends Infer<typeof seLinuxOptions> {}

export const windowsSecurityContextOptions = struct("WindowsSecurityContextOptions", {
  gmsaCredentialSpecName: ptr(str),
  gmsaCredentialSpec: ptr(str),
  runAsUserName: ptr(str),
  hostProcess: ptr(bool),
});

/** WindowsSecurityContextOptions, as Kubernetes names its fields. */
export interface WindowsSecurityContextOptions
  extends Infer<typeof windowsSecurityContextOptions> {}

export const seccompProfile = struct("SeccompProfile", {
  type: req(named("SeccompProfileType")),
  localhostProfile: ptr(str),
});

/** SeccompProfile, as Kubernetes names its fields. */
export interface SeccompProfile extends Infer<typeof seccompProfile> {}

export const appArmorProfile = struct("AppArmorProfile", {
  type: req(named("AppArmorProfileType")),
  localhostProfile: ptr(str),
});

/** AppArmorProfile, as Kubernetes names its fields. */
export interface AppArmorProfile extends Infer<typeof appArmorProfile> {}

export const securityContext = struct("SecurityContext", {
  capabilities: ptr(capabilities),
  privileged: ptr(bool),
  seLinuxOptions: ptr(seLinuxOptions),
  windowsOptions: ptr(windowsSecurityContextOptions),
  runAsUser: ptr(int64),
  runAsGroup: ptr(int64),
  runAsNonRoot: ptr(bool),
  readOnlyRootFilesystem: ptr(bool),
  allowPrivilegeEscalation: ptr(bool),
  procMount: ptr(named("ProcMountType")),
  seccompProfile: ptr(seccompProfile),
  appArmorProfile: ptr(appArmorProfile),
});

/** SecurityContext, as Kubernetes names its fields. */
export interface SecurityContext extends Infer<typeof securityContext> {}

const containerFields = {
  name: req(str),
  image: opt(str),
  command: opt(list(str)),
  args: opt(list(str)),
  workingDir: opt(str),
  ports: opt(list(containerPort)),
  envFrom: opt(list(envFromSource)),
  env: opt(list(envVar)),
  resources: val(resourceRequirements),
  resizePolicy: opt(list(containerResizePolicy)),
  restartPolicy: ptr(named("ContainerRestartPolicy")),
  restartPolicyRules: opt(list(containerRestartRule)),
  volumeMounts: opt(list(volumeMount)),
  volumeDevices: opt(list(volumeDevice)),
  livenessProbe: ptr(probe),
  readinessProbe: ptr(probe),
  startupProbe: ptr(probe),
  lifecycle: ptr(lifecycle),
  terminationMessagePath: opt(str, { default: "/dev/termination-log" }),
  terminationMessagePolicy: opt(named("TerminationMessagePolicy"), { default: "File" }),
  imagePullPolicy: opt(named("PullPolicy")),
  securityContext: ptr(securityContext),
  stdin: opt(bool),
  stdinOnce: opt(bool),
  tty: opt(bool),
};

export const container = struct("Container", containerFields);

/** Container, as Kubernetes names its fields. */
export interface Container extends Infer<typeof container> {}

export const ephemeralContainer = struct("EphemeralContainer", {
  ...embedded("EphemeralContainerCommon", containerFields),
  targetContainerName: opt(str),
});

/** EphemeralContainer, as Kubernetes names its fields. */
export interface EphemeralContainer extends Infer<typeof ephemeralContainer> {}

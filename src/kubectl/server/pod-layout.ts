/**
 * The API server's own form of a pod's spec, which it shows only where it tells two of them apart: every
 * field in the order of its Go type, whether there is anything in it or not.
 *
 * Source: the types below `PodSpec` in kubernetes v1.35 pkg/apis/core/types.go. A line is a type, lines
 * that begin with spaces go on. A field is its name, `=` its name in JSON where that does not follow,
 * and what stands there: `$` a text, `#` a number, `!` a truth, `Q` an amount, `.T` a value of type T,
 * `>T` one or null, `[T` a list or null; nothing for a value that is shown as it is, or null.
 */
const TYPES = `
PodSpec Volumes[Volume InitContainers[Container Containers[Container EphemeralContainers
  RestartPolicy$ TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy=dnsPolicy$
  NodeSelector ServiceAccountName$ AutomountServiceAccountToken NodeName$
  SecurityContext>PodSecurityContext ImagePullSecrets[LocalObjectReference Hostname$ Subdomain$
  SetHostnameAsFQDN Affinity>Affinity SchedulerName$ Tolerations[Toleration HostAliases[HostAlias
  PriorityClassName$ Priority PreemptionPolicy DNSConfig=dnsConfig>PodDNSConfig
  ReadinessGates[PodReadinessGate RuntimeClassName Overhead EnableServiceLinks
  TopologySpreadConstraints[TopologySpreadConstraint OS=os>PodOS SchedulingGates[PodSchedulingGate
  ResourceClaims Resources>ResourceRequirements HostnameOverride WorkloadRef
Volume Name$ HostPath>HostPathVolumeSource EmptyDir>EmptyDirVolumeSource
  GCEPersistentDisk=gcePersistentDisk AWSElasticBlockStore=awsElasticBlockStore GitRepo
  Secret>SecretVolumeSource NFS=nfs>NFSVolumeSource ISCSI=iscsi Glusterfs
  PersistentVolumeClaim>PersistentVolumeClaimVolumeSource RBD=rbd Quobyte FlexVolume Cinder
  CephFS=cephfs Flocker DownwardAPI>DownwardAPIVolumeSource FC=fc AzureFile
  ConfigMap>ConfigMapVolumeSource VsphereVolume AzureDisk PhotonPersistentDisk
  Projected>ProjectedVolumeSource PortworxVolume ScaleIO StorageOS=storageos CSI=csi Ephemeral
  Image>ImageVolumeSource
Container Name$ Image$ Command Args WorkingDir$ Ports[ContainerPort EnvFrom[EnvFromSource
  Env[EnvVar Resources.ResourceRequirements ResizePolicy RestartPolicy RestartPolicyRules
  VolumeMounts[VolumeMount VolumeDevices[VolumeDevice LivenessProbe>Probe ReadinessProbe>Probe
  StartupProbe>Probe Lifecycle>Lifecycle TerminationMessagePath$ TerminationMessagePolicy$
  ImagePullPolicy$ SecurityContext>SecurityContext Stdin! StdinOnce! TTY=tty!
PodSecurityContext HostNetwork! HostPID! HostIPC! ShareProcessNamespace HostUsers
  SELinuxOptions=seLinuxOptions>SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot
  SupplementalGroups SupplementalGroupsPolicy FSGroup=fsGroup
  FSGroupChangePolicy=fsGroupChangePolicy Sysctls[Sysctl SeccompProfile>SeccompProfile
  AppArmorProfile>AppArmorProfile SELinuxChangePolicy=seLinuxChangePolicy
LocalObjectReference Name$
Affinity NodeAffinity>NodeAffinity PodAffinity>PodAffinity PodAntiAffinity>PodAntiAffinity
Toleration Key$ Operator$ Value$ Effect$ TolerationSeconds
HostAlias IP=ip$ Hostnames
PodDNSConfig Nameservers Searches Options[PodDNSConfigOption
PodReadinessGate ConditionType$
TopologySpreadConstraint MaxSkew# TopologyKey$ WhenUnsatisfiable$ LabelSelector MinDomains
  NodeAffinityPolicy NodeTaintsPolicy MatchLabelKeys
PodOS Name$
PodSchedulingGate Name$
ResourceRequirements Limits Requests Claims[ResourceClaim
HostPathVolumeSource Path$ Type
EmptyDirVolumeSource Medium$ SizeLimit
SecretVolumeSource SecretName$ Items[KeyToPath DefaultMode Optional
NFSVolumeSource Server$ Path$ ReadOnly!
PersistentVolumeClaimVolumeSource ClaimName$ ReadOnly!
DownwardAPIVolumeSource Items[DownwardAPIVolumeFile DefaultMode
ConfigMapVolumeSource Name$ Items[KeyToPath DefaultMode Optional
ProjectedVolumeSource Sources[VolumeProjection DefaultMode
ImageVolumeSource Reference$ PullPolicy$
ContainerPort Name$ HostPort# ContainerPort# Protocol$ HostIP$
EnvFromSource Prefix$ ConfigMapRef>ConfigMapEnvSource SecretRef>SecretEnvSource
EnvVar Name$ Value$ ValueFrom>EnvVarSource
VolumeMount Name$ ReadOnly! RecursiveReadOnly MountPath$ SubPath$ MountPropagation SubPathExpr$
VolumeDevice Name$ DevicePath$
Probe Exec>ExecAction HTTPGet=httpGet>HTTPGetAction TCPSocket=tcpSocket>TCPSocketAction
  GRPC=grpc>GRPCAction InitialDelaySeconds# TimeoutSeconds# PeriodSeconds# SuccessThreshold#
  FailureThreshold# TerminationGracePeriodSeconds
Lifecycle PostStart>LifecycleHandler PreStop>LifecycleHandler StopSignal
SecurityContext Capabilities>Capabilities Privileged SELinuxOptions=seLinuxOptions>SELinuxOptions
  WindowsOptions RunAsUser RunAsGroup RunAsNonRoot ReadOnlyRootFilesystem AllowPrivilegeEscalation
  ProcMount SeccompProfile>SeccompProfile AppArmorProfile>AppArmorProfile
SELinuxOptions User$ Role$ Type$ Level$
Sysctl Name$ Value$
SeccompProfile Type$ LocalhostProfile
AppArmorProfile Type$ LocalhostProfile
NodeAffinity RequiredDuringSchedulingIgnoredDuringExecution>NodeSelector
  PreferredDuringSchedulingIgnoredDuringExecution[PreferredSchedulingTerm
PodAffinity RequiredDuringSchedulingIgnoredDuringExecution[PodAffinityTerm
  PreferredDuringSchedulingIgnoredDuringExecution[WeightedPodAffinityTerm
PodAntiAffinity RequiredDuringSchedulingIgnoredDuringExecution[PodAffinityTerm
  PreferredDuringSchedulingIgnoredDuringExecution[WeightedPodAffinityTerm
PodDNSConfigOption Name$ Value
ResourceClaim Name$ Request$
KeyToPath Key$ Path$ Mode
DownwardAPIVolumeFile Path$ FieldRef>ObjectFieldSelector ResourceFieldRef>ResourceFieldSelector
  Mode
VolumeProjection Secret>SecretProjection DownwardAPI>DownwardAPIProjection
  ConfigMap>ConfigMapProjection ServiceAccountToken>ServiceAccountTokenProjection
  ClusterTrustBundle PodCertificate
ConfigMapEnvSource Name$ Optional
SecretEnvSource Name$ Optional
EnvVarSource FieldRef>ObjectFieldSelector ResourceFieldRef>ResourceFieldSelector
  ConfigMapKeyRef>ConfigMapKeySelector SecretKeyRef>SecretKeySelector FileKeyRef
ExecAction Command
HTTPGetAction Path$ Port# Host$ Scheme$ HTTPHeaders=httpHeaders[HTTPHeader
TCPSocketAction Port# Host$
GRPCAction Port# Service
LifecycleHandler Exec>ExecAction HTTPGet=httpGet>HTTPGetAction TCPSocket=tcpSocket>TCPSocketAction
  Sleep>SleepAction
Capabilities Add Drop
NodeSelector NodeSelectorTerms[NodeSelectorTerm
PreferredSchedulingTerm Weight# Preference.NodeSelectorTerm
PodAffinityTerm LabelSelector Namespaces TopologyKey$ NamespaceSelector MatchLabelKeys
  MismatchLabelKeys
WeightedPodAffinityTerm Weight# PodAffinityTerm.PodAffinityTerm
ObjectFieldSelector APIVersion=apiVersion$ FieldPath$
ResourceFieldSelector ContainerName$ Resource$ DivisorQ
SecretProjection Name$ Items[KeyToPath Optional
DownwardAPIProjection Items[DownwardAPIVolumeFile
ConfigMapProjection Name$ Items[KeyToPath Optional
ServiceAccountTokenProjection Audience$ ExpirationSeconds# Path$
ConfigMapKeySelector Name$ Key$ Optional
SecretKeySelector Name$ Key$ Optional
HTTPHeader Name$ Value$
SleepAction Seconds#
NodeSelectorTerm MatchExpressions[NodeSelectorRequirement MatchFields[NodeSelectorRequirement
NodeSelectorRequirement Key$ Operator$ Values`;

/** What a field holds. */
export type FieldForm = "$" | "#" | "!" | "Q" | "." | ">" | "[" | "";

/** One field: its name in Go, its name in JSON, its form, and the type of what is in it. */
export interface LayoutField {
  readonly name: string;
  readonly json: string;
  readonly form: FieldForm;
  readonly type: string;
}

/** The fields of every type, by its name. */
export const POD_LAYOUT: ReadonlyMap<string, readonly LayoutField[]> = new Map(
  TYPES.trim()
    .replaceAll("\n  ", " ")
    .split("\n")
    .map((line) => {
      const [type = "", ...fields] = line.split(" ");
      return [type, fields.map(readField)] as const;
    }),
);

function readField(text: string): LayoutField {
  const match = /^(\w+?)(?:=(\w+?))?(?:(Q)|([$#!])|([.>[])(\w+))?$/.exec(text);
  const [, name = "", json, amount, scalar, holder, type = ""] = match ?? [];
  const form = (amount ?? scalar ?? holder ?? "") as FieldForm;
  return { name, json: json ?? name.charAt(0).toLowerCase() + name.slice(1), form, type };
}

/**
 * Checks of what a pod and its containers may do on a node.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidateSecurityContext`,
 * `validatePodSpecSecurityContext`, `validateSeccompProfileField`, `ValidateAppArmorProfileField`,
 * on a server that allows privileged containers.
 * Not modelled: options of Windows; which sysctls a kernel knows.
 */
import type {
  AppArmorProfile,
  SeccompProfile,
  SecurityContext,
} from "../../kinds/pod/container.js";
import type { PodSecurityContext, PodSpec } from "../../kinds/pod/pod.js";
import type { Place } from "../place.js";
import { checkBelow } from "./path.js";

const MAX_ID = 2 ** 31 - 1;
const PROC_MOUNTS: readonly string[] = ["Default", "Unmasked"];
const PROFILES: readonly string[] = ["Localhost", "RuntimeDefault", "Unconfined"];
/** Longest path that Linux takes, without its end. */
const MAX_PROFILE = 4095;

/** Checks the security context of a container; `hostUsers` is whether it has the host's users. */
export function checkSecurityContext(
  context: SecurityContext,
  hostUsers: boolean,
  at: Place,
): void {
  at.at("runAsUser").range(context.runAsUser, 0, MAX_ID);
  at.at("runAsGroup").range(context.runAsGroup, 0, MAX_ID);
  at.at("procMount").ifOneOf(context.procMount, PROC_MOUNTS);
  if (hostUsers && context.procMount === "Unmasked") {
    at.at("procMount").invalid("Unmasked", "`hostUsers` must be false to use `Unmasked`");
  }
  checkSeccomp(context.seccompProfile, at.at("seccompProfile"));
  checkAppArmor(context.appArmorProfile, at.at("appArmorProfile"));
  if (context.allowPrivilegeEscalation !== false) return;
  const without = "cannot set `allowPrivilegeEscalation` to false and";
  const shown = goContext(context);
  if (context.privileged === true) at.invalid(shown, `${without} \`privileged\` to true`);
  for (const capability of context.capabilities?.add ?? []) {
    if (capability !== "CAP_SYS_ADMIN") continue;
    at.invalid(shown, `${without} \`capabilities.Add\` CAP_SYS_ADMIN`);
  }
}

/** The context as the server prints its own form of it: names of Go, everything present. */
function goContext(context: SecurityContext): unknown {
  const { capabilities } = context;
  const { add = null, drop = null } = capabilities ?? {};
  return {
    Capabilities: capabilities === undefined ? null : { Add: add, Drop: drop },
    Privileged: context.privileged ?? null,
    SELinuxOptions: goFields(context.seLinuxOptions),
    WindowsOptions: goFields(context.windowsOptions),
    RunAsUser: context.runAsUser ?? null,
    RunAsGroup: context.runAsGroup ?? null,
    RunAsNonRoot: context.runAsNonRoot ?? null,
    ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
    AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
    ProcMount: context.procMount ?? null,
    SeccompProfile: goProfile(context.seccompProfile),
    AppArmorProfile: goProfile(context.appArmorProfile),
  };
}

function goProfile(profile: SeccompProfile | undefined): unknown {
  if (profile === undefined) return null;
  return { Type: profile.type, LocalhostProfile: profile.localhostProfile ?? null };
}

function goFields(fields: object | undefined): unknown {
  if (fields === undefined) return null;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      `${name[0]?.toUpperCase()}${name.slice(1)}`,
      value,
    ]),
  );
}

/** Checks the security context of a pod. */
export function checkPodSecurity(spec: PodSpec, at: Place): void {
  const context: PodSecurityContext = spec.securityContext ?? {};
  const place = at.at("securityContext");
  for (const name of ["fsGroup", "runAsUser", "runAsGroup"] as const) {
    place.at(name).range(context[name], 0, MAX_ID);
  }
  place.each("supplementalGroups", context.supplementalGroups, (group, item) => {
    item.range(group, 0, MAX_ID);
  });
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const message = "ShareProcessNamespace and HostPID cannot both be enabled";
    at.at("shareProcessNamespace").invalid(true, message);
  }
  place
    .at("fsGroupChangePolicy")
    .ifOneOf(context.fsGroupChangePolicy, ["Always", "OnRootMismatch"]);
  checkSeccomp(context.seccompProfile, place.at("seccompProfile"));
  checkAppArmor(context.appArmorProfile, place.at("appArmorProfile"));
  place
    .at("supplementalGroupsPolicy")
    .ifOneOf(context.supplementalGroupsPolicy, ["Merge", "Strict"]);
  place.at("seLinuxChangePolicy").ifOneOf(context.seLinuxChangePolicy, ["Recursive"]);
}

function checkSeccomp(profile: SeccompProfile | undefined, at: Place): void {
  if (profile === undefined) return;
  at.at("type").oneOf(profile.type, PROFILES, "type is required when seccompProfile is set");
  const file = at.at("localhostProfile");
  const { localhostProfile, type } = profile;
  if (type !== "Localhost") {
    if (localhostProfile === undefined) return;
    file.invalid(goProfile(profile), "can only be set when seccomp type is Localhost");
  } else if (localhostProfile === undefined) {
    file.required("must be set when seccomp type is Localhost");
  } else checkBelow(localhostProfile, file);
}

function checkAppArmor(profile: AppArmorProfile | undefined, at: Place): void {
  if (profile === undefined) return;
  const { localhostProfile: name, type } = profile;
  at.at("type").oneOf(type, PROFILES, "type is required when appArmorProfile is set");
  const file = at.at("localhostProfile");
  if (type !== "Localhost") {
    if (!PROFILES.includes(type) || name === undefined) return;
    file.invalid(name, "can only be set when AppArmor type is Localhost");
    return;
  }
  if (name === undefined || name === "")
    file.required("must be set when AppArmor type is Localhost");
  else if (name.trim() !== name) file.invalid(name, "must not be padded with whitespace");
  if (name !== undefined && name.length > MAX_PROFILE) file.tooLong(MAX_PROFILE);
}

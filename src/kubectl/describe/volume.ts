/**
 * The volumes in `kubectl describe pod`.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeVolumes`.
 * Not modelled: the text of volumes of stores that are no longer served.
 */
import type { PodSpec } from "../../objects/index.js";
import { compareText } from "../tables/labels.js";
import type { DescribeWriter } from "./writer.js";

type Volume = NonNullable<PodSpec["volumes"]>[number];

/** Describes volumes; `space` is put before the title. */
export function describeVolumes(
  w: DescribeWriter,
  volumes: readonly Volume[],
  space: string,
): void {
  w.line(0, `${space}Volumes:${volumes.length === 0 ? "\t<none>" : ""}`);
  for (const volume of volumes) {
    w.line(1, `${space === "" ? "" : " "}${volume.name}:`);
    for (const line of linesOf(volume)) w.line(2, line);
  }
}

function linesOf(volume: Volume): readonly string[] {
  if (volume.projected !== undefined) {
    const title = "Type:\tProjected (a volume that contains injected data from multiple sources)";
    return [title, ...(volume.projected.sources ?? []).flatMap(projectedLines)];
  }
  if (volume.configMap !== undefined) {
    return [
      "Type:\tConfigMap (a volume populated by a ConfigMap)",
      `Name:\t${volume.configMap.name ?? ""}`,
      `Optional:\t${volume.configMap.optional === true}`,
    ];
  }
  if (volume.secret !== undefined) {
    return [
      "Type:\tSecret (a volume populated by a Secret)",
      `SecretName:\t${volume.secret.secretName ?? ""}`,
      `Optional:\t${volume.secret.optional === true}`,
    ];
  }
  if (volume.emptyDir !== undefined) {
    return [
      "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)",
      `Medium:\t${volume.emptyDir.medium ?? ""}`,
      `SizeLimit:\t${volume.emptyDir.sizeLimit ?? "<unset>"}`,
    ];
  }
  if (volume.hostPath !== undefined) {
    return [
      "Type:\tHostPath (bare host directory volume)",
      `Path:\t${volume.hostPath.path}`,
      `HostPathType:\t${volume.hostPath.type ?? ""}`,
    ];
  }
  return storeLines(volume);
}

/** Volumes whose data lies elsewhere. */
function storeLines({
  csi,
  downwardAPI,
  image,
  nfs,
  persistentVolumeClaim: claim,
}: Volume): readonly string[] {
  if (nfs !== undefined) {
    return [
      "Type:\tNFS (an NFS mount that lasts the lifetime of a pod)",
      `Server:\t${nfs.server}`,
      `Path:\t${nfs.path}`,
      `ReadOnly:\t${nfs.readOnly === true}`,
    ];
  }
  if (claim !== undefined) {
    return [
      "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
      `ClaimName:\t${claim.claimName}`,
      `ReadOnly:\t${claim.readOnly === true}`,
    ];
  }
  if (downwardAPI !== undefined) {
    const title = "Type:\tDownwardAPI (a volume populated by information about the pod)";
    const items = (downwardAPI.items ?? []).flatMap(({ fieldRef, path, resourceFieldRef }) => [
      ...(fieldRef === undefined ? [] : [`  ${fieldRef.fieldPath} -> ${path}`]),
      ...(resourceFieldRef === undefined ? [] : [`  ${resourceFieldRef.resource} -> ${path}`]),
    ]);
    return [title, "Items:", ...items];
  }
  if (csi !== undefined) {
    return [
      "Type:\tCSI (a Container Storage Interface (CSI) volume source)",
      `Driver:\t${csi.driver}`,
      `FSType:\t${csi.fsType ?? ""}`,
      `ReadOnly:\t${csi.readOnly === true}`,
      ...attributeLines(csi.volumeAttributes ?? {}),
    ];
  }
  if (image !== undefined) {
    return [
      "Type:\tImage (a container image or OCI artifact)",
      `Reference:\t${image.reference ?? ""}`,
      `PullPolicy:\t${image.pullPolicy ?? ""}`,
    ];
  }
  return ["<unknown>"];
}

function attributeLines(attributes: Readonly<Record<string, string>>): readonly string[] {
  const keys = Object.keys(attributes).sort(compareText);
  if (keys.length === 0) return ["VolumeAttributes:\t<none>"];
  // Upstream indents each piece of a line anew.
  return keys.map(
    (key, i) => `${i === 0 ? "VolumeAttributes:" : "    "}\t    ${key}=${attributes[key]}`,
  );
}

type Source = NonNullable<NonNullable<Volume["projected"]>["sources"]>[number];

function projectedLines(source: Source): readonly string[] {
  const { configMap, downwardAPI, secret, serviceAccountToken } = source;
  if (secret !== undefined) {
    return [`SecretName:\t${secret.name ?? ""}`, `Optional:\t${secret.optional === true}`];
  }
  if (downwardAPI !== undefined) return ["DownwardAPI:\ttrue"];
  if (configMap !== undefined) {
    return [`ConfigMapName:\t${configMap.name ?? ""}`, `Optional:\t${configMap.optional === true}`];
  }
  if (serviceAccountToken === undefined) return [];
  return [`TokenExpirationSeconds:\t${serviceAccountToken.expirationSeconds ?? 3600}`];
}

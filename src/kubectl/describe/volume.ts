/**
 * The volumes in `kubectl describe pod`.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeVolumes`.
 * Not modelled: the text of volumes of particular stores.
 */
import type { PodSpec } from "../../objects/index.js";
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
  return ["<unknown>"];
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

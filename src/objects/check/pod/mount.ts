/**
 * Checks of what a container mounts: volumes as directories, and as block devices.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidateVolumeMounts`, `ValidateVolumeDevices`.
 */
import type { Container, VolumeMount } from "../../kinds/pod/container.js";
import type { Volume } from "../../kinds/pod/volume.js";
import type { Place } from "../place.js";
import { checkBelow } from "./path.js";

type Volumes = ReadonlyMap<string, Volume>;

const PROPAGATIONS: readonly string[] = ["Bidirectional", "HostToContainer", "None"];
const RECURSIVE: readonly string[] = ["Disabled", "Enabled", "IfPossible"];

/** Checks the mounts and devices of a container. */
export function checkMounts(container: Container, volumes: Volumes, at: Place): void {
  const { volumeDevices = [], volumeMounts = [] } = container;
  const paths = new Set<string>();
  const list = at.at("volumeMounts");
  at.each("volumeMounts", volumeMounts, (mount, place) => {
    const { mountPath, name, subPath = "", subPathExpr = "" } = mount;
    place.at("name").needs(name);
    if (!volumes.has(name)) place.at("name").notFound(name);
    place.at("mountPath").needs(mountPath);
    if (paths.has(mountPath)) place.at("mountPath").invalid(mountPath, "must be unique");
    paths.add(mountPath);
    if (volumeDevices.some((d) => d.name === name)) {
      place.at("name").invalid(name, "must not already exist in volumeDevices");
    }
    if (lastPaths(volumeDevices.map((d) => [d.name, d.devicePath])).includes(mountPath)) {
      const message = "must not already exist as a path in volumeDevices";
      place.at("mountPath").invalid(mountPath, message);
    }
    if (subPath !== "") checkBelow(subPath, list.at("subPath"));
    if (subPathExpr !== "") {
      if (subPath !== "") {
        const message = "subPathExpr and subPath are mutually exclusive";
        place.at("subPathExpr").invalid(subPathExpr, message);
      }
      checkBelow(subPathExpr, list.at("subPathExpr"));
    }
    checkPropagation(mount, container, list);
  });
  checkDevices(container, volumes, at);
}

/** Of entries with one name, the last counts. */
function lastPaths(entries: readonly (readonly [string, string])[]): readonly string[] {
  return [...new Map(entries).values()];
}

function checkPropagation(mount: VolumeMount, container: Container, list: Place): void {
  const { mountPropagation: way, readOnly, recursiveReadOnly } = mount;
  const place = list.at("mountPropagation");
  place.ifOneOf(way, PROPAGATIONS);
  if (way === "Bidirectional" && container.securityContext?.privileged !== true) {
    place.forbidden("Bidirectional mount propagation is available only to privileged containers");
  }
  const recursive = list.at("recursiveReadOnly");
  recursive.ifOneOf(recursiveReadOnly, RECURSIVE);
  if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible") return;
  if (readOnly !== true) recursive.forbidden("may only be specified when readOnly is true");
  if (way !== undefined && way !== "None") {
    recursive.forbidden("may only be specified when mountPropagation is None or not specified");
  }
}

function checkDevices(
  { volumeDevices, volumeMounts = [] }: Container,
  volumes: Volumes,
  at: Place,
): void {
  const paths = new Set<string>();
  const names = new Set<string>();
  const mounted = lastPaths(volumeMounts.map((m) => [m.name, m.mountPath]));
  at.each("volumeDevices", volumeDevices, ({ devicePath, name }, place) => {
    const [at1, at2] = [place.at("name"), place.at("devicePath")];
    const volume = volumes.get(name);
    at1.needs(name);
    if (names.has(name)) at1.invalid(name, "must be unique");
    if (volume === undefined) at1.notFound(name);
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      const source = "volume source type of PersistentVolumeClaim or Ephemeral";
      at1.invalid(name, `can only use ${source} for block mode`);
    }
    at2.needs(devicePath);
    if (paths.has(devicePath)) at2.invalid(devicePath, "must be unique");
    if (devicePath.split("/").includes("..")) {
      at2.invalid(devicePath, "can not contain backsteps ('..')");
    } else paths.add(devicePath);
    if (volumeMounts.some((m) => m.name === name)) {
      at1.invalid(name, "must not already exist in volumeMounts");
    }
    if (mounted.includes(devicePath)) {
      at2.invalid(devicePath, "must not already exist as a path in volumeMounts");
    }
    if (name !== "") names.add(name);
  });
}

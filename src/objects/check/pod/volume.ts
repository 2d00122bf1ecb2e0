/**
 * Checks of the volumes of a pod: each has a name of its own and one source.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidateVolumes`, `validateVolumeSource`.
 * Not modelled: beyond their required fields, the sources that are disks of one maker; certificates
 * and trust bundles in projected volumes.
 */
import type { Volume } from "../../kinds/pod/volume.js";
import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  ProjectedVolumeSource,
} from "../../kinds/pod/volume-source.js";
import { parseQuantity } from "../../shape/quantity.js";
import { faultsOfLabel, faultsOfSubdomain } from "../names.js";
import { Place } from "../place.js";
import { checkClaimTemplate } from "./claim.js";
import { checkFieldRef, checkResourceRef } from "./downward.js";
import { checkBelow, checkFileMode, checkNoBacksteps, checkNotReserved } from "./path.js";

/** Checks volumes. Returns those that are right, by name: only these can be mounted. */
export function checkVolumes(
  volumes: readonly Volume[] | undefined,
  owner: string | undefined,
  at: Place,
): ReadonlyMap<string, Volume> {
  const good = new Map<string, Volume>();
  const made = (volumes ?? []).flatMap((v) => (v.ephemeral ? [`${owner}-${v.name}`] : []));
  at.each("volumes", volumes, (volume, place) => {
    const own = new Place(place.path, []);
    checkSource(volume, owner, own);
    own.at("name").needs(volume.name, faultsOfLabel);
    if (good.has(volume.name)) own.at("name").duplicate(volume.name);
    if (own.faults.length === 0) good.set(volume.name, volume);
    at.faults.push(...own.faults);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (owner === undefined || claim === undefined || !made.includes(claim)) return;
    const message = "must not reference a PVC that gets created for an ephemeral volume";
    place.at("persistentVolumeClaim.claimName").invalid(claim, message);
  });
  return good;
}

/** The sources of volumes in the order in which the server looks for them. */
const SOURCES = [
  "emptyDir",
  "hostPath",
  "gitRepo",
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "secret",
  "nfs",
  "iscsi",
  "glusterfs",
  "flocker",
  "persistentVolumeClaim",
  "rbd",
  "cinder",
  "cephfs",
  "quobyte",
  "downwardAPI",
  "fc",
  "flexVolume",
  "configMap",
  "azureFile",
  "vsphereVolume",
  "photonPersistentDisk",
  "portworxVolume",
  "azureDisk",
  "storageos",
  "projected",
  "scaleIO",
  "csi",
  "ephemeral",
  "image",
] as const;

type SourceName = (typeof SOURCES)[number];

/** Fields that a source must have, where that is all that is checked; some have paths of their own. */
const NEEDED: Readonly<Partial<Record<SourceName, readonly string[]>>> = {
  gcePersistentDisk: ["pdName"],
  awsElasticBlockStore: ["volumeID"],
  glusterfs: ["endpoints", "path"],
  rbd: ["monitors", "image"],
  cinder: ["volumeID"],
  cephfs: ["monitors"],
  flexVolume: ["driver"],
  azureFile: ["secretName", "shareName"],
  vsphereVolume: ["volumePath"],
  photonPersistentDisk: ["pdID"],
  portworxVolume: ["volumeID"],
  persistentVolumeClaim: ["claimName"],
  gitRepo: ["repository"],
};

/** Where the server spells a source in its own way: when it is one too many, and else. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["cephfs", "cephFS"],
  ["downwardAPI", "downwarAPI"],
]);
const PATHS: ReadonlyMap<string, string> = new Map([["gcePersistentDisk", "persistentDisk"]]);

function checkSource(volume: Volume, owner: string | undefined, at: Place): void {
  const [first, ...others] = SOURCES.filter((name) => volume[name] !== undefined);
  if (first === undefined) {
    at.required("must specify a volume type");
    return;
  }
  for (const name of others)
    at.at(ALIASES.get(name) ?? name).forbidden("may not specify more than 1 volume type");
  const place = at.at(PATHS.get(first) ?? first);
  const given = volume[first] as Readonly<Record<string, unknown>>;
  for (const name of NEEDED[first] ?? []) {
    const value = given[name];
    if (value === undefined || (value as string | unknown[]).length === 0) {
      place.at(name).required();
    }
  }
  checkKnownSource(volume, first, place);
  if (first === "ephemeral" && owner !== undefined && volume.name !== "") {
    const claim = `${owner}-${volume.name}`;
    for (const message of faultsOfSubdomain(claim)) {
      at.at("name").invalid(volume.name, `PVC name "${claim}": ${message}`);
    }
  }
}

function checkKnownSource(volume: Volume, name: SourceName, at: Place): void {
  switch (name) {
    case "emptyDir": {
      const limit = parseQuantity(volume.emptyDir?.sizeLimit ?? "0");
      if (limit === undefined || limit.nano >= 0n) return;
      at.at("sizeLimit").forbidden("SizeLimit field must be a valid resource quantity");
      return;
    }
    case "hostPath":
      checkHostPath(volume, at);
      return;
    case "gitRepo":
      checkBelow(volume.gitRepo?.directory ?? "", at.at("directory"));
      return;
    case "nfs":
      checkNfs(volume, at);
      return;
    case "secret":
    case "configMap": {
      const named = name === "secret" ? volume.secret?.secretName : volume.configMap?.name;
      at.at(name === "secret" ? "secretName" : "name").needs(named);
      checkFileMode(volume[name]?.defaultMode, at.at("defaultMode"));
      at.each("items", volume[name]?.items, checkItem);
      return;
    }
    case "downwardAPI":
      checkFileMode(volume.downwardAPI?.defaultMode, at.at("defaultMode"));
      for (const file of volume.downwardAPI?.items ?? []) checkFile(file, at);
      return;
    case "projected":
      checkProjected(volume.projected ?? { sources: [] }, at);
      return;
    case "csi":
      checkCsi(volume, at);
      return;
    case "ephemeral":
      if (volume.ephemeral?.volumeClaimTemplate !== undefined) {
        checkClaimTemplate(volume.ephemeral.volumeClaimTemplate, at.at("volumeClaimTemplate"));
        return;
      }
      at.at("volumeClaimTemplate").required();
      return;
    case "image":
      at.at("pullPolicy").oneOf(volume.image?.pullPolicy, ["Always", "IfNotPresent", "Never"]);
      return;
    default:
      return;
  }
}

const HOST_PATH_TYPES: readonly string[] = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];

function checkHostPath({ hostPath }: Volume, at: Place): void {
  if (hostPath === undefined || hostPath.path === "") {
    at.at("path").required();
    return;
  }
  checkNoBacksteps(hostPath.path, at.at("path"));
  at.at("type").ifOneOf(hostPath.type, HOST_PATH_TYPES);
}

function checkNfs({ nfs }: Volume, at: Place): void {
  at.at("server").needs(nfs?.server);
  at.at("path").needs(nfs?.path);
  if (nfs?.path.startsWith("/") !== true) {
    at.at("path").invalid(nfs?.path ?? "", "must be an absolute path");
  }
}

function checkItem({ key, mode, path }: KeyToPath, at: Place): void {
  at.at("key").needs(key);
  at.at("path").needs(path);
  checkNotReserved(path, at.at("path"));
  checkFileMode(mode, at.at("mode"));
}

/** Fields of a pod that a file can show. */
const SHOWN_FIELDS: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

function checkFile(file: DownwardAPIVolumeFile, at: Place): void {
  at.at("path").needs(file.path);
  checkNotReserved(file.path, at.at("path"));
  if (file.fieldRef !== undefined) {
    checkFieldRef(file.fieldRef, SHOWN_FIELDS, at.at("fieldRef"));
    if (file.resourceFieldRef !== undefined) {
      const message = "fieldRef and resourceFieldRef can not be specified simultaneously";
      at.invalid("resource", message);
    }
  } else if (file.resourceFieldRef !== undefined) {
    checkResourceRef(file.resourceFieldRef, { isVolume: true }, at.at("resourceFieldRef"));
  } else at.required("one of fieldRef and resourceFieldRef is required");
  checkFileMode(file.mode, at.at("mode"));
}

function checkProjected({ defaultMode, sources }: ProjectedVolumeSource, at: Place): void {
  checkFileMode(defaultMode, at.at("defaultMode"));
  const paths = new Set<string>();
  const claim = (path: string, shown: string) => {
    if (path !== "" && paths.has(path)) at.invalid(shown, "conflicting duplicate paths");
    paths.add(path);
  };
  at.each("sources", sources, (source, place) => {
    for (const kind of ["secret", "configMap"] as const) {
      const of = source[kind];
      if (of === undefined) continue;
      place.at(`${kind}.name`).needs(of.name);
      place.each(`${kind}.items`, of.items, (item, itemPlace) => {
        checkItem(item, itemPlace);
        claim(item.path, of.name ?? "");
      });
    }
    for (const file of source.downwardAPI?.items ?? []) {
      checkFile(file, place.at("downwardAPI"));
      claim(file.path, file.path);
    }
    const token = source.serviceAccountToken;
    if (token !== undefined) {
      checkLife(token.expirationSeconds ?? 0, place.at("serviceAccountToken.expirationSeconds"));
      if (token.path === "") at.at("path").required();
      else checkNotReserved(token.path, at.at("path"));
    }
    if (Object.keys(source).length > 1) {
      place.forbidden("may not specify more than 1 volume type per source");
    }
  });
}

function checkLife(seconds: number, at: Place): void {
  if (seconds < 600) at.invalid(seconds, "may not specify a duration less than 10 minutes");
  if (seconds > 2 ** 32) at.invalid(seconds, "may not specify a duration larger than 2^32 seconds");
}

/** Longest name of a driver. */
const MAX_DRIVER = 63;

function checkCsi({ csi }: Volume, at: Place): void {
  const driver = csi?.driver ?? "";
  const place = at.at("driver");
  if (driver === "") place.required();
  else {
    if (driver.length > MAX_DRIVER) place.tooLong(MAX_DRIVER);
    for (const message of faultsOfSubdomain(driver.toLowerCase())) place.invalid(driver, message);
  }
  const secret = csi?.nodePublishSecretRef;
  if (secret === undefined) return;
  const { name = "" } = secret;
  if (name === "") at.at("nodePublishSecretRef.name").required();
  else at.at("name").form(name, faultsOfSubdomain);
}

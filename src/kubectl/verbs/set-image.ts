/**
 * `kubectl set image`.
 *
 * Follows: kubectl v0.35 pkg/cmd/set/set_image.go.
 */
import type { KubeObject } from "../../objects/index.js";
import { CommandFailure, mistake, notModelled } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readChanges, splitPairs } from "../command/pairs.js";
import { resourceOf } from "../command/resources.js";
import { select } from "../command/selection.js";
import { jsonOf } from "../output/formats.js";
import type { Session } from "../session.js";
import { checkOutcomeFlags, dryRunOf, printDone, printRead, recorded } from "./outcome.js";

/** The flags of `set image`. */
export const SET_IMAGE_FLAGS = flags(
  "all l:selector= o:output= dry-run=[unchanged] local record field-manager= f:filename* k:kustomize= R:recursive template= show-managed-fields allow-missing-template-keys=[true]",
);

type Json = Record<string, unknown>;
type Images = ReadonlyMap<string, string>;

/** Runs `set image`. */
export function setImage(session: Session): void {
  const { args } = session;
  checkOutcomeFlags(session);
  if (args.isSet("local")) throw notModelled("flag --local");
  const { pairs, resources } = splitPairs(args.names, "image");
  const { set: images } = readChanges(pairs, "image", false);
  const selection = select(session, { words: resources, bareKinds: args.isSet("all") });
  session.settle(selection.failures);
  checkRequest(session, resources, images);
  const failures: CommandFailure[] = [];
  for (const { object } of selection.items) {
    try {
      setOne(session, object as KubeObject, images, failures);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  session.settle(failures);
}

function checkRequest(session: Session, resources: readonly string[], images: Images): void {
  const failures: CommandFailure[] = [];
  if (session.args.isSet("all") && session.args.has("selector")) {
    failures.push(mistake("cannot set --all and --selector at the same time"));
  }
  if (resources.length === 0 && !session.args.has("filename")) {
    failures.push(
      mistake("one or more resources must be specified as <resource> <name> or <resource>/<name>"),
    );
  }
  if (images.size === 0) failures.push(mistake("at least one image update is required"));
  if (images.size > 1 && images.has("*")) {
    failures.push(
      mistake(
        "all containers are already specified by *, but saw more than one container_name=container_image pairs",
      ),
    );
  }
  session.settle(failures);
}

function setOne(
  session: Session,
  object: KubeObject,
  images: Images,
  failures: CommandFailure[],
): void {
  const json = jsonOf(object);
  const spec = podSpecOf(json);
  if (spec === undefined) {
    const { kind, metadata } = object;
    const name = `${resourceOf(kind).info.resource}/${metadata.name}`;
    throw mistake(
      `error: ${name} the object is not a pod or does not have a pod template: *v1.${kind}`,
    );
  }
  const containers = [
    ...((spec.initContainers ?? []) as Json[]),
    ...((spec.containers ?? []) as Json[]),
  ];
  let isChanged = false;
  for (const [name, image] of images) {
    const found = containers.filter((c) => name === "*" || c.name === name);
    if (found.length === 0) {
      failures.push(mistake(`error: unable to find container named "${name}"`));
    }
    for (const container of found) {
      isChanged ||= container.image !== image;
      container.image = image;
    }
  }
  if (!isChanged) return;
  const dry = dryRunOf(session);
  if (dry === "client") {
    printRead(session, json, "image updated");
    return;
  }
  const wanted = recorded(session, json);
  const result = dry === "server" ? session.tryUpdate(wanted) : session.update(wanted);
  printDone(session, result, "image updated");
}

/** The spec of the pods that an object is or makes. */
function podSpecOf(json: Json): Json | undefined {
  const spec = (json.spec ?? {}) as Json;
  if (json.kind === "Pod") return spec;
  const job = (spec.jobTemplate as Json | undefined)?.spec as Json | undefined;
  const template = ((job ?? spec).template ?? undefined) as Json | undefined;
  return template?.spec as Json | undefined;
}

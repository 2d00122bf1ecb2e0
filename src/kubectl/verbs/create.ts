/**
 * `kubectl create`: from files, or a deployment, namespace or Service made of flags.
 *
 * Follows: kubectl v0.35 pkg/cmd/create.
 */
import type { KubeObject } from "../../objects/index.js";
import {
  CommandFailure,
  explained,
  mistake,
  notModelled,
  sourced,
  usage,
} from "../command/failure.js";
import { type Arguments, flags } from "../command/flags.js";
import { readSelector } from "../command/selector.js";
import { type ManifestItem, readManifests } from "../manifest/manifest-input.js";
import { keepApplied } from "../server/last-applied.js";
import type { Session } from "../session.js";
import { create } from "./made.js";
import { checkOutcomeFlags, dryRunOf, printDone, printRead } from "./outcome.js";
import { placed } from "./run.js";

const COMMON =
  "dry-run=[unchanged] o:output= field-manager= save-config validate=[strict] template= show-managed-fields allow-missing-template-keys=[true]";

/** The flags of `create -f`. */
export const CREATE_FLAGS = flags(
  `f:filename* k:kustomize= R:recursive l:selector= raw= edit record windows-line-endings ${COMMON}`,
);

/** The flags of each thing that can be created by name. */
export const CREATE_KIND_FLAGS = {
  deployment: flags(`image!* r:replicas# port# ${COMMON}`),
  namespace: flags(COMMON),
} as const;

/** Creates what files hold. */
export function createFromFiles(session: Session): void {
  const { args } = session;
  if (args.names.length > 0) throw usage("create", `Unexpected args: [${args.names.join(" ")}]`);
  const files = args.list("filename");
  for (const flag of ["kustomize", "raw", "edit"]) {
    if (args.has(flag)) throw notModelled(`flag --${flag}`);
  }
  checkOutcomeFlags(session);
  if (files.length === 0) throw mistake("must specify one of -f and -k");
  const matches = readSelector(args.text("selector"));
  const { failures: unread, manifests } = readManifests(session, files);
  const failures = [...unread];
  const items = manifests.filter(({ labels }) => matches(labels));
  for (const item of items) {
    try {
      createOne(session, item);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  session.settle(failures);
  if (items.length === 0) throw mistake("no objects passed to create");
}

function createOne(session: Session, item: ManifestItem): void {
  const { kind, source } = item;
  const json = session.args.isSet("save-config") ? keepApplied(item.json) : item.json;
  const dry = dryRunOf(session);
  if (dry === "client") {
    printRead(session, json, "created");
    return;
  }
  session.warnOf(kind);
  const object = sourced("creating", source, () =>
    dry === "server" ? session.tryCreate(json) : session.create(json),
  );
  printDone(session, object, "created");
}

/** The one name that `create TYPE` takes. */
export function nameOf(args: Arguments): string {
  const [name, ...more] = args.names;
  if (name === undefined || more.length > 0) {
    throw usage(args.verb, `exactly one NAME is required, got ${args.names.length}`);
  }
  return name;
}

/** `kubectl create namespace NAME`. */
export function createNamespace(session: Session): void {
  const name = nameOf(session.args);
  checkOutcomeFlags(session);
  create(session, { apiVersion: "v1", kind: "Namespace", metadata: { name } }, { done: "created" });
}

/** `kubectl create deployment NAME --image=IMAGE`. */
export function createDeployment(session: Session): void {
  const { args } = session;
  const name = nameOf(args);
  checkOutcomeFlags(session);
  const images = args.list("image").flatMap((image) => image.split(","));
  const command = args.rest ?? [];
  if (images.length > 1 && command.length > 0) {
    throw mistake("cannot specify multiple --image options and command");
  }
  const labels = { app: name };
  const port = args.number("port") ?? -1;
  const containers = images.map((image, i) => ({
    name: containerName(image),
    image,
    ...(command.length === 0 ? {} : { command }),
    ...(i === 0 && port >= 0 ? { ports: [{ containerPort: port }] } : {}),
  }));
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, ...placed(session), labels },
    spec: {
      replicas: args.number("replicas") ?? 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
  const creating = (run: () => KubeObject) => explained("failed to create deployment", run);
  create(session, deployment, { done: "created", creating });
}

/** The last part of an image's name; upstream adds a random end where it had to change it. */
function containerName(image: string): string {
  const name = (image.split("/").at(-1) as string).split(":")[0]?.split("@")[0] as string;
  return name.replaceAll(/[_.]/g, "-");
}

/**
 * `kubectl create`: from files, or a deployment, namespace or Service made of flags.
 *
 * Follows: kubectl v0.35 pkg/cmd/create.
 */
import { KINDS, type Kind } from "../../objects/index.js";
import { CommandFailure, mistake, usage } from "../command/failure.js";
import { type Arguments, flags, wholeNumber } from "../command/flags.js";
import { printObjects, readFormat } from "../output/formats.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";
import { isDryRun, preview } from "./dry-run.js";
import { readManifests } from "./manifest-input.js";

const COMMON = "dry-run=[unchanged] o:output= field-manager= save-config validate=[strict]";

/** The flags of `create -f`. */
export const CREATE_FLAGS = flags(`f:filename* k:kustomize= R:recursive ${COMMON}`);

/** The flags of each thing that can be created by name. */
export const CREATE_KIND_FLAGS = {
  deployment: flags(`image! replicas= r:replica= port= ${COMMON}`),
  namespace: flags(COMMON),
  service: flags(`tcp* clusterip= node-port= external-name= annotation* ${COMMON}`),
} as const;

/** Creates what files hold. */
export function createFromFiles(session: Session): void {
  const files = session.args.list("filename");
  if (files.length === 0) throw mistake("must specify one of -f and -k");
  for (const { json, source } of readManifests(session, files)) {
    const object = session.create(json, source);
    session.print(`${kindPrefix(object.kind as Kind)}/${object.metadata.name} created`);
  }
}

function nameOf(args: Arguments): string {
  const [name, ...more] = args.names;
  if (name === undefined || more.length > 0) {
    throw usage(args.verb, `exactly one NAME is required, got ${args.names.length}`);
  }
  return name;
}

function finish(session: Session, json: unknown): void {
  const { args } = session;
  if (isDryRun(session)) {
    preview(session, json, "created");
    return;
  }
  const object = session.create(json);
  const text = args.text("output");
  if (text !== undefined) session.out += printObjects(readFormat(text), [object], true);
  else session.print(`${kindPrefix(object.kind as Kind)}/${object.metadata.name} created`);
}

/** `kubectl create namespace NAME`. */
export function createNamespace(session: Session): void {
  const name = nameOf(session.args);
  finish(session, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

/** `kubectl create deployment NAME --image=IMAGE`. */
export function createDeployment(session: Session): void {
  const { args } = session;
  const name = nameOf(args);
  const labels = { app: name };
  const image = args.text("image") as string;
  const port = wholeNumber(args, "port");
  const base = (image.split("/").at(-1) as string).split(/[:@]/)[0] as string;
  const container = {
    name: base.replaceAll(/[^-a-zA-Z0-9]/g, "-").slice(0, 63),
    image,
    ...(args.rest === undefined ? {} : { command: args.rest }),
    ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
  };
  finish(session, {
    apiVersion: KINDS.Deployment.shape.apiVersion,
    kind: "Deployment",
    metadata: { name, namespace: session.namespace, labels },
    spec: {
      replicas: wholeNumber(args, "replicas") ?? 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
}

const SERVICE_TYPES: Readonly<Record<string, string>> = {
  clusterip: "ClusterIP",
  nodeport: "NodePort",
  loadbalancer: "LoadBalancer",
  externalname: "ExternalName",
};

/** `kubectl create service TYPE NAME --tcp=PORT:TARGET`. */
export function createService(session: Session, typeName: string): void {
  const { args } = session;
  const type = SERVICE_TYPES[typeName];
  if (type === undefined) throw new CommandFailure(`error: unknown command "${typeName}"`);
  const name = nameOf(args);
  const headless = args.text("clusterip");
  const tcp = args.list("tcp").flatMap((t) => t.split(","));
  if (tcp.length === 0 && type !== "ExternalName" && headless !== "None") {
    throw mistake("at least one tcp port specifier must be provided");
  }
  const nodePort = wholeNumber(args, "node-port");
  const ports = tcp.map((text) => ({
    ...readPort(text),
    ...(nodePort === undefined ? {} : { nodePort }),
  }));
  finish(session, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: session.namespace, labels: { app: name } },
    spec: {
      type,
      selector: { app: name },
      ...(ports.length === 0 ? {} : { ports }),
      ...(headless === undefined ? {} : { clusterIP: headless }),
      ...(args.has("external-name") ? { externalName: args.text("external-name") } : {}),
    },
  });
}

function readPort(text: string) {
  const [port = "", target = port] = text.split(":");
  if (!/^\d+$/.test(port)) {
    throw mistake(`strconv.Atoi: parsing "${port}": invalid syntax`);
  }
  const targetPort = /^\d+$/.test(target) ? Number(target) : target;
  return { name: text.replaceAll(":", "-"), port: Number(port), protocol: "TCP", targetPort };
}

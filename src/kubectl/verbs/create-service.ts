/**
 * `kubectl create service TYPE NAME`.
 *
 * Follows: kubectl v0.35 pkg/cmd/create/create_service.go.
 */
import type { KubeObject } from "../../objects/index.js";
import { type CommandFailure, explained, mistake, usage } from "../command/failure.js";
import { flags } from "../command/flags.js";
import type { Session } from "../session.js";
import { nameOf } from "./create.js";
import { create } from "./made.js";
import { checkOutcomeFlags } from "./outcome.js";
import { placed } from "./run.js";

const COMMON =
  "tcp* dry-run=[unchanged] o:output= field-manager= save-config validate=[strict] template= show-managed-fields allow-missing-template-keys=[true]";

/** The types of Service by what is typed, with their own flags. */
export const SERVICE_TYPES = {
  clusterip: { type: "ClusterIP", flags: flags(`clusterip= ${COMMON}`) },
  nodeport: { type: "NodePort", flags: flags(`node-port# ${COMMON}`) },
  loadbalancer: { type: "LoadBalancer", flags: flags(COMMON) },
  externalname: { type: "ExternalName", flags: flags(`external-name!= ${COMMON}`) },
} as const;

/** A type that can be typed. */
export type ServiceWord = keyof typeof SERVICE_TYPES;

/** A type that there is not. */
export function noService(words: readonly string[]): CommandFailure {
  return usage("create service", `unknown command ${JSON.stringify(words.join(" "))}`);
}

/** Creates a Service of a type. */
export function createService(session: Session, word: ServiceWord): void {
  const { args } = session;
  const { type } = SERVICE_TYPES[word];
  const name = nameOf(args);
  checkOutcomeFlags(session);
  const clusterIP = args.text("clusterip") ?? "";
  const externalName = args.text("external-name") ?? "";
  const tcp = args.list("tcp").flatMap((text) => text.split(","));
  if (clusterIP !== "None" && tcp.length === 0 && type !== "ExternalName") {
    throw mistake("at least one tcp port specifier must be provided");
  }
  if (type === "ExternalName" && !isSubdomain(externalName)) {
    throw mistake(`invalid service external name ${externalName}`);
  }
  const nodePort = args.number("node-port") ?? 0;
  const ports = tcp.map((text) => ({ ...readPort(text), ...(nodePort === 0 ? {} : { nodePort }) }));
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...placed(session), labels: { app: name } },
    spec: {
      ...(ports.length === 0 ? {} : { ports }),
      selector: { app: name },
      ...(clusterIP === "" ? {} : { clusterIP }),
      type,
      ...(externalName === "" ? {} : { externalName }),
    },
  };
  const creating = (run: () => KubeObject) => explained(`failed to create ${type} service`, run);
  create(session, service, { done: "created", keeps: false, creating });
}

const LONGEST_SUBDOMAIN = 253;

function isSubdomain(text: string): boolean {
  const label = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";
  const form = new RegExp(`^${label}(?:\\.${label})*$`);
  return text.length <= LONGEST_SUBDOMAIN && form.test(text);
}

const MAX_PORT = 65_535;

function readPort(text: string) {
  const [first = "", second] = text.split(":");
  const port = readPortNumber(first);
  const named = { name: text.replaceAll(":", "-"), protocol: "TCP", port };
  return { ...named, targetPort: second === undefined ? port : readTarget(second) };
}

/** Follows: k8s.io/utils net/parse.go `ParsePort`. */
function readPortNumber(text: string): number {
  const quoted = JSON.stringify(text);
  if (!/^\d+$/.test(text)) throw mistake(`strconv.ParseUint: parsing ${quoted}: invalid syntax`);
  if (Number(text) > MAX_PORT) {
    throw mistake(`strconv.ParseUint: parsing ${quoted}: value out of range`);
  }
  return Number(text);
}

/** Longest name of a port. */
const MAX_PORT_NAME = 15;

/** Follows: apimachinery v0.35 pkg/util/validation `IsValidPortName`, `IsValidPortNum`. */
function readTarget(text: string): number | string {
  if (/^[+-]?\d+$/.test(text)) {
    const port = Number(text);
    if (port >= 1 && port <= MAX_PORT) return port;
    throw mistake("must be between 1 and 65535, inclusive");
  }
  const faults: string[] = [];
  if (text.length > MAX_PORT_NAME) faults.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]+$/i.test(text)) {
    faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/i.test(text)) faults.push("must contain at least one letter (a-z)");
  if (text.includes("--")) faults.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) {
    faults.push("must not begin or end with a hyphen");
  }
  if (faults.length > 0) throw mistake(faults.join(","));
  return text;
}

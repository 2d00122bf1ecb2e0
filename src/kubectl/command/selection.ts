/**
 * What a command is about: words, files and selectors to objects. One path for all verbs, so that
 * all refuse in the same words.
 *
 * Follows: cli-runtime v0.35 pkg/resource/builder.go, visitor.go.
 */
import type { KubeObject } from "../../objects/index.js";
import { type ManifestItem, readManifests } from "../manifest/manifest-input.js";
import type { Session } from "../session.js";
import { CommandFailure, mistake, serverError } from "./failure.js";
import { readFieldSelector } from "./field-selector.js";
import { getResource, getResources, type Resource, resourceOf } from "./resources.js";
import { readSelector } from "./selector.js";

/** One thing that a command is about. */
export interface Item extends Resource {
  /** "" for what belongs to no namespace. */
  readonly namespace: string;
  readonly name: string;
  /** As it is stored; undefined where it was not looked up. */
  readonly object: KubeObject | undefined;
  /** The manifest it was named by. */
  readonly manifest?: ManifestItem;
}

/** What was found, and what was not. */
export interface Selection {
  readonly items: readonly Item[];
  readonly failures: readonly CommandFailure[];
  /** Whether one thing was asked for by its name. */
  readonly single: boolean;
  /** The kinds that were listed whole or by a selector; none where names were given. */
  readonly listed: readonly Resource[];
}

/** What a verb asks for. */
export interface Request {
  readonly words: readonly string[];
  /** Whether kinds alone mean all of their objects. Default: false. */
  readonly bareKinds?: boolean;
  /** Whether `--all` was given to a verb that reads it as a selector of everything. */
  readonly all?: boolean;
  /** Whether `--selector` and the like choose what it is about. Default: true. */
  readonly selectors?: boolean;
  /** Whether objects are looked up. Default: true. */
  readonly fetch?: boolean;
}

const NOTHING =
  "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

const MIXED =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/** Finds what a command is about. Errors: `CommandFailure` where it is not said well. */
export function select(session: Session, request: Request): Selection {
  const { args } = session;
  const files = args.list("filename");
  const selector = args.text("selector");
  const fields = args.text("field-selector");
  const isSelecting = request.selectors !== false && (Boolean(selector) || Boolean(fields));
  if (request.all === true && isSelecting) {
    throw mistake("setting 'all' parameter but found a non empty selector. ");
  }
  const typed = readWords(request.words);
  if (files.length > 0) return selectFiles(session, typed, request);
  const isBare = typed.names.length === 0 && typed.tuples.length === 0 && typed.kinds !== "";
  const everything = isBare && request.bareKinds === true;
  if (isSelecting || request.all === true || everything) return selectAll(session, typed);
  if (typed.tuples.length > 0) return selectTuples(session, typed.tuples, request);
  if (typed.names.length > 0) return selectNames(session, typed, request);
  if (typed.kinds === "") throw mistake(NOTHING);
  getResources(typed.kinds);
  throw mistake("resource(s) were provided, but no name was specified");
}

interface Tuple {
  readonly kind: string;
  readonly name: string;
}

interface Words {
  readonly kinds: string;
  readonly names: readonly string[];
  readonly tuples: readonly Tuple[];
}

function readWords(words: readonly string[]): Words {
  const [first = "", ...names] = words;
  const kinds = [...new Set(first.split(","))];
  const isCrossed = names.length > 0 && kinds.length > 1;
  const all = isCrossed ? kinds.flatMap((k) => names.map((n) => `${k}/${n}`)) : words;
  const slashes = all.filter((word) => word.includes("/")).length;
  if (slashes === 0) return { kinds: first, names, tuples: [] };
  if (slashes < all.length) throw mistake(MIXED);
  return { kinds: "", names: [], tuples: all.map(readTuple) };
}

function readTuple(word: string): Tuple {
  const parts = word.split("/");
  if (parts.length !== 2) {
    throw mistake("arguments in resource/name form may not have more than one slash");
  }
  const [kind, name] = parts as [string, string];
  if (kind === "" || name === "" || kind.includes(",")) {
    throw mistake("arguments in resource/name form must have a single resource and name");
  }
  return { kind, name };
}

function selectAll(session: Session, { kinds, names, tuples }: Words): Selection {
  if (names.length > 0) throw mistake("name cannot be provided when a selector is specified");
  if (tuples.length > 0) {
    throw mistake("selectors and the all flag cannot be used when passing resource/name arguments");
  }
  if (kinds === "") {
    throw mistake("at least one resource must be specified to use a selector");
  }
  const items: Item[] = [];
  const failures: CommandFailure[] = [];
  const resources = getResources(kinds);
  for (const resource of resources) {
    try {
      items.push(...listed(session, resource));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  return { items, failures, single: false, listed: resources };
}

function listed(session: Session, resource: Resource): readonly Item[] {
  const { args, backend } = session;
  const { kind, info } = resource;
  const labels = args.text("selector") ?? "";
  const fields = args.text("field-selector") ?? "";
  try {
    const matches = readSelector(labels);
    const inFields = readFieldSelector(kind, fields);
    const namespace = args.isSet("all-namespaces") ? undefined : session.namespace;
    session.warnOf(kind);
    const objects = backend.list(kind, info.namespaced ? namespace : undefined);
    return objects
      .filter((object) => matches(object.metadata.labels) && inFields(object))
      .map((object) => itemOf(resource, object));
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const version = info.shape.apiVersion.includes("/") ? "" : "/";
    const what = `"${version}${info.shape.apiVersion}, Resource=${info.resource}"`;
    throw serverError(
      "BadRequest",
      `Unable to find ${what} that match label selector ${JSON.stringify(labels)}, field selector ${JSON.stringify(fields)}: ${error.detail}`,
    );
  }
}

function itemOf(resource: Resource, object: KubeObject): Item {
  const { name, namespace = "" } = object.metadata;
  return { ...resource, namespace, name, object };
}

function selectNames(session: Session, { kinds, names }: Words, request: Request): Selection {
  const resources = getResources(kinds);
  const found = names.map((name) => ({ resource: resources[0] as Resource, name }));
  return { ...lookUp(session, found, request), single: names.length === 1, listed: [] };
}

function selectTuples(session: Session, tuples: readonly Tuple[], request: Request): Selection {
  const found = tuples.map(({ kind, name }) => ({ resource: getResource(kind), name }));
  return { ...lookUp(session, found, request), single: tuples.length === 1, listed: [] };
}

interface Named {
  readonly resource: Resource;
  readonly name: string;
}

function lookUp(session: Session, named: readonly Named[], request: Request) {
  const everywhere = session.args.isSet("all-namespaces");
  if (everywhere && named.some(({ resource }) => resource.info.namespaced)) {
    throw mistake("a resource cannot be retrieved by name across all namespaces");
  }
  const items: Item[] = [];
  const failures: CommandFailure[] = [];
  for (const { resource, name } of named) {
    const namespace = resource.info.namespaced ? session.namespace : "";
    try {
      const object = request.fetch === false ? undefined : session.find(resource, name, namespace);
      items.push({ ...resource, namespace, name, object });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  return { items, failures };
}

function selectFiles(session: Session, typed: Words, request: Request): Selection {
  if (typed.kinds !== "" && typed.names.length === 0) {
    throw mistake(
      "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
    );
  }
  if (typed.names.length > 0) {
    throw mistake(
      "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
    );
  }
  if (typed.tuples.length > 0) {
    throw mistake("resource/name arguments cannot be provided when a path is specified");
  }
  const { manifests, failures: unread } = readManifests(session, session.args.list("filename"));
  const items: Item[] = [];
  const failures: CommandFailure[] = [...unread];
  const matches = readSelector(session.args.text("selector"));
  for (const manifest of manifests) {
    const { kind, labels, name, namespace } = manifest;
    if (!matches(labels)) continue;
    const resource = resourceOf(kind);
    try {
      const object = request.fetch === false ? undefined : session.find(resource, name, namespace);
      items.push({ ...resource, namespace, name, object, manifest });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  const paths = session.args.list("filename");
  const single = paths.length === 1 && paths[0] !== "-" && items.length === 1;
  return { items, failures, single, listed: [] };
}

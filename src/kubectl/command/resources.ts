/** The resources that people name: `pods`, `po`, `deploy/web`, `svc,ep`, `all`. */
import { KINDS, type Kind, type KindInfo } from "../../objects/index.js";
import { mistake, usage } from "./failure.js";

/** A kind with its own name. */
export interface Resource {
  readonly kind: Kind;
  readonly info: KindInfo;
}

/** The resource of that name: plural, singular, short, or any of these with its group. */
export function findResource(name: string): Resource | undefined {
  const wanted = name.toLowerCase();
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const info = KINDS[kind];
    const [version, group = ""] = info.shape.apiVersion.split("/").reverse();
    const plain = [info.resource, info.singular, ...info.short];
    const full = plain.flatMap((p) => [`${p}.${group}`, `${p}.${version}.${group}`]);
    if (plain.includes(wanted) || full.includes(wanted)) return { kind, info };
  }
  return undefined;
}

/** The same; one that the server does not know ends the command. */
export function getResource(name: string): Resource {
  const found = findResource(name);
  if (found === undefined) throw mistake(`the server doesn't have a resource type "${name}"`);
  return found;
}

/** What a command is about: one object by name, or all of a kind. */
export interface Target extends Resource {
  /** Undefined for all objects of the kind. */
  readonly name: string | undefined;
}

/** Reads `KIND[,KIND…] [NAME…]` or `KIND/NAME …`. Errors: `CommandFailure` in kubectl's words. */
export function readTargets(words: readonly string[]): readonly Target[] {
  const [first = "", ...rest] = words;
  if (first.includes("/")) return words.map(readSlash);
  if (rest.some((word) => word.includes("/"))) {
    const text =
      "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form";
    throw mistake(
      `${text} (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`,
    );
  }
  const kinds = first
    .split(",")
    .filter((k) => k !== "")
    .flatMap(expand);
  if (rest.length === 0) return kinds.map((k) => ({ ...k, name: undefined }));
  return kinds.flatMap((k) => rest.map((name) => ({ ...k, name })));
}

function readSlash(word: string): Target {
  const [kind, name, more] = word.split("/");
  if (
    kind === undefined ||
    kind === "" ||
    name === undefined ||
    name === "" ||
    more !== undefined
  ) {
    if (name === undefined) {
      throw mistake(
        "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
      );
    }
    throw mistake("arguments in resource/name form must have a single resource and name");
  }
  return { ...getResource(kind), name };
}

function expand(name: string): readonly Resource[] {
  if (name !== "all") return [getResource(name)];
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].inAll);
  return kinds.map((kind) => ({ kind, info: KINDS[kind] }));
}

/** One object by name: `TYPE NAME` or `TYPE/NAME`. */
export function readOneTarget(verb: string, words: readonly string[]): Target & { name: string } {
  const [target] = readTargets(words);
  if (target?.name === undefined) throw usage(verb, "resource name may not be empty");
  return { ...target, name: target.name };
}

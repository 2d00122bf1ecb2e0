/** The resources that people name: `pods`, `po`, `deploy/web`, `svc,ep`, `all`. */
import { KINDS, type Kind, type KindInfo, kindOf } from "../../objects/index.js";
import { mistake, notModelled } from "./failure.js";
import { otherResource } from "./other-resources.js";

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
  if (found !== undefined) return found;
  const other = otherResource(name);
  if (other !== undefined) throw notModelled(`resource ${other}`);
  const plain = name.split(".")[0] as string;
  throw mistake(`the server doesn't have a resource type "${plain}"`);
}

/** The resource of a kind of object. */
export function resourceOf(kind: string): Resource {
  return { kind: kind as Kind, info: kindOf(kind) as KindInfo };
}

/** The resources of `KIND,KIND,all`, each once. */
export function getResources(text: string): readonly Resource[] {
  const found = new Map<Kind, Resource>();
  for (const name of new Set(text.split(","))) {
    for (const resource of expand(name)) {
      if (!found.has(resource.kind)) found.set(resource.kind, resource);
    }
  }
  return [...found.values()];
}

function expand(name: string): readonly Resource[] {
  if (name !== "all") return [getResource(name)];
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].inAll);
  return kinds.map((kind) => ({ kind, info: KINDS[kind] }));
}

/** `kubectl explain`: the fields of a kind from its declaration, and what is not modelled. */

import { CommandFailure, mistake, notModelled } from "../command/failure.js";
import { otherResource } from "../command/other-resources.js";
import { findResource } from "../command/resources.js";
import type { Session } from "../session.js";

/** Runs `explain`. */
export function explain(session: Session): void {
  const [path] = session.args.names;
  if (path === undefined) {
    throw mistake(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  const [name = "", ...steps] = path.split(".");
  const resource = findResource(name);
  if (resource === undefined && otherResource(name) !== undefined) {
    throw notModelled(`resource ${otherResource(name)}`);
  }
  if (resource === undefined) {
    throw new CommandFailure(`the server doesn't have a resource type "${name}"`);
  }
  const { shape } = resource.info;
  const [version, group] = shape.apiVersion.split("/").reverse();
  if (group !== undefined) session.print(`GROUP:      ${group}`);
  session.print(`KIND:       ${shape.objectKind}`);
  session.print(`VERSION:    ${version}\n`);
  const fields = fieldsAt(shape, steps);
  if (fields === undefined) throw mistake(`field "${steps.at(-1)}" does not exist`);
  session.print("FIELDS:");
  for (const [field, type] of fields) session.print(`  ${field}\t<${type}>`);
}

/** A declaration as far as it is told here. */
interface Told {
  readonly kind: string;
  readonly go: string;
  readonly fields?: Readonly<Record<string, { readonly shape: Told }>>;
  readonly item?: Told;
  readonly value?: Told;
}

function fieldsAt(
  shape: Told,
  steps: readonly string[],
): readonly (readonly [string, string])[] | undefined {
  let at: Told | undefined = shape;
  for (const step of steps) {
    at = at?.fields?.[step]?.shape;
    while (at?.kind === "list" || at?.kind === "map") at = at.item ?? at.value;
  }
  if (at === undefined) return undefined;
  return Object.entries(at.fields ?? {}).map(([name, field]) => [
    name,
    field.shape.go.replace("v1.", ""),
  ]);
}

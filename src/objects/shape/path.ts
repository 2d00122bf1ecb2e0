/** Paths of fields as the API server spells them: `spec.ports[0].port`. */

/** The steps from the object to a field: field names, map keys and list indexes. */
export type PathSteps = readonly (string | number)[];

/** Prints steps as a path. */
export function printPath(steps: PathSteps): string {
  let out = "";
  for (const step of steps) {
    if (typeof step === "number") out += `[${step}]`;
    else out += out === "" ? step : `.${step}`;
  }
  return out;
}

/** Reads a path back to steps; `labels[app]` names a map key. */
export function parsePath(path: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const match of path.matchAll(/\[([^\]]*)\]|([^.[]+)/g)) {
    const index = match[1];
    if (index === undefined) steps.push(match[2] as string);
    else steps.push(/^\d+$/.test(index) ? Number(index) : index);
  }
  return steps;
}

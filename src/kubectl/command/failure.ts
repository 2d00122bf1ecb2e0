/** How a command ends other than well: what is written to standard error, and the exit status. */
import { type Fault, InputError } from "../../base/index.js";
import { isFieldError, type KindInfo, printFieldError } from "../../objects/index.js";

/** Thrown by a verb to end the command. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exit: number;

  /** `text` is all of standard error, without the last line break. */
  constructor(text: string, exit = 1) {
    super(text);
    this.exit = exit;
  }
}

/** A mistake in how the command was typed: `error: …`. */
export function mistake(text: string): CommandFailure {
  return new CommandFailure(`error: ${text}`);
}

/** A mistake with the hint that kubectl adds. */
export function usage(verb: string, text: string): CommandFailure {
  return mistake(`${text}\nSee 'kubectl ${verb} -h' for help and examples`);
}

/** What the API server refuses: `Error from server (NotFound): …`. */
export function serverError(reason: string, text: string): CommandFailure {
  return new CommandFailure(`Error from server (${reason}): ${text}`);
}

/** `pods`, `deployments.apps`. */
export function resourceName(info: KindInfo): string {
  const version = info.shape.apiVersion;
  const group = version.includes("/") ? `.${version.split("/")[0]}` : "";
  return `${info.resource}${group}`;
}

/** An object that is not there. */
export function notFound(info: KindInfo, name: string): CommandFailure {
  return serverError("NotFound", `${resourceName(info)} "${name}" not found`);
}

/** An object that is there already. */
export function alreadyExists(info: KindInfo, name: string): CommandFailure {
  return serverError("AlreadyExists", `${resourceName(info)} "${name}" already exists`);
}

/** An object that the server's checks refuse. */
export function invalidObject(kind: string, name: string, faults: readonly Fault[]) {
  const lines = [...new Set(faults.map(printFieldError))];
  const body = lines.length === 1 ? lines[0] : `\n${lines.map((l) => `* ${l}`).join("\n")}`;
  return new CommandFailure(`The ${kind} "${name}" is invalid: ${body}`);
}

/** What the cluster refuses to take, in the words of the API server. */
export function refusal(error: unknown, info: KindInfo, name: string): unknown {
  if (!(error instanceof InputError)) return error;
  const faults = error.faults.filter((f) => isFieldError(f) && f.path !== "");
  if (faults.length > 0) return invalidObject(info.shape.objectKind, name, faults);
  const [first] = error.faults;
  if (first?.code === "NotFound") return serverError("NotFound", first.message);
  return serverError(first?.code ?? "InternalError", first?.message ?? error.message);
}

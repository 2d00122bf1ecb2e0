/**
 * How a command ends other than well: what is written to standard error, and the exit status.
 *
 * Follows: kubectl v0.35 pkg/cmd/util/helpers.go `checkErr`, `AddSourceToErr`.
 */
import { type Fault, InputError } from "../../base/index.js";
import {
  isFieldError,
  KINDS,
  type Kind,
  type KindInfo,
  type KubeObject,
  printFieldError,
} from "../../objects/index.js";

/** The three faces of an error: told alone, told among others, and as the reason of another. */
interface Faces {
  readonly alone: string;
  readonly among: string;
  readonly detail: string;
}

/** Thrown by a verb to end the command. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exit: number;
  /** What is wrong, without saying who refused it. */
  readonly detail: string;
  /** How it is told in a list of several. */
  readonly among: string;
  /** The API server's reason, `NotFound`; undefined for a refusal of kubectl's own. */
  readonly reason: string | undefined;

  /** `text` is all of standard error, without the last line break. */
  constructor(text: string, faces: Partial<Faces> & { exit?: number; reason?: string } = {}) {
    super(faces.alone ?? text);
    this.exit = faces.exit ?? 1;
    this.detail = faces.detail ?? text;
    this.among = faces.among ?? text;
    this.reason = faces.reason;
  }
}

/** A mistake in how the command was typed: `error: …`. */
export function mistake(text: string): CommandFailure {
  const alone = text.startsWith("error: ") ? text : `error: ${text}`;
  return new CommandFailure(text, { alone });
}

/** A mistake with the hint that kubectl adds. */
export function usage(verb: string, text: string): CommandFailure {
  return mistake(`${text}\nSee 'kubectl ${verb} -h' for help and examples`);
}

/** What kubectl can do and this one does not, by name. */
export function notModelled(what: string): CommandFailure {
  return mistake(`${what} is not modelled`);
}

/** What the API server refuses: `Error from server (NotFound): …`. */
export function serverError(reason: string, text: string): CommandFailure {
  const alone = `Error from server (${reason}): ${text}`;
  return new CommandFailure(text, { alone, among: alone, reason });
}

/** Several failures told as one; none is undefined. */
export function joinFailures(failures: readonly CommandFailure[]): CommandFailure | undefined {
  if (failures.length <= 1) return failures[0];
  return new CommandFailure(failures.map((f) => f.among).join("\n"));
}

/** The same failure, with what was being done to which file. */
export function withSource(failure: CommandFailure, doing: string, source: string | undefined) {
  if (source === undefined) return failure;
  const detail = `error when ${doing} ${JSON.stringify(source)}: ${failure.detail}`;
  if (failure.reason === undefined) return mistake(detail);
  const among = `Error from server (${failure.reason}): ${detail}`;
  const alone = failure.reason === "Invalid" ? failure.message : among;
  return new CommandFailure(detail, { alone, among, reason: failure.reason });
}

/** Runs something; its failure is told as `verb: …`, as a mistake of kubectl's own. */
export function explained<T>(prefix: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CommandFailure) throw mistake(`${prefix}: ${error.detail}`);
    throw error;
  }
}

/** Runs something; its failure is told with the file it came from. */
export function sourced<T>(doing: string, source: string | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof CommandFailure) throw withSource(error, doing, source);
    throw error;
  }
}

/** `pods`, `deployments.apps`. */
export function resourceName(info: KindInfo): string {
  return `${info.resource}${groupOf(info)}`;
}

function groupOf({ shape }: KindInfo): string {
  const version = shape.apiVersion;
  return version.includes("/") ? `.${version.split("/")[0]}` : "";
}

/** An object that is not there. */
export function notFound(info: KindInfo, name: string): CommandFailure {
  return serverError("NotFound", `${resourceName(info)} "${name}" not found`);
}

/** An object that is there already. */
export function alreadyExists(info: KindInfo, name: string): CommandFailure {
  return serverError("AlreadyExists", `${resourceName(info)} "${name}" already exists`);
}

/** An object that is no longer what a change was made for. */
export function conflict({ kind, metadata }: KubeObject): CommandFailure {
  const what = `${resourceName(KINDS[kind as Kind])} "${metadata.name}"`;
  const why =
    "the object has been modified; please apply your changes to the latest version and try again";
  return serverError("Conflict", `Operation cannot be fulfilled on ${what}: ${why}`);
}

/** An object that the server's checks refuse. */
export function invalidObject(
  info: KindInfo,
  name: string,
  faults: readonly Fault[],
): CommandFailure {
  const lines = [...new Set(faults.map(printFieldError))];
  const kind = info.shape.objectKind;
  const list = lines.length === 1 ? (lines[0] as string) : `[${lines.join(", ")}]`;
  const body = lines.length === 1 ? list : `\n${lines.map((l) => `* ${l}`).join("\n")}`;
  const detail = `${kind}${groupOf(info)} "${name}" is invalid: ${list}`;
  return new CommandFailure(detail, {
    alone: `The ${kind} "${name}" is invalid: ${body}`,
    among: `Error from server (Invalid): ${detail}`,
    reason: "Invalid",
  });
}

/** What the cluster refuses to take, in the words of the API server. */
export function refusal(error: unknown, info: KindInfo, name: string): unknown {
  if (!(error instanceof InputError)) return error;
  const faults = error.faults.filter((f) => isFieldError(f) && f.path !== "");
  if (faults.length > 0) return invalidObject(info, name, faults);
  const [first] = error.faults;
  if (first?.code === "NotFound") return serverError("NotFound", first.message);
  return serverError(first?.code ?? "InternalError", first?.message ?? error.message);
}

/**
 * What the lab builds, before anything is built: a real name for each namespace, a switch namespace
 * with one bridge for each segment of the underlay, and a veth pair for each of its ports.
 */
import { InputError } from "../../../base/index.js";
import type { Compiled } from "../../../cluster/index.js";
import type { NetnsConfig } from "../../../netns/index.js";

/** Longest name of a lab: real names are put together from it. */
const NAME_LIMIT = 20;

/** One port of the underlay. */
export interface SwitchPort {
  /** The lab's own name of the namespace. */
  readonly netns: string;
  readonly link: string;
  /** The other end, in the switch namespace. */
  readonly port: string;
  readonly bridge: string;
}

/** What is to be built. */
export interface LabPlan {
  readonly name: string;
  /** Configurations in the order they are built. */
  readonly configs: readonly NetnsConfig[];
  /** Real names, by the names of configurations. */
  readonly realNames: ReadonlyMap<string, string>;
  /** Real name of the namespace that stands for the underlay. */
  readonly switchName: string;
  readonly bridges: readonly string[];
  readonly ports: readonly SwitchPort[];
}

/** The name that the switch has in recordings. */
export const SWITCH = "underlay-switch";

/**
 * Plans a lab.
 *
 * Shape: pure. Real names are `kw-LAB-N` in the order of the compiled cluster, so that they are short
 * and cannot clash with each other.
 * Errors: `InputError` for a name that cannot be part of a namespace's name.
 */
export function planLab(name: string, compiled: Compiled): LabPlan {
  refuseBadName(name);
  const configs = [...compiled.netns.values()];
  const ports = compiled.segments.flatMap(({ members }, s) =>
    members.map((member, m) => ({ ...member, port: `s${s}p${m}`, bridge: `sw${s}` })),
  );
  return {
    name,
    configs,
    realNames: new Map(configs.map((config, i) => [config.name, `kw-${name}-${i}`])),
    switchName: `kw-${name}-sw`,
    bridges: compiled.segments.map((_, s) => `sw${s}`),
    ports,
  };
}

/** Refuses a name that cannot be part of a namespace's name. */
export function refuseBadName(name: string): void {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || name.length > NAME_LIMIT) {
    throw new InputError({
      code: "bad-lab-name",
      path: "name",
      value: name,
      message: "cannot be the name of a lab",
      expected: `at most ${NAME_LIMIT} small letters, digits and dashes`,
    });
  }
}

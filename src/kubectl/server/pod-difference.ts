/**
 * The difference that the API server prints below a change of a pod that it refuses.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `ValidatePodUpdate`; apimachinery v0.35
 * pkg/util/diff/diff.go; unified differences with three lines around each change.
 * Not modelled: what a volume of a particular store holds.
 */
import type { Pod, PodSpec } from "../../objects/index.js";
import { goJsonInOrder, sortKeys } from "../output/go-value.js";
import { type LayoutField, POD_LAYOUT } from "./pod-layout.js";

type Json = Readonly<Record<string, unknown>>;

/** The difference between a pod and what was asked for, apart from what may change. */
export function podDifference(before: Pod, after: Pod): string {
  const [old, now] = [before.spec, after.spec];
  const { activeDeadlineSeconds, schedulingGates, tolerations } = old;
  const comparable = {
    ...now,
    activeDeadlineSeconds,
    schedulingGates,
    tolerations,
    containers: withImages(now.containers, old.containers),
    initContainers: withImages(now.initContainers ?? [], old.initContainers ?? []),
  } as unknown as PodSpec;
  return unified(linesOf(old), linesOf(comparable));
}

type Containers = PodSpec["containers"];

function withImages(now: Containers, old: Containers): Containers {
  return now.map((container, i) => ({ ...container, image: old[i]?.image ?? container.image }));
}

function linesOf(spec: PodSpec): readonly string[] {
  const { hostIPC, hostNetwork, hostPID, hostUsers, securityContext, shareProcessNamespace } =
    spec as unknown as Json;
  const host = { hostIPC, hostNetwork, hostPID, hostUsers, shareProcessNamespace };
  const internal = { ...spec, securityContext: { ...(securityContext as Json), ...host } };
  return goJsonInOrder(structOf("PodSpec", internal), 1).split("\n");
}

/** A Go struct as JSON: every field in its order. */
function structOf(type: string, value: Json): Json {
  const fields = POD_LAYOUT.get(type) ?? [];
  return Object.fromEntries(
    fields.map((field) => [field.name, contentOf(field, value[field.json])]),
  );
}

function contentOf({ form, type }: LayoutField, value: unknown): unknown {
  switch (form) {
    case "$":
      return value ?? "";
    case "#":
      return value ?? 0;
    case "!":
      return value ?? false;
    case "Q":
      return value ?? "0";
    case ".":
      return structOf(type, (value ?? {}) as Json);
    case ">":
      return value === undefined ? null : structOf(type, value as Json);
    case "[":
      return listOf(type, value as readonly Json[] | undefined);
    default:
      return sortKeys(value ?? null);
  }
}

function listOf(type: string, list: readonly Json[] | undefined): unknown {
  if (list === undefined || list.length === 0) return null;
  return list.map((item) => structOf(type, item));
}

/** Lines around a change. */
const CONTEXT = 3;
/** Larger parts are taken for wholly different. */
const MAX_CELLS = 4_000_000;

interface Change {
  readonly from: number;
  readonly fromEnd: number;
  readonly to: number;
  readonly toEnd: number;
}

function unified(a: readonly string[], b: readonly string[]): string {
  const groups: Change[][] = [];
  for (const change of changesOf(a, b)) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && change.from - last.fromEnd <= 2 * CONTEXT)
      groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  return groups.map((group) => hunkOf(group, a, b)).join("");
}

function hunkOf(group: readonly Change[], a: readonly string[], b: readonly string[]): string {
  const [first, last] = [group[0] as Change, group.at(-1) as Change];
  const start = Math.max(0, first.from - CONTEXT);
  const end = Math.min(a.length, last.fromEnd + CONTEXT);
  const shift = first.to - first.from;
  const newLength = last.toEnd + (end - last.fromEnd) - (start + shift);
  const lines = [`@@ -${rangeOf(start, end - start)} +${rangeOf(start + shift, newLength)} @@`];
  let at = start;
  for (const { from, fromEnd, to, toEnd } of group) {
    lines.push(...a.slice(at, from).map((line) => ` ${line}`));
    lines.push(...a.slice(from, fromEnd).map((line) => `-${line}`));
    lines.push(...b.slice(to, toEnd).map((line) => `+${line}`));
    at = fromEnd;
  }
  lines.push(...a.slice(at, end).map((line) => ` ${line}`));
  return lines.map((line) => `${line}\n`).join("");
}

function rangeOf(start: number, length: number): string {
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

/** The stretches that differ, by a longest common run of lines. */
function changesOf(a: readonly string[], b: readonly string[]): readonly Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let tail = 0;
  while (
    tail < Math.min(a.length, b.length) - start &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) {
    tail++;
  }
  const [n, m] = [a.length - tail - start, b.length - tail - start];
  if (n === 0 && m === 0) return [];
  if (n * m > MAX_CELLS) return [{ from: start, fromEnd: start + n, to: start, toEnd: start + m }];
  return stretches({ a, b, start, n, m });
}

interface Middle {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly start: number;
  readonly n: number;
  readonly m: number;
}

function stretches({ a, b, m, n, start }: Middle): readonly Change[] {
  const width = m + 1;
  const longest = new Int32Array((n + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] as number;
  const isSame = (i: number, j: number) => a[start + i] === b[start + j];
  for (let i = n - 1; i >= 0; i--) {
    for (let j = m - 1; j >= 0; j--) {
      longest[i * width + j] = isSame(i, j)
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  while (i < n || j < m) {
    if (i < n && j < m && isSame(i, j)) {
      i++;
      j++;
      continue;
    }
    const [from, to] = [start + i, start + j];
    while ((i < n || j < m) && !(i < n && j < m && isSame(i, j))) {
      if (i < n && (j >= m || at(i + 1, j) >= at(i, j + 1))) i++;
      else j++;
    }
    changes.push({ from, fromEnd: start + i, to, toEnd: start + j });
  }
  return changes;
}

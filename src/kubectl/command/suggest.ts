/** What kubectl says to a command that it does not know, with the commands that come near. */

/** Every command of kubectl v1.35, in the order in which they are hinted at. */
const COMMANDS =
  "create expose run set explain get edit delete rollout scale autoscale certificate cluster-info top cordon uncordon drain taint describe logs attach exec port-forward proxy cp auth debug events diff apply patch replace wait kustomize label annotate completion alpha config plugin version api-versions api-resources options".split(
    " ",
  );

/** Words of other tools, by the command that means the same. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  delete: ["rm"],
  get: ["list", "ps"],
  wait: ["list", "ps"],
};

/** Most edits between what was typed and what may have been meant. */
const MOST_EDITS = 2;

/**
 * The whole message for a command that is not known.
 *
 * Follows: spf13/cobra command.go `SuggestionsFor`.
 */
export function suggest(name: string): string {
  if (COMMANDS.includes(name)) return `error: kubectl ${name} is not modelled`;
  const typed = name.toLowerCase();
  const near = COMMANDS.filter(
    (command) =>
      editsBetween(typed, command) <= MOST_EDITS ||
      command.startsWith(typed) ||
      SAME[command]?.includes(typed),
  );
  const list = near.map((c) => `\t${c}\n`).join("");
  const hint = near.length === 0 ? "" : `\n\nDid you mean this?\n${list}`;
  return `error: unknown command "${name}" for "kubectl"${hint}`;
}

function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}

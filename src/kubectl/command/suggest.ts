/** What kubectl says to a command that it does not know, with the commands that come near. */

/** Every command of kubectl v1.35. */
const COMMANDS =
  "annotate api-resources api-versions apply attach auth autoscale certificate cluster-info completion config cordon cp create debug delete describe diff drain edit events exec explain expose get kustomize label logs options patch plugin port-forward proxy replace rollout run scale set taint top uncordon version wait".split(
    " ",
  );

/** Most edits between what was typed and what may have been meant. */
const MOST_EDITS = 2;

/**
 * The whole message for a command that is not known.
 *
 * Follows: spf13/cobra command.go `SuggestionsFor`.
 */
export function suggest(name: string): string {
  if (COMMANDS.includes(name)) return `error: kubectl ${name} is not modelled`;
  const near = COMMANDS.filter(
    (c) => editsBetween(name, c) <= MOST_EDITS || c.startsWith(name.toLowerCase()),
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

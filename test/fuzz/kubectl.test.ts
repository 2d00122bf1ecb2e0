/**
 * Commands typed wrongly and manifests that are mutated, at the built-in kubectl: whatever is typed
 * ends in text and an exit status, soon. `KUBEWIRE_FUZZ_COUNT` sets how many.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Random } from "../../src/base/index.js";
import { Cluster } from "../../src/cluster/index.js";
import { kubectl } from "../../src/kubectl/index.js";
import { ROOT } from "../tidy/source.js";
import { mutate, openFuzz } from "./mutate.js";

const COUNT = Number(process.env.KUBEWIRE_FUZZ_COUNT ?? 800);
/** Longest time one command may take, in milliseconds. */
const MOST_MS = 1000;
/** Commands typed at one cluster. */
const PER_CLUSTER = 150;

const SESSIONS = join(ROOT, "test/golden/kubectl");

/** Commands that people typed. */
const TYPED: readonly string[] = readdirSync(SESSIONS).flatMap((file) => {
  const sessions = JSON.parse(readFileSync(join(SESSIONS, file), "utf8"));
  return sessions.flatMap(({ steps }: { steps: { command: string }[] }) =>
    steps.map(({ command }) => command),
  );
});

const WORDS =
  '--all -A -n x -- -o yaml -o=name --dry-run=server --dry-run=client -l a=b -f - pod svc/web --sort-by=.a --sort-by={ -o=jsonpath={..*} -o=custom-columns=A:.x[*] __proto__ --cascade=orphan --overrides={} --overrides=[1] --overrides=\'{"kind":"X"}\' --overrides=\'{"metadata":1}\' --help \' " \\'.split(
    " ",
  );

const WITH_FILE =
  "apply|create|apply --dry-run=client|apply --dry-run=server -o yaml|create --dry-run=client -o yaml|delete|get -o yaml|describe|label a=b|create --save-config".split(
    "|",
  );

function choose<T>(random: Random, list: readonly T[]): T {
  return list[random.nextBelow(list.length)] as T;
}

/** A typed command with words put in and left out. */
function mistype(random: Random): string {
  const words = choose(random, TYPED).split(" ");
  for (let times = random.nextBelow(3); times > 0; times--) {
    const at = 1 + random.nextBelow(words.length);
    if (random.nextBelow(2) === 0) words.splice(at, 0, choose(random, WORDS));
    else words.splice(at, 1);
  }
  return words.join(" ");
}

it("answers whatever is typed", { timeout: 600_000 }, () => {
  const random = openFuzz("kubectl");
  const exits = new Map<number, number>();
  let [cluster, slowest] = [Cluster.create({ nodes: 2, dns: false }), 0];
  for (let i = 0; i < COUNT; i++) {
    if (i % PER_CLUSTER === 0) cluster = Cluster.create({ nodes: 2, dns: false });
    const isFile = random.nextBelow(2) === 0;
    const command = isFile ? `${choose(random, WITH_FILE)} -f -` : mistype(random);
    const from = performance.now();
    const result = kubectl(cluster, command, { stdin: mutate(random) });
    slowest = Math.max(slowest, performance.now() - from);
    expect(result.exit === 0 || result.stderr + result.stdout !== "").toBe(true);
    expect(result.stderr).not.toMatch(/\n {4}at /);
    exits.set(result.exit, (exits.get(result.exit) ?? 0) + 1);
    cluster = result.cluster;
  }
  expect(slowest).toBeLessThan(MOST_MS);
  expect(exits.get(0)).toBeGreaterThan(COUNT / 20);
  expect(exits.get(1)).toBeGreaterThan(COUNT / 20);
});

/** The command as a process of its own: what only a process can show. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../tidy/source.js";

function kubewire(words: readonly string[], environment: Record<string, string> = {}) {
  const main = join(ROOT, "src/cli/main.ts");
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  return spawnSync(process.execPath, ["--import", "tsx", main, ...words], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...inherited, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
}

it("two processes print the same bytes for the same input and seed", () => {
  const words = ["demo", "--level", "everything"];
  const [first, second] = [
    kubewire(words, { TZ: "UTC" }),
    kubewire(words, { TZ: "Asia/Tokyo", LANG: "tr_TR" }),
  ];
  expect(first.status).toBe(0);
  expect(first.stdout.length).toBeGreaterThan(50_000);
  expect(second.stdout).toBe(first.stdout);
});

it("colours for those who want them, and none into a pipe", () => {
  const escapeSign = "\u001b[";
  expect(kubewire(["demo"]).stdout).not.toContain(escapeSign);
  expect(kubewire(["demo"], { FORCE_COLOR: "1" }).stdout).toContain(escapeSign);
  expect(kubewire(["demo", "--no-color"], { FORCE_COLOR: "1" }).stdout).not.toContain(escapeSign);
});

it("bad input ends with exit status 2 and no stack trace", () => {
  const { status, stdout, stderr } = kubewire(["validate", "-f", "/nowhere"]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toBe(
    'kubewire: "/nowhere": there is no such file or folder (expected manifests, or a folder of them)\n',
  );
});

it("ends in silence when nobody reads on", () => {
  const main = join(ROOT, "src/cli/main.ts");
  const command = '"$0" --import tsx "$1" demo --level everything | head -n 1; echo $PIPESTATUS';
  const { stdout, stderr } = spawnSync("bash", ["-c", command, process.execPath, main], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stdout).toBe("$ kubectl run pod-a --image=nginx --restart=Never\n141\n");
  expect(stderr).toBe("");
});

/**
 * Clusters on a second kernel, Debian's 6.1 in a virtual machine, which has IPVS. Run where there is
 * the runner (`../shared/tools/kernel-vm`, or what `KUBEWIRE_VM_RUNNER` names) and what it needs.
 */
import { existsSync, readdirSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CaseOutcome, diffLab, VirtualMachine } from "../../src/agents/index.js";
import { type CaseOptions, LabCases } from "../../src/testing/index.js";
import { ROOT } from "../tidy/source.js";

const RUNNER = process.env["KUBEWIRE_VM_RUNNER"] ?? join(ROOT, "../shared/tools/kernel-vm");
/** What the runner needs: the packages qemu-system-x86, linux-image-amd64, busybox-static, cpio, kmod. */
const NEEDED = ["qemu-system-x86_64", "busybox", "cpio", "modprobe", "ipvsadm"];
const SECONDS = 1500;

function whyNot(): string | undefined {
  if (!existsSync(RUNNER)) return `no runner ${RUNNER}`;
  const folders = (process.env["PATH"] ?? "").split(":");
  const missing = NEEDED.filter((tool) => !folders.some((f) => existsSync(join(f, tool))));
  if (missing.length > 0) return `no ${missing.join(", ")}`;
  const kernels = existsSync("/lib/modules") ? readdirSync("/lib/modules") : [];
  return kernels.some((name) => name.endsWith("-amd64")) ? undefined : "no kernel of Debian's";
}

const why = whyNot();

describe.skipIf(why !== undefined)(`clusters in a virtual machine (${why ?? "here"})`, () => {
  let machine: VirtualMachine;
  beforeAll(async () => {
    machine = await VirtualMachine.boot({ runner: RUNNER, seconds: SECONDS });
  }, 120_000);
  afterAll(async () => machine.end(), 30_000);

  const tryCases = (proxy: CaseOptions["proxy"], cases: number, network?: CaseOptions["network"]) =>
    diffLab({
      source: new LabCases("vm", {
        probes: 8,
        dns: false,
        ...(proxy && { proxy }),
        ...(network && { network }),
      }),
      seed: `vm-${proxy}`,
      cases,
      lab: `v-${proxy}`,
      lanes: 3,
      machine,
    });

  test("it runs a kernel of its own", async () => {
    const version = (await machine.run(["uname", "-r"])).trim();
    expect(version).toMatch(/^\d+\.\d+\..*-amd64$/);
    expect(version).not.toBe(release());
  });

  test("in ipvs mode the model says of every probe what the kernel did, IPVS included", async () => {
    const outcomes = await tryCases("ipvs", 10);
    expectAgreement(outcomes, 60);
    const connections = outcomes.flatMap(({ result }) =>
      result.recording.probes.flatMap(({ got }) =>
        Object.values(got.ipvs_connections ?? {}).flat(),
      ),
    );
    expect(connections.length).toBeGreaterThan(4);
  }, 1_200_000);

  test.each(["iptables", "nftables"] as const)(
    "in %s mode, too",
    async (proxy) => {
      expectAgreement(await tryCases(proxy, 1), 1);
    },
    300_000,
  );
});

function expectAgreement(outcomes: readonly CaseOutcome[], probes: number): void {
  const told = outcomes.flatMap(({ reproduction }) =>
    reproduction === undefined
      ? []
      : [{ manifest: reproduction.manifest, differences: reproduction.result.differences }],
  );
  expect(told).toEqual([]);
  const sum = outcomes.reduce((count, { result }) => count + result.probes, 0);
  expect(sum).toBeGreaterThanOrEqual(probes);
}

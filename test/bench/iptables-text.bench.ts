/**
 * npx tsx test/bench/iptables-text.bench.ts
 *
 * Reading `iptables-save` as kube-proxy fills it, at three sizes: rules of Services, endpoints and
 * masquerade. Prints the best of five rounds, wall and processor time, so that a busy machine is seen.
 */
import { parseIptablesSave } from "../../src/netfilter/index.js";

const SIZES = [1_000, 10_000, 100_000];
const ROUNDS = 5;

/** Six rules for each Service. */
function saveOf(rules: number): string {
  const count = Math.floor(rules / 6);
  const chains: string[] = [];
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    const id = i.toString(36).toUpperCase().padStart(16, "A");
    const [ip, pod] = [`10.96.${(i >> 8) & 255}.${i & 255}`, `10.244.${(i >> 8) & 255}.${i & 255}`];
    const name = `"ns/svc-${i}:http"`;
    chains.push(`:KUBE-SVC-${id} - [0:0]`, `:KUBE-SEP-${id} - [0:0]`);
    lines.push(
      `-A KUBE-SERVICES -d ${ip}/32 -p tcp -m comment --comment ${name} -m tcp --dport 80 -j KUBE-SVC-${id}`,
      `-A KUBE-SVC-${id} ! -s 10.244.0.0/16 -d ${ip}/32 -p tcp -m comment --comment ${name} -m tcp --dport 80 -j KUBE-MARK-MASQ`,
      `-A KUBE-SVC-${id} -m comment --comment ${name} -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-${id}`,
      `-A KUBE-SVC-${id} -m comment --comment ${name} -j KUBE-SEP-${id}`,
      `-A KUBE-SEP-${id} -s ${pod}/32 -m comment --comment ${name} -j KUBE-MARK-MASQ`,
      `-A KUBE-SEP-${id} -p tcp -m comment --comment ${name} -m tcp -j DNAT --to-destination ${pod}:8080`,
    );
  }
  const head = [
    "*nat",
    ":PREROUTING ACCEPT [0:0]",
    ":KUBE-SERVICES - [0:0]",
    ":KUBE-MARK-MASQ - [0:0]",
  ];
  return [...head, ...chains, ...lines, "COMMIT", ""].join("\n");
}

for (const size of SIZES) {
  const text = saveOf(size);
  let best = { wallMs: Number.POSITIVE_INFINITY, cpuMs: Number.POSITIVE_INFINITY };
  let rules = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    const { tables } = parseIptablesSave(text, { family: "ip4", file: "bench" });
    const wallMs = performance.now() - start;
    const used = process.cpuUsage(cpu);
    rules = tables.flatMap((t) => t.chains).reduce((sum, chain) => sum + chain.rules.length, 0);
    best = {
      wallMs: Math.min(best.wallMs, wallMs),
      cpuMs: Math.min(best.cpuMs, (used.user + used.system) / 1000),
    };
  }
  console.log(
    `${rules} rules: ${best.wallMs.toFixed(0)} ms, processor ${best.cpuMs.toFixed(0)} ms`,
  );
}

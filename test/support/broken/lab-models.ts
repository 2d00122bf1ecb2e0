/** Models with a fault, as the lab's comparison sees them: each must be noticed. */
import { type Got, type Recording, replayRecording } from "../../../src/fabric/index.js";

/** A model in which bridged packets meet no rules of IP. */
export function withoutBridgeNetfilter(recording: Recording): { readonly probes: readonly Got[] } {
  const namespaces = Object.entries(recording.namespaces).map(([name, dump]) => {
    const sysctl = Object.entries(dump.sysctl ?? {}).map(([key, value]) => {
      return [key, key.startsWith("net.bridge.bridge-nf-call-") ? "0" : value] as const;
    });
    return [name, { ...dump, sysctl: Object.fromEntries(sysctl) }] as const;
  });
  return replayRecording({ ...recording, namespaces: Object.fromEntries(namespaces) });
}

/** A model that asks `nat` before `mangle`. */
export function withHooksSwapped(recording: Recording): { readonly probes: readonly Got[] } {
  const isNat = (line: string) => / nat (PREROUTING|POSTROUTING) /.test(line);
  const { probes } = replayRecording(recording);
  return {
    probes: probes.map((got) => ({
      ...got,
      trace: Object.fromEntries(
        Object.entries(got.trace).map(([netns, lines]) => [
          netns,
          [...lines.filter(isNat), ...lines.filter((line) => !isNat(line))],
        ]),
      ),
    })),
  };
}

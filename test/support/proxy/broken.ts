/** Variants of the proxy with one fault each, which the laws must find. */
import type { IpvsOperation, ProxyObjects } from "../../../src/proxy/index.js";

/** Text of a writer that forgets the masquerading of an endpoint that reaches itself. */
export function forgetHairpin(rules: string): string {
  const lines = rules.split("\n");
  const at = lines.findIndex((l) => l.startsWith("-A KUBE-SEP-") && l.endsWith("KUBE-MARK-MASQ"));
  return lines.filter((_, i) => i !== at).join("\n");
}

/** Restore input that leaves chains behind that nothing uses. */
export function forgetDeletion(text: string): string {
  return text.replace(/^-X .*\n/gm, "");
}

/** A reading that keeps only the first slice it meets of each Service. */
export function keepFirstSlice({ services, endpointSlices }: ProxyObjects): ProxyObjects {
  const seen = new Set<string>();
  const kept = endpointSlices.filter(({ metadata }) => {
    const service = metadata?.labels?.["kubernetes.io/service-name"] ?? "";
    if (seen.has(service)) return false;
    seen.add(service);
    return true;
  });
  return { services, endpointSlices: kept };
}

/** A run of ipvs mode that leaves real servers behind. */
export function forgetDepartures(operations: readonly IpvsOperation[]): readonly IpvsOperation[] {
  return operations.filter(({ kind }) => kind !== "delete-real");
}

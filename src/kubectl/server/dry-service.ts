/**
 * A Service in a dry run of the server: nothing is given out, so that addresses and ports are the same
 * stand-ins each time.
 *
 * Follows: Kubernetes v1.35.4 pkg/registry/core/service/ipallocator/ipallocator.go
 * `dryRunAllocator`, portallocator/operation.go `AllocateNext`.
 */
import type { Cluster } from "../../cluster/index.js";
import type { Service } from "../../objects/index.js";

/** The port before the first that a dry run tells. */
const LAST_PORT = 32768;

/** A Service as it would be stored, with stand-ins for what `asked` leaves to the server. */
export function unallocated(cluster: Cluster, asked: Service, stored: Service): Service {
  const { clusterIPs = [], healthCheckNodePort = 0, ports = [] } = stored.spec;
  const given = asked.spec.clusterIPs ?? (asked.spec.clusterIP ? [asked.spec.clusterIP] : []);
  const shown = clusterIPs.map((ip, i) => given[i] ?? firstOf(cluster, ip));
  let last = LAST_PORT;
  const own = ports.map((port, i) => {
    const wanted = asked.spec.ports?.[i]?.nodePort ?? 0;
    if ((port.nodePort ?? 0) === 0 || wanted !== 0) return port;
    return { ...port, nodePort: ++last };
  });
  const isChecked = healthCheckNodePort !== 0 && !asked.spec.healthCheckNodePort;
  return {
    ...stored,
    spec: {
      ...stored.spec,
      ...(shown.length === 0 ? {} : { clusterIP: shown[0], clusterIPs: shown }),
      ...(ports.length === 0 ? {} : { ports: own }),
      ...(isChecked ? { healthCheckNodePort: ++last } : {}),
    },
  } as Service;
}

/** The first address of the range that an address is from; a headless Service has none. */
function firstOf({ settings }: Cluster, ip: string): string {
  const isSix = ip.includes(":");
  const prefix = settings.servicePrefixes.map(String).find((p) => p.includes(":") === isSix);
  return ip === "None" || prefix === undefined ? ip : (prefix.split("/")[0] as string);
}

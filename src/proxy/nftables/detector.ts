/** The match that tells this node's pods from others. */
import type { LocalDetector } from "../settings.js";
import type { NftStatement } from "./rule.js";

/**
 * The match for traffic of this node's pods, or with `not` for other traffic.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/util/localdetector.go.
 */
export function detectorStatement(
  detector: LocalDetector | undefined,
  not: boolean,
): NftStatement | undefined {
  const negated = not ? { not } : {};
  switch (detector?.kind) {
    case undefined:
      return undefined;
    case "cidr": {
      const operand = { kind: "text", text: detector.cidr } as const;
      return { kind: "addr", side: "saddr", operand, ...negated };
    }
    case "bridge-interface":
      return { kind: "iifname", name: detector.link, ...negated };
    case "interface-prefix":
      return { kind: "iifname", name: `${detector.prefix}*`, ...negated };
  }
}

/** The local-traffic detector as iptables says it. */
import { parsePrefix } from "../../addr/index.js";
import type { IptablesMatch } from "../../netfilter/index.js";
import { trySloppyPrefix } from "../services/sloppy-addr.js";
import type { LocalDetector } from "../settings.js";
import { fromPrefix } from "./match.js";

/**
 * The match for traffic of this node's pods, or with `not` for other traffic.
 *
 * Errors: InputError for a CIDR that is none.
 * Follows: Kubernetes v1.35.4 pkg/proxy/util/localdetector.go.
 */
export function detectorMatch(
  detector: LocalDetector | undefined,
  not: boolean,
): IptablesMatch | undefined {
  if (detector === undefined) return undefined;
  const match = localMatch(detector);
  return not ? ({ ...match, not: true } as IptablesMatch) : match;
}

function localMatch(detector: LocalDetector): IptablesMatch {
  switch (detector.kind) {
    case "cidr":
      return fromPrefix(trySloppyPrefix(detector.cidr) ?? parsePrefix(detector.cidr));
    case "bridge-interface":
      return { kind: "in-interface", link: detector.link };
    case "interface-prefix":
      return { kind: "in-interface", link: `${detector.prefix}+` };
  }
}

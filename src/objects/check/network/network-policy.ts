/**
 * Checks of NetworkPolicies.
 *
 * Follows: kubernetes v1.35 pkg/apis/networking/validation/validation.go.
 */
import type { Fault } from "../../../base/index.js";
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../../kinds/network/network-policy.js";
import { forbidden, invalid, notSupported, required } from "../../shape/field-error.js";
import { checkCidr } from "../addresses.js";
import { checkObjectMeta, checkSelector } from "../meta.js";
import { checkForm, faultsOfPortName, faultsOfPortNumber, faultsOfSubdomain } from "../names.js";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const POLICY_TYPES = ["Ingress", "Egress"];

/** Checks a NetworkPolicy that is being created. */
export function checkNetworkPolicy(policy: NetworkPolicy, faults: Fault[]): void {
  checkObjectMeta(policy.metadata, { namespaced: true, nameForm: faultsOfSubdomain }, faults);
  const { spec } = policy;
  checkSelector("spec.podSelector", spec.podSelector, faults);
  spec.ingress?.forEach((rule, i) => {
    checkRule(`spec.ingress[${i}]`, { ports: rule.ports, peers: rule.from, side: "from" }, faults);
  });
  spec.egress?.forEach((rule, i) => {
    checkRule(`spec.egress[${i}]`, { ports: rule.ports, peers: rule.to, side: "to" }, faults);
  });
  const types: readonly string[] = spec.policyTypes ?? [];
  if (types.length > POLICY_TYPES.length) {
    const message = "may not specify more than two policyTypes";
    faults.push(invalid("spec.policyTypes", types, message));
    return;
  }
  types.forEach((type, i) => {
    if (POLICY_TYPES.includes(type)) return;
    faults.push(notSupported(`spec.policyTypes[${i}]`, type, POLICY_TYPES));
  });
}

interface Rule {
  readonly ports: readonly NetworkPolicyPort[] | undefined;
  readonly peers: readonly NetworkPolicyPeer[] | undefined;
  readonly side: "from" | "to";
}

function checkRule(path: string, rule: Rule, faults: Fault[]): void {
  rule.ports?.forEach((port, i) => {
    checkPort(`${path}.ports[${i}]`, port, faults);
  });
  rule.peers?.forEach((peer, i) => {
    checkPeer(`${path}.${rule.side}[${i}]`, peer, faults);
  });
}

function checkPort(path: string, port: NetworkPolicyPort, faults: Fault[]): void {
  if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) {
    faults.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS));
  }
  const { endPort } = port;
  const end = `${path}.endPort`;
  if (port.port === undefined) {
    if (endPort !== undefined) {
      faults.push(invalid(end, endPort, "may not be specified when `port` is not specified"));
    }
  } else if (typeof port.port === "string") {
    if (endPort !== undefined) {
      faults.push(invalid(end, endPort, "may not be specified when `port` is non-numeric"));
    }
    checkForm(`${path}.port`, port.port, faultsOfPortName, faults);
  } else {
    for (const message of faultsOfPortNumber(port.port)) {
      faults.push(invalid(`${path}.port`, port.port, message));
    }
    if (endPort !== undefined) checkEndPort(end, endPort, port.port, faults);
  }
}

function checkEndPort(path: string, endPort: number, port: number, faults: Fault[]): void {
  if (endPort < port) {
    faults.push(invalid(path, port, "must be greater than or equal to `port`"));
  }
  for (const message of faultsOfPortNumber(endPort)) faults.push(invalid(path, endPort, message));
}

function checkPeer(path: string, peer: NetworkPolicyPeer, faults: Fault[]): void {
  let peers = 0;
  for (const field of ["podSelector", "namespaceSelector"] as const) {
    const selector = peer[field];
    if (selector === undefined) continue;
    peers++;
    checkSelector(`${path}.${field}`, selector, faults);
  }
  if (peer.ipBlock !== undefined) {
    peers++;
    checkBlock(`${path}.ipBlock`, peer.ipBlock, faults);
  }
  if (peers === 0) faults.push(required(path, "must specify a peer"));
  else if (peers > 1 && peer.ipBlock !== undefined) {
    faults.push(forbidden(path, "may not specify both ipBlock and another peer"));
  }
}

function checkBlock(path: string, block: IPBlock, faults: Fault[]): void {
  if (block.cidr === "") {
    faults.push(required(`${path}.cidr`));
    return;
  }
  const cidr = checkCidr(`${path}.cidr`, block.cidr, faults);
  if (cidr === undefined) return;
  block.except?.forEach((text, i) => {
    const except = checkCidr(`${path}.except[${i}]`, text, faults);
    if (except === undefined) return;
    if (!cidr.contains(except.addr) || bitsOf(block.cidr) >= bitsOf(text)) {
      faults.push(invalid(`${path}.except[${i}]`, text, "must be a strict subset of `cidr`"));
    }
  });
}

/** The bits that a CIDR is written with; 96 more than it has where it is written as mapped IPv4. */
function bitsOf(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf("/") + 1));
}

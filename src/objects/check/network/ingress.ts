/**
 * Checks of Ingresses, ServiceCIDRs and IPAddresses.
 *
 * Follows: kubernetes v1.35 pkg/apis/networking/validation/validation.go.
 */
import type { Fault } from "../../../base/index.js";
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressServiceBackend,
  IPAddress,
  ServiceCIDR,
} from "../../kinds/network/ingress.js";
import type { TypedLocalObjectReference } from "../../kinds/reference.js";
import { invalid, notSupported, required } from "../../shape/field-error.js";
import { checkNewAddr, checkNewCidr, parseOldAddr, parseOldCidr } from "../addresses.js";
import { checkObjectMeta } from "../meta.js";
import {
  checkForm,
  faultsOfDns1035Label,
  faultsOfPathSegment,
  faultsOfPortName,
  faultsOfPortNumber,
  faultsOfSubdomain,
  faultsOfWildcard,
} from "../names.js";

const PATH_TYPES: readonly string[] = ["Exact", "ImplementationSpecific", "Prefix"];
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const WRONG_SEQUENCES: readonly string[] = ["//", "/./", "/../", "%2f", "%2F"];
const WRONG_ENDINGS: readonly string[] = ["/..", "/."];

/** Checks an Ingress that is being created. */
export function checkIngress(ingress: Ingress, faults: Fault[]): void {
  checkObjectMeta(ingress.metadata, { namespaced: true, nameForm: faultsOfSubdomain }, faults);
  const { rules, defaultBackend, tls, ingressClassName } = ingress.spec;
  if ((rules ?? []).length === 0 && defaultBackend === undefined) {
    const message = "either `defaultBackend` or `rules` must be specified";
    faults.push(invalid("spec", rules, message));
  }
  if (defaultBackend !== undefined) checkBackend("spec.defaultBackend", defaultBackend, faults);
  rules?.forEach((rule, i) => {
    const path = `spec.rules[${i}]`;
    const host = rule.host ?? "";
    if (host !== "") checkHost(`${path}.host`, host, faults);
    if (rule.http === undefined) return;
    if (rule.http.paths.length === 0) faults.push(required(`${path}.http.paths`));
    rule.http.paths.forEach((one, k) => {
      checkPath(`${path}.http.paths[${k}]`, one, faults);
    });
  });
  tls?.forEach(({ hosts, secretName = "" }, i) => {
    hosts?.forEach((host, k) => {
      const form = host.includes("*") ? faultsOfWildcard : faultsOfSubdomain;
      checkForm(`spec.tls[${i}].hosts[${k}]`, host, form, faults);
    });
    if (secretName !== "") {
      checkForm(`spec.tls[${i}].secretName`, secretName, faultsOfSubdomain, faults);
    }
  });
  if (ingressClassName === undefined) return;
  checkForm("spec.ingressClassName", ingressClassName, faultsOfSubdomain, faults);
  const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation === undefined || annotation === ingressClassName) return;
  const message = "must match `ingressClassName` when both are specified";
  faults.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, message));
}

function checkHost(path: string, host: string, faults: Fault[]): void {
  if (parseOldAddr(host) !== undefined) {
    faults.push(invalid(path, host, "must be a DNS name, not an IP address"));
  }
  checkForm(path, host, host.includes("*") ? faultsOfWildcard : faultsOfSubdomain, faults);
}

function checkPath(at: string, { path = "", pathType, backend }: HTTPIngressPath, faults: Fault[]) {
  if (pathType === undefined) {
    faults.push(required(`${at}.pathType`, "pathType must be specified"));
    return;
  }
  const isExact = pathType === "Exact" || pathType === "Prefix";
  const wrong = (message: string) => faults.push(invalid(`${at}.path`, path, message));
  if (!PATH_TYPES.includes(pathType)) {
    faults.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES));
  } else if ((isExact || path !== "") && !path.startsWith("/")) wrong("must be an absolute path");
  if (isExact) {
    for (const s of WRONG_SEQUENCES) if (path.includes(s)) wrong(`must not contain '${s}'`);
    for (const s of WRONG_ENDINGS) if (path.endsWith(s)) wrong(`cannot end with '${s}'`);
  }
  checkBackend(`${at}.backend`, backend ?? {}, faults);
}

function checkBackend(path: string, { service, resource }: IngressBackend, faults: Fault[]): void {
  if (service !== undefined && resource !== undefined) {
    faults.push(invalid(path, "", "cannot set both resource and service backends"));
  } else if (resource !== undefined) checkResource(`${path}.resource`, resource, faults);
  else if (service !== undefined) checkServiceBackend(path, service, faults);
  else faults.push(invalid(path, "", "resource or service backend is required"));
}

function checkServiceBackend(path: string, backend: IngressServiceBackend, faults: Fault[]): void {
  if (backend.name === "") faults.push(required(`${path}.service.name`));
  else checkForm(`${path}.service.name`, backend.name, faultsOfDns1035Label, faults);
  const { name = "", number = 0 } = backend.port ?? {};
  if (name !== "" && number !== 0) {
    faults.push(invalid(path, "", "cannot set both port name & port number"));
  } else if (name !== "") checkForm(`${path}.service.port.name`, name, faultsOfPortName, faults);
  else if (number !== 0) {
    for (const message of faultsOfPortNumber(number)) {
      faults.push(invalid(`${path}.service.port.number`, number, message));
    }
  } else faults.push(required(path, "port name or number is required"));
}

function checkResource(path: string, to: TypedLocalObjectReference, faults: Fault[]): void {
  if (to.apiGroup !== undefined) {
    checkForm(`${path}.apiGroup`, to.apiGroup, faultsOfSubdomain, faults);
  }
  checkSegments(path, { kind: to.kind, name: to.name }, faults);
}

/** Texts that must be there and become a part of an address of the API. */
function checkSegments(
  path: string,
  texts: Readonly<Record<string, string | undefined>>,
  faults: Fault[],
): void {
  for (const [field, text = ""] of Object.entries(texts)) {
    if (text === "") faults.push(required(`${path}.${field}`));
    else checkForm(`${path}.${field}`, text, faultsOfPathSegment, faults);
  }
}

/** Checks a ServiceCIDR that is being created. */
export function checkServiceCIDR(object: ServiceCIDR, faults: Fault[]): void {
  const rules = { namespaced: false, nameForm: faultsOfSubdomain, keepsGeneration: true };
  checkObjectMeta(object.metadata, rules, faults);
  const cidrs = object.spec.cidrs ?? [];
  const path = "spec.cidrs";
  if (cidrs.length === 0) faults.push(required(path, "at least one CIDR required"));
  if (cidrs.length > 2) {
    faults.push(invalid(path, { CIDRs: cidrs }, "may only hold up to 2 values"));
    return;
  }
  cidrs.forEach((cidr, i) => {
    checkNewCidr(`${path}[${i}]`, cidr, faults);
  });
  const families = cidrs.map((cidr) => parseOldCidr(cidr)?.family);
  if (cidrs.length < 2 || families[0] === undefined || families[0] !== families[1]) return;
  const message =
    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
  faults.push(invalid(path, cidrs, message));
}

/** Checks an IPAddress that is being created; its name is the address. */
export function checkIPAddress(object: IPAddress, faults: Fault[]): void {
  const rules = { namespaced: false, nameForm: faultsOfAddr, keepsGeneration: true };
  checkObjectMeta(object.metadata, rules, faults);
  const to = object.spec.parentRef;
  if (to === undefined) {
    faults.push(required("spec.parentRef"));
    return;
  }
  const path = "spec.parentRef";
  if ((to.group ?? "") !== "") {
    checkForm(`${path}.group`, to.group as string, faultsOfSubdomain, faults);
  }
  checkSegments(path, { resource: to.resource, name: to.name }, faults);
  if ((to.namespace ?? "") !== "") {
    checkForm(`${path}.namespace`, to.namespace as string, faultsOfPathSegment, faults);
  }
}

function faultsOfAddr(text: string): readonly string[] {
  const faults: Fault[] = [];
  checkNewAddr("", text, faults);
  return faults.map((fault) => fault.message);
}

/**
 * Checks of EndpointSlices and Endpoints.
 *
 * Follows: kubernetes v1.35 pkg/apis/discovery/validation/validation.go,
 * pkg/apis/core/validation/validation.go `ValidateEndpoints`.
 */
import type { Fault } from "../../../base/index.js";
import type {
  Endpoint,
  EndpointAddress,
  EndpointHints,
  EndpointPort,
  EndpointSlice,
  Endpoints,
  SliceEndpointPort,
} from "../../kinds/network/endpoint-slice.js";
import { duplicate, invalid, notSupported, required, tooMany } from "../../shape/field-error.js";
import { checkAddr, checkNewAddr, checkNotSpecial } from "../addresses.js";
import { checkObjectMeta } from "../meta.js";
import {
  checkForm,
  faultsOfLabel,
  faultsOfLabelValue,
  faultsOfPortNumber,
  faultsOfQualifiedName,
  faultsOfSubdomain,
  type NameForm,
} from "../names.js";

const ADDRESS_TYPES: readonly string[] = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];

/** Limits of one EndpointSlice. */
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20000;
const MAX_HINTS = 8;

/** Checks an EndpointSlice that is being created. */
export function checkEndpointSlice(slice: EndpointSlice, faults: Fault[]): void {
  checkObjectMeta(slice.metadata, { namespaced: true, nameForm: faultsOfSubdomain }, faults);
  const type: string = slice.addressType;
  if (type === "") faults.push(required("addressType"));
  else if (!ADDRESS_TYPES.includes(type)) {
    faults.push(notSupported("addressType", type, ADDRESS_TYPES));
  }
  checkEndpointList(slice, faults);
  checkPorts(slice.ports, faults);
}

function checkEndpointList(slice: EndpointSlice, faults: Fault[]): void {
  const { endpoints } = slice;
  if (endpoints.length > MAX_ENDPOINTS) {
    faults.push(tooMany("endpoints", endpoints.length, MAX_ENDPOINTS));
    return;
  }
  for (let i = 0; i < endpoints.length; i++) {
    checkEndpoint(`endpoints[${i}]`, endpoints[i] as Endpoint, slice.addressType, faults);
  }
}

function checkEndpoint(path: string, endpoint: Endpoint, type: string, faults: Fault[]): void {
  const { addresses } = endpoint;
  const list = `${path}.addresses`;
  if (addresses.length === 0) faults.push(required(list, "must contain at least 1 address"));
  else if (addresses.length > MAX_ADDRESSES) {
    faults.push(tooMany(list, addresses.length, MAX_ADDRESSES));
  }
  for (let i = 0; i < addresses.length; i++) {
    checkEndpointAddress(list, i, addresses[i] as string, { type, faults });
  }
  if (endpoint.nodeName !== undefined) {
    checkForm(`${path}.nodeName`, endpoint.nodeName, faultsOfSubdomain, faults);
  }
  if (endpoint.hostname !== undefined) {
    checkForm(`${path}.hostname`, endpoint.hostname, faultsOfLabel, faults);
  }
  if (endpoint.hints !== undefined) checkHints(`${path}.hints`, endpoint.hints, faults);
}

/** A wrong family is reported at the list, a malformed address at its own place, as the server does. */
function checkEndpointAddress(
  list: string,
  index: number,
  text: string,
  context: { readonly type: string; readonly faults: Fault[] },
): void {
  const { type, faults } = context;
  const path = `${list}[${index}]`;
  if (type === "FQDN") checkDomainName(path, text, faults);
  if (type !== "IPv4" && type !== "IPv6") return;
  const addr = type === "IPv4" ? checkAddr(path, text, faults) : checkNewAddr(path, text, faults);
  if (addr === undefined) return;
  const family = addr.family === "ip4" ? "IPv4" : "IPv6";
  if (family !== type) faults.push(invalid(list, text, `must be an ${type} address`));
  checkNotSpecial(path, text, faults);
}

function checkDomainName(path: string, text: string, faults: Fault[]): void {
  if (text === "") {
    faults.push(required(path));
    return;
  }
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  const wrong = faultsOfSubdomain(name);
  if (wrong.length > 0) {
    faults.push(invalid(path, name, wrong.join(",")));
    return;
  }
  const labels = name.split(".");
  if (labels.length < 2) {
    const message = "should be a domain with at least two segments separated by dots";
    faults.push(invalid(path, name, message));
    return;
  }
  for (const label of labels) {
    const messages = faultsOfLabel(label);
    if (messages.length === 0) continue;
    faults.push(invalid(path, label, messages.join(",")));
    return;
  }
}

function checkHints(path: string, hints: EndpointHints, faults: Fault[]): void {
  const zones = (hints.forZones ?? []).map((zone) => zone.name);
  const nodes = (hints.forNodes ?? []).map((node) => node.name);
  checkNames(`${path}.forZones`, zones, faultsOfLabelValue, faults);
  if (zones.length > MAX_HINTS) return;
  checkNames(`${path}.forNodes`, nodes, faultsOfSubdomain, faults);
}

function checkNames(path: string, names: readonly string[], form: NameForm, faults: Fault[]): void {
  if (names.length > MAX_HINTS) {
    faults.push(tooMany(path, names.length, MAX_HINTS));
    return;
  }
  const seen = new Set<string>();
  names.forEach((name, i) => {
    if (seen.has(name)) faults.push(duplicate(`${path}[${i}].name`, name));
    seen.add(name);
    checkForm(`${path}[${i}].name`, name, form, faults);
  });
}

function checkPorts(ports: readonly SliceEndpointPort[], faults: Fault[]): void {
  if (ports.length > MAX_PORTS) {
    faults.push(tooMany("ports", ports.length, MAX_PORTS));
    return;
  }
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const path = `ports[${i}]`;
    const name = port.name ?? "";
    if (name !== "") checkForm(`${path}.name`, name, faultsOfLabel, faults);
    if (names.has(name)) faults.push(duplicate(`${path}.name`, name));
    names.add(name);
    checkProtocol(`${path}.protocol`, port.protocol, faults);
    if (port.appProtocol !== undefined) {
      checkForm(`${path}.appProtocol`, port.appProtocol, faultsOfQualifiedName, faults);
    }
  });
}

function checkProtocol(path: string, protocol: string | undefined, faults: Fault[]): void {
  if (protocol === undefined) faults.push(required(path));
  else if (!PROTOCOLS.includes(protocol)) faults.push(notSupported(path, protocol, PROTOCOLS));
}

const ENDPOINTS_META = { namespaced: true, nameForm: faultsOfSubdomain, keepsGeneration: true };

/** Checks Endpoints that are being created. */
export function checkEndpoints(endpoints: Endpoints, faults: Fault[]): void {
  checkObjectMeta(endpoints.metadata, ENDPOINTS_META, faults);
  endpoints.subsets?.forEach((subset, i) => {
    const path = `subsets[${i}]`;
    const ready = subset.addresses ?? [];
    const notReady = subset.notReadyAddresses ?? [];
    if (ready.length + notReady.length === 0) {
      faults.push(required(path, "must specify `addresses` or `notReadyAddresses`"));
    }
    ready.forEach((a, j) => {
      checkOldAddress(`${path}.addresses[${j}]`, a, faults);
    });
    notReady.forEach((a, j) => {
      checkOldAddress(`${path}.notReadyAddresses[${j}]`, a, faults);
    });
    const ports = subset.ports ?? [];
    ports.forEach((port, j) => {
      checkOldPort(`${path}.ports[${j}]`, port, ports.length > 1, faults);
    });
  });
}

function checkOldAddress(path: string, address: EndpointAddress, faults: Fault[]): void {
  checkAddr(`${path}.ip`, address.ip, faults);
  if ((address.hostname ?? "") !== "") {
    checkForm(`${path}.hostname`, address.hostname as string, faultsOfLabel, faults);
  }
  if (address.nodeName !== undefined) {
    checkForm(`${path}.nodeName`, address.nodeName, faultsOfSubdomain, faults);
  }
  checkNotSpecial(`${path}.ip`, address.ip, faults);
}

function checkOldPort(path: string, port: EndpointPort, needsName: boolean, faults: Fault[]): void {
  const name = port.name ?? "";
  if (needsName && name === "") faults.push(required(`${path}.name`));
  else if (name !== "") checkForm(`${path}.name`, name, faultsOfLabel, faults);
  for (const message of faultsOfPortNumber(port.port)) {
    faults.push(invalid(`${path}.port`, port.port, message));
  }
  checkProtocol(`${path}.protocol`, port.protocol, faults);
  if (port.appProtocol !== undefined) {
    checkForm(`${path}.appProtocol`, port.appProtocol, faultsOfQualifiedName, faults);
  }
}

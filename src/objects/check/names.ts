/**
 * The forms of names: labels, subdomains, qualified names, port names. Each function returns what
 * is wrong with a text, in the server's words; nothing is wrong when the list is empty.
 *
 * Follows: apimachinery v0.35 pkg/util/validation/validation.go and pkg/api/validate/content.
 */
import type { Fault } from "../../base/index.js";
import { invalid } from "../shape/field-error.js";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;
const SEARCH_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SEARCH = `${SEARCH_LABEL}(\\.${SEARCH_LABEL})*`;

const LABEL_FORM = new RegExp(`^${LABEL}$`);
const SUBDOMAIN_FORM = new RegExp(`^${SUBDOMAIN}$`);
const SEARCH_FORM = new RegExp(`^${SEARCH}$`);
const WILDCARD_FORM = new RegExp(`^\\*\\.${SUBDOMAIN}$`);
const DNS1035_FORM = new RegExp(`^${DNS1035}$`);
const QUALIFIED_FORM = new RegExp(`^${QUALIFIED}$`);
const LABEL_VALUE_FORM = new RegExp(`^${LABEL_VALUE}$`);

/** Longest label of a domain name, in bytes (RFC 1123). */
const MAX_LABEL = 63;
/** Longest subdomain, in bytes (RFC 1123). */
const MAX_SUBDOMAIN = 253;
/** Longest port name (RFC 6335). */
const MAX_PORT_NAME = 15;

const NONE: readonly string[] = [];

const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const WILDCARD_TEXT =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const DNS1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const KEY_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** Length of a text in UTF-8 bytes. */
export function byteLength(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      i++;
    } else bytes += 3;
  }
  return bytes;
}

function tooManyCharacters(most: number): string {
  return `must be no more than ${most} characters`;
}

function tooManyBytes(most: number): string {
  return `must be no more than ${most} bytes`;
}

function formError(text: string, form: string, ...examples: readonly string[]): string {
  const shown = examples.map((e) => `'${e}', `).join(" or ");
  return `${text} (e.g. ${shown}regex used for validation is '${form}')`;
}

/** What is wrong with a label of a domain name (RFC 1123). */
export function faultsOfLabel(text: string): readonly string[] {
  if (text.length <= MAX_LABEL && LABEL_FORM.test(text)) return NONE;
  const faults: string[] = [];
  if (byteLength(text) > MAX_LABEL) faults.push(tooManyCharacters(MAX_LABEL));
  if (LABEL_FORM.test(text)) return faults;
  const dots = SUBDOMAIN_FORM.test(text);
  faults.push(dots ? "must not contain dots" : formError(LABEL_TEXT, LABEL, "my-name", "123-abc"));
  return faults;
}

/** What is wrong with a subdomain (RFC 1123). */
export function faultsOfSubdomain(text: string): readonly string[] {
  if (text.length <= MAX_SUBDOMAIN && SUBDOMAIN_FORM.test(text)) return NONE;
  const faults: string[] = [];
  if (byteLength(text) > MAX_SUBDOMAIN) faults.push(tooManyCharacters(MAX_SUBDOMAIN));
  if (!SUBDOMAIN_FORM.test(text)) faults.push(formError(SUBDOMAIN_TEXT, SUBDOMAIN, "example.com"));
  return faults;
}

/** What is wrong with a domain to search names in, which may have underscores. */
export function faultsOfSearchDomain(text: string): readonly string[] {
  const faults: string[] = [];
  if (byteLength(text) > MAX_SUBDOMAIN) faults.push(tooManyCharacters(MAX_SUBDOMAIN));
  if (!SEARCH_FORM.test(text)) {
    const words = SUBDOMAIN_TEXT.replace("characters, '-'", "characters, '_', '-'");
    faults.push(formError(words, SEARCH, "example.com"));
  }
  return faults;
}

/** What is wrong with a subdomain that begins with `*.`. */
export function faultsOfWildcard(text: string): readonly string[] {
  const faults: string[] = [];
  if (byteLength(text) > MAX_SUBDOMAIN) faults.push(tooManyCharacters(MAX_SUBDOMAIN));
  if (!WILDCARD_FORM.test(text)) {
    faults.push(formError(WILDCARD_TEXT, `\\*\\.${SUBDOMAIN}`, "*.example.com"));
  }
  return faults;
}

/** What is wrong with a label that must begin with a letter (RFC 1035): names of Services. */
export function faultsOfDns1035Label(text: string): readonly string[] {
  const faults: string[] = [];
  if (byteLength(text) > MAX_LABEL) faults.push(tooManyCharacters(MAX_LABEL));
  if (!DNS1035_FORM.test(text)) {
    faults.push(formError(DNS1035_TEXT, DNS1035, "my-name", "abc-123"));
  }
  return faults;
}

/** What is wrong with a qualified name, `prefix/name`: label keys, annotation keys. */
export function faultsOfQualifiedName(text: string): readonly string[] {
  const parts = text.split("/");
  if (parts.length > 2) {
    const form = formError(KEY_TEXT, QUALIFIED, "MyName", "my.name", "123-abc");
    return [
      `a valid label key ${form} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const faults: string[] = [];
  const name = parts[parts.length - 1] as string;
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined;
  if (prefix === "") faults.push("prefix part must be non-empty");
  else if (prefix !== undefined) {
    for (const fault of faultsOfSubdomain(prefix)) {
      faults.push(
        `prefix part ${fault.replace(/^must be no more than 253 characters$/, tooManyBytes(MAX_SUBDOMAIN))}`,
      );
    }
  }
  if (name === "") faults.push("name part must be non-empty");
  else if (byteLength(name) > MAX_LABEL) faults.push(`name part ${tooManyBytes(MAX_LABEL)}`);
  if (!QUALIFIED_FORM.test(name)) {
    faults.push(`name part ${formError(KEY_TEXT, QUALIFIED, "MyName", "my.name", "123-abc")}`);
  }
  return faults;
}

/** What is wrong with the value of a label. */
export function faultsOfLabelValue(text: string): readonly string[] {
  if (text.length <= MAX_LABEL && LABEL_VALUE_FORM.test(text)) return NONE;
  const faults: string[] = [];
  if (byteLength(text) > MAX_LABEL) faults.push(tooManyBytes(MAX_LABEL));
  if (!LABEL_VALUE_FORM.test(text)) {
    faults.push(formError(VALUE_TEXT, LABEL_VALUE, "MyValue", "my_value", "12345"));
  }
  return faults;
}

/** What is wrong with the name of a port (RFC 6335, lower case). */
export function faultsOfPortName(text: string): readonly string[] {
  const faults: string[] = [];
  if (byteLength(text) > MAX_PORT_NAME) faults.push(tooManyCharacters(MAX_PORT_NAME));
  if (!/^[-a-z0-9]+$/.test(text)) {
    faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(text)) faults.push("must contain at least one letter (a-z)");
  if (text.includes("--")) faults.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) {
    faults.push("must not begin or end with a hyphen");
  }
  return faults;
}

/** What is wrong with a port number. */
export function faultsOfPortNumber(port: number): readonly string[] {
  return port >= 1 && port <= 65535 ? NONE : ["must be between 1 and 65535, inclusive"];
}

/** What is wrong with a text that becomes a part of an address of the API. */
export function faultsOfPathSegment(text: string): readonly string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"]
    .filter((part) => text.includes(part))
    .map((part) => `may not contain '${part}'`);
}

/** What is wrong with a key of a ConfigMap. */
export function faultsOfConfigKey(text: string): readonly string[] {
  const faults: string[] = [];
  if (byteLength(text) > MAX_SUBDOMAIN) faults.push(tooManyCharacters(MAX_SUBDOMAIN));
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) {
    const words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
    faults.push(formError(words, "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"));
  }
  if (text === ".") faults.push("must not be '.'");
  else if (text === "..") faults.push("must not be '..'");
  else if (text.startsWith("..")) faults.push("must not start with '..'");
  return faults;
}

/** What is wrong with the name of an environment variable. */
export function faultsOfEnvName(text: string): readonly string[] {
  if (text === "") return ["environment variable name must be non-empty"];
  return /^[ -<>-~]+$/.test(text)
    ? NONE
    : [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ];
}

/** What is wrong with a name of some form. */
export type NameForm = (text: string) => readonly string[];

/** Adds a fault for every thing that is wrong with a text. */
export function checkForm(path: string, text: string, form: NameForm, faults: Fault[]): void {
  for (const message of form(text)) faults.push(invalid(path, text, message));
}

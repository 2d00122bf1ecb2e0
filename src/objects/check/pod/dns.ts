/**
 * Checks of how a pod resolves names.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validateDNSPolicy`, `validatePodDNSConfig`.
 */
import type { PodSpec } from "../../kinds/pod/pod.js";
import { checkAddr } from "../addresses.js";
import { faultsOfSearchDomain } from "../names.js";
import type { Place } from "../place.js";

const POLICIES: readonly string[] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
/** Most nameservers of a pod, as in glibc. */
const MAX_NAMESERVERS = 3;
/** Most search domains, and most characters of all of them with a space between. */
const MAX_SEARCHES = 32;
const MAX_SEARCH_TEXT = 2048;

/** Checks the DNS policy and the DNS configuration of a pod. */
export function checkDns({ dnsConfig, dnsPolicy }: PodSpec, at: Place): void {
  at.at("dnsPolicy").oneOf(dnsPolicy, POLICIES);
  const place = at.at("dnsConfig");
  const { nameservers = [], options, searches = [] } = dnsConfig ?? {};
  if (dnsPolicy === "None") {
    const when = "when `dnsPolicy` is None";
    if (dnsConfig === undefined) {
      place.required(`must provide \`dnsConfig\` ${when}`);
      return;
    }
    if (nameservers.length === 0) {
      const message = `must provide at least one DNS nameserver ${when}`;
      place.at("nameservers").required(message);
      return;
    }
  }
  if (nameservers.length > MAX_NAMESERVERS) {
    const message = `must not have more than ${MAX_NAMESERVERS} nameservers`;
    place.at("nameservers").invalid(nameservers, message);
  }
  place.each("nameservers", nameservers, (server, item) => {
    checkAddr(item.path, server, item.faults);
  });
  if (searches.length > MAX_SEARCHES) {
    const message = `must not have more than ${MAX_SEARCHES} search paths`;
    place.at("searches").invalid(searches, message);
  }
  if (searches.join(" ").length > MAX_SEARCH_TEXT) {
    const message = `must not have more than ${MAX_SEARCH_TEXT} characters (including spaces) in the search list`;
    place.at("searches").invalid(searches, message);
  }
  place.each("searches", searches, (search, item) => {
    if (search !== ".") item.form(search.replace(/\.$/, ""), faultsOfSearchDomain);
  });
  place.each("options", options, ({ name = "" }, item) => {
    if (name === "") item.required("must not be empty");
  });
}

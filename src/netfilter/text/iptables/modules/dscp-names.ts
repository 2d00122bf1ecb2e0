/** Names of DSCP classes and types of service (iptables 1.8.9 extensions/dscp_helper.c, tos_values.c). */
import { LineFault } from "./rule-reader.js";

const CLASSES: ReadonlyMap<string, number> = new Map([
  ["CS0", 0],
  ["CS1", 8],
  ["CS2", 16],
  ["CS3", 24],
  ["CS4", 32],
  ["CS5", 40],
  ["CS6", 48],
  ["CS7", 56],
  ["BE", 0],
  ["AF11", 10],
  ["AF12", 12],
  ["AF13", 14],
  ["AF21", 18],
  ["AF22", 20],
  ["AF23", 22],
  ["AF31", 26],
  ["AF32", 28],
  ["AF33", 30],
  ["AF41", 34],
  ["AF42", 36],
  ["AF43", 38],
  ["EF", 46],
]);

/** The value of a class: `AF21` is 18. */
export function dscpClass(name: string): number {
  const value = CLASSES.get(name.toUpperCase());
  if (value === undefined) throw new LineFault("bad-word", "not a DSCP class", name, "CS0 to EF");
  return value;
}

const TOS: ReadonlyMap<string, number> = new Map([
  ["Minimize-Delay", 0x10],
  ["Maximize-Throughput", 0x08],
  ["Maximize-Reliability", 0x04],
  ["Minimize-Cost", 0x02],
  ["Normal-Service", 0x00],
]);

/** The value of a named type of service. */
export function tosName(name: string): number | undefined {
  return TOS.get(name);
}

/** Suite `cni`: the allocators against what the real ones answered. Files are told by their names. */
import { basename } from "node:path";
import { runHostLocalRandom } from "../cni/host-local-random.js";
import { runHostLocalScenarios } from "../cni/host-local-scenarios.js";
import { runHostLocalTables } from "../cni/host-local-tables.js";
import { runNodeCidrSet } from "../cni/node-cidr-set.js";
import {
  runCidrSetTables,
  runNodePortTables,
  runServiceAddrTables,
} from "../cni/service-tables.js";
import { listFiles, readJson } from "../files.js";
import type { Report, Suite } from "../suite.js";

type Handler = (id: string, content: never, report: Report) => void;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "observed-random.json": runHostLocalRandom,
  "observed-scenarios.json": runHostLocalScenarios,
  "unit-tables.json": runHostLocalTables,
  "node-cidr-set.json": runNodeCidrSet,
  "cidrset.json": runCidrSetTables,
  "ipallocator.json": runServiceAddrTables,
  "portallocator.json": runNodePortTables,
};

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const name = basename(file);
    const handler = HANDLERS[name];
    if (handler === undefined) report.skip(file.slice(dir.length + 1) || name, "not modelled");
    else handler(name.replace(/\.json$/, ""), readJson<never>(file), report);
  }
};

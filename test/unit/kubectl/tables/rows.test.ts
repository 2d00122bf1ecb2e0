import { describe, expect, it } from "vitest";
import { Cluster } from "../../../../src/cluster/index.js";
import { kubectl, printTable, tableOf } from "../../../../src/kubectl/index.js";
import { KINDS, type Kind, parseTime } from "../../../../src/objects/index.js";

const commands = ["run web --image=nginx --port=80", "expose pod web --type=NodePort"];
const cluster = commands.reduce(
  (before, command) => kubectl(before, command).cluster,
  Cluster.create({ nodes: 1, dns: false }),
);
const NOW = (parseTime(cluster.settings.time) ?? 0) + 90;

describe("tables as data", () => {
  it("have a name and a priority for each column, and a cell of each", () => {
    const { columns, rows } = tableOf("Pod", cluster.list("Pod", "default"), NOW);
    expect(columns.filter((c) => c.priority === 0).map((c) => c.name)).toEqual(
      "Name Ready Status Restarts Age".split(" "),
    );
    expect(columns.at(-2)).toEqual({ name: "Nominated Node", priority: 1 });
    expect(rows).toEqual([
      ["web", "1/1", "Running", "0", "90s", "10.244.0.2", "node-1", "<none>", "<none>"],
    ]);
  });

  it("are there for every kind, empty or not", () => {
    for (const kind of Object.keys(KINDS) as Kind[]) {
      expect(tableOf(kind, [], NOW).columns[0]).toEqual({ name: "Name", priority: 0 });
      expect(tableOf(kind, [], NOW).rows).toEqual([]);
    }
  });

  it("are what is printed", () => {
    const services = cluster.list("Service", "default");
    const { columns, rows } = tableOf("Service", services, NOW);
    const lines = printTable("Service", services, { wide: true, now: NOW }).split("\n");
    expect(lines[0]?.split(/ {2,}/)).toEqual(columns.map((c) => c.name.toUpperCase()));
    expect(lines.slice(1, -1).map((line) => line.split(/ {2,}/))).toEqual(rows);
  });
});

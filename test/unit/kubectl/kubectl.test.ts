import { describe, expect, it } from "vitest";
import { Cluster } from "../../../src/cluster/index.js";
import { readSelector } from "../../../src/kubectl/command/selector.js";
import { splitWords } from "../../../src/kubectl/command/words.js";
import { kubectl } from "../../../src/kubectl/index.js";
import { fillTemplate } from "../../../src/kubectl/output/jsonpath.js";
import { printYaml } from "../../../src/kubectl/output/yaml-text.js";
import { printAge } from "../../../src/kubectl/tables/age.js";

/** A cluster at which commands are typed one after the other. */
function terminal() {
  let cluster = Cluster.create({ nodes: 2, dns: false });
  return (command: string, stdin = "") => {
    const result = kubectl(cluster, command, { stdin });
    cluster = result.cluster;
    return result;
  };
}

describe("kubectl", () => {
  it("runs the lesson", () => {
    const type = terminal();
    expect(type("kubectl run pod-a --image=nginx --restart=Never").stdout).toBe(
      "pod/pod-a created\n",
    );
    expect(type("expose pod pod-a --port=80 --name=web").stdout).toBe("service/web exposed\n");
    expect(type("get pod pod-a -o jsonpath='{.status.phase}'").stdout).toBe("Running");
    expect(
      type("get svc web -o custom-columns=N:.metadata.name,P:.spec.ports[*].port").stdout,
    ).toBe("N     P\nweb   80\n");
    expect(type("delete pod pod-a").stdout).toBe('pod "pod-a" deleted from default namespace\n');
  });

  it("prints what loads back to the same", () => {
    const type = terminal();
    type("create deployment web --image=nginx --replicas=2");
    const yaml = type("get deploy web -o yaml").stdout;
    expect(type("apply -f -", yaml).stdout).toBe("deployment.apps/web configured\n");
    expect(type("apply -f -", yaml).stderr).toContain("Error from server (Conflict)");
    const free = yaml.replace(
      /^ {2}resourceVersion: .*\n|^ {2}generation: .*\n|^status:[\s\S]*/gm,
      "",
    );
    expect(type("apply -f -", free).stdout).toBe("deployment.apps/web configured\n");
    expect(type("apply -f -", free).stdout).toBe("deployment.apps/web unchanged\n");
    const json = type("get deploy web -o json").stdout;
    expect(JSON.parse(json).spec.replicas).toBe(2);
  });

  it("leaves the cluster as it was when it refuses", () => {
    const cluster = Cluster.create({ nodes: 1, dns: false });
    const result = kubectl(cluster, "run Bad --image=nginx");
    expect(result.exit).toBe(1);
    expect(result.cluster).toBe(cluster);
  });

  it.each([
    ["frobnicate", 1, 'error: unknown command "frobnicate" for "kubectl"\n'],
    ["drain node-1", 1, "error: kubectl drain is not modelled\n"],
    [
      "get pods -o",
      1,
      "error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage.\n",
    ],
    ["scale deploy web --replicas=x", 1, "error: invalid argument"],
  ])("%s", (command, exit, stderr) => {
    const result = terminal()(command);
    expect(result.exit).toBe(exit);
    expect(result.stderr).toContain(stderr);
  });
});

describe("the parts of a command line", () => {
  it("are split as a shell splits them", () => {
    expect(splitWords(`a 'b c' "d \\"e" f\\ g --h='{.x}'`)).toEqual([
      "a",
      "b c",
      'd "e',
      "f g",
      "--h={.x}",
    ]);
  });

  it.each([
    ["app=web", true],
    ["app!=web", false],
    ["app in (web, api),!old", true],
    ["tier notin (x)", true],
    ["tier", false],
  ])("selector %s selects app=web: %s", (text, expected) => {
    expect(readSelector(text)({ app: "web" })).toBe(expected);
  });
});

describe("printing", () => {
  it.each([
    [5, "5s"],
    [120, "2m"],
    [125, "2m5s"],
    [3600 * 5 + 60, "5h1m"],
    [86400 * 3 + 3600, "3d1h"],
    [86400 * 400, "400d"],
    [86400 * 365 * 3, "3y"],
    [-5, "<invalid>"],
  ])("tells %s seconds as %s", (seconds, text) => {
    expect(printAge(seconds)).toBe(text);
  });

  it("quotes only what a reader would take for something else", () => {
    const value = { b: ["yes", "a: b", "", "x\ny\n", "8080"], a: { c: [], d: {}, e: null } };
    expect(printYaml(value)).toBe(
      'a:\n  c: []\n  d: {}\n  e: null\nb:\n- "yes"\n- \'a: b\'\n- ""\n- |\n  x\n  y\n- "8080"\n',
    );
  });

  it("fills templates", () => {
    const list = {
      items: [
        { n: "a", p: [1, 2] },
        { n: "b", p: [] },
      ],
    };
    const fill = (template: string) => fillTemplate(template, list);
    expect(fill('{range .items[*]}{.n}={.p[*]}{"\\n"}{end}')).toBe("a=1 2\nb=\n");
    expect(fill('{.items[?(@.n=="b")].n}')).toBe("b");
    expect(fill("{.items[0].p}")).toBe("[1,2]");
    expect(fill("{..n}")).toBe("a b");
  });
});

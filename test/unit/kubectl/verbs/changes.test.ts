import { describe, expect, it } from "vitest";
import { Cluster } from "../../../../src/cluster/index.js";
import { kubectl } from "../../../../src/kubectl/index.js";

/** A cluster at which commands are typed one after the other. */
function terminal() {
  let cluster = Cluster.create({ nodes: 2, dns: false });
  return (command: string, stdin = "") => {
    const result = kubectl(cluster, command, { stdin });
    cluster = result.cluster;
    return result;
  };
}

describe("roll-outs", () => {
  it("number their revisions, go back, and tell the template of one", () => {
    const type = terminal();
    type("create deployment web --image=nginx:1 --replicas=2");
    type("set image deployment/web nginx=nginx:2");
    expect(type("rollout status deploy/web").stdout).toBe(
      'deployment "web" successfully rolled out\n',
    );
    type("rollout undo deployment/web");
    expect(type("rollout history deploy/web").stdout).toBe(
      "deployment.apps/web \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n",
    );
    expect(type("get deploy web -o jsonpath={..image}").stdout).toBe("nginx:1");
    const dry = type("rollout undo deploy/web --to-revision=2 --dry-run=client").stdout;
    expect(dry).toContain("Image:\tnginx:2");
    expect(dry).toMatch(/\(dry run\)\n$/);
    expect(type("rollout undo deploy/web --to-revision=9").stderr).toBe(
      "error: unable to find specified revision 9 in history\n",
    );
  });

  it("begin anew with every restart, though the clock stands still", () => {
    const type = terminal();
    type("create deployment web --image=nginx");
    type("rollout restart deploy/web");
    type("rollout restart deploy/web");
    const revision = "{.metadata.annotations.deployment\\.kubernetes\\.io/revision}";
    expect(type(`get deploy web -o jsonpath='${revision}'`).stdout).toBe("3");
  });

  it("leave the condition last that changed last", () => {
    const type = terminal();
    const order = () => type("get deploy web -o jsonpath={.status.conditions[*].type}").stdout;
    type("create deployment web --image=nginx --replicas=2");
    expect(order()).toBe("Available Progressing");
    type("scale deploy web --replicas=4");
    expect(order()).toBe("Progressing Available");
    type("set image deploy/web nginx=nginx:2");
    expect(order()).toBe("Available Progressing");
    type("rollout pause deploy/web");
    expect(type("get deploy web -o jsonpath={.status.conditions[1].reason}").stdout).toBe(
      "DeploymentPaused",
    );
  });
});

describe("delete", () => {
  it("takes what an object owns with it, or leaves it", () => {
    const type = terminal();
    type("create deployment web --image=nginx");
    type("delete deployment web --cascade=orphan");
    expect(type("get rs,pods -o name").stdout).toMatch(/^replicaset.*\npod.*\n$/);
    type("delete rs --all");
    expect(type("get rs,pods").stderr).toContain("No resources found");
  });

  it("names everything that was there when it was typed", () => {
    const type = terminal();
    type("create deployment web --image=nginx");
    expect(type("delete deploy,rs --all").stdout).toMatch(
      /^deployment.apps "web" deleted.*\nreplicaset.apps "web-\w+" deleted.*\n$/,
    );
    type("run a --image=nginx");
    const twice = type("delete pod a a");
    expect(twice.stderr).toBe('Error from server (NotFound): pods "a" not found\n');
    expect(twice.exit).toBe(1);
  });
});

const CONFIG = (data: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: ${data}\n`;

describe("apply", () => {
  it("tells a refusal with the patch that it sent", () => {
    const type = terminal();
    type("apply -f -", CONFIG("{a: x}"));
    const { exit, stderr } = type("apply -f -", CONFIG("{a: 1}"));
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^The request is invalid: patch: Invalid value: "map\[data:map\[a:1\]/);
    expect(stderr).toContain("cannot convert int64 to string");
    expect(type("get cm c -o jsonpath={.data.a}").stdout).toBe("x");
  });

  it("refuses labels that are no texts before it asks the server", () => {
    const { stderr } = terminal()(
      "apply -f -",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {v: 1}}\n",
    );
    expect(stderr).toBe(
      'error: unable to decode "STDIN": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string\n',
    );
  });

  it("applies the documents before a broken one", () => {
    const type = terminal();
    const { exit, stderr, stdout } = type("apply -f -", `${CONFIG("{a: x}")}---\na: b\n c: d\n`);
    expect([exit, stdout]).toEqual([1, "configmap/c created\n"]);
    expect(stderr).toContain("yaml: line 2: mapping values are not allowed in this context");
  });
});

describe("a dry run of the server", () => {
  it("gives out nothing", () => {
    const type = terminal();
    const dry = "create service nodeport web --tcp=80 --dry-run=server -o";
    expect(type(`${dry} jsonpath={.spec.clusterIP}/{.spec.ports[0].nodePort}`).stdout).toBe(
      "10.96.0.0/32769",
    );
    expect(type("get svc web").exit).toBe(1);
  });
});

describe("help and explain", () => {
  it.each([
    ["", 0, "Commands:"],
    ["--help", 0, "Commands:"],
    ["run --help", 0, "kubectl run NAME --image=IMAGE"],
    ["help scale", 0, "--replicas=NUMBER"],
    ["create deployment -h", 0, "--image=TEXT..."],
    ["rollout", 1, "View rollout history"],
    ["rollout --help", 0, "View rollout history"],
    ["explain svc.spec.type", 0, "FIELD: type <string>\nENUM:\n    ClusterIP\n    ExternalName\n"],
    ["explain pods.spec.volumes", 0, "nothing here depends on it"],
    ["explain netpol", 0, "GROUP:      networking.k8s.io\n"],
  ])("%s", (command, exit, part) => {
    const result = terminal()(command);
    expect(result.exit).toBe(exit);
    expect(result.stdout).toContain(part);
  });

  it.each([
    ["set", "image"],
    ["create service", "clusterip"],
    ["-n", "flag needs an argument: 'n' in -n\nSee 'kubectl --help' for usage."],
    ["explain a b", "error: We accept only this format: explain RESOURCE"],
    ["explain pod --output=foo", "error: unrecognized format: foo"],
    ["explain secrets", "error: resource secrets is not modelled"],
    ["explain pod.spec.nope", 'error: field "nope" does not exist'],
  ])("%s is told on standard error", (command, part) => {
    const result = terminal()(command);
    expect(result.exit).toBe(1);
    expect(result.stderr).toContain(part);
  });
});

describe("labels", () => {
  it("take a pod out of its set, which makes another", () => {
    const type = terminal();
    type("create deployment web --image=nginx");
    const first = type("get pods -o name").stdout.trim();
    type(`label ${first} app=quarantine --overwrite`);
    expect(type("get pods -l app=web -o name").stdout).toMatch(/^pod\/web-.*\n$/);
    expect(type("get pods -l app=quarantine -o name").stdout).toBe(`${first}\n`);
    expect(type(`get ${first} -o jsonpath={.metadata.ownerReferences}`).stdout).toBe("");
    expect(type("get rs -o jsonpath={.items[0].status.readyReplicas}").stdout).toBe("1");
  });
});

describe("--record", () => {
  it("keeps the command for the history", () => {
    const type = terminal();
    type("create deployment web --image=nginx:1");
    const { stderr } = type("set image deploy/web nginx=nginx:2 --record");
    expect(stderr).toBe(
      "Flag --record has been deprecated, --record will be removed in the future\n",
    );
    expect(type("rollout history deploy/web").stdout).toContain(
      "2         kubectl set image deploy/web nginx=nginx:2 --record=true\n",
    );
  });
});

/**
 * `kubectl run`: one pod, and a Service with `--expose`.
 *
 * Follows: kubectl v0.35 pkg/cmd/run/run.go, pkg/generate/versioned/run.go.
 */
import { mistake, usage } from "../command/failure.js";
import { flags } from "../command/flags.js";
import type { Session } from "../session.js";
import { isDryRun, preview } from "./dry-run.js";

/** The flags of `run`. */
export const RUN_FLAGS = flags(
  "image! port= restart= l:labels= env* annotations* command expose i:stdin t:tty rm attach q:quiet image-pull-policy= dry-run=[unchanged] o:output= overrides= privileged leave-stdin-open field-manager= save-config",
);

const POLICIES = ["Always", "OnFailure", "Never"];
const IMAGE = /^[\w.\-/:@]+$/;

/** Runs `run`. */
export function run(session: Session): void {
  const { args } = session;
  const [name, ...words] = args.names;
  if (name === undefined) throw usage("run", "NAME is required for run");
  const image = args.text("image") ?? "";
  if (image === "") throw mistake("--image is required");
  if (!IMAGE.test(image) || /[A-Z]/.test(image.split(/[:@]/)[0] as string)) {
    throw mistake(`Invalid image name "${image}": invalid reference format`);
  }
  if (args.isSet("expose") && !args.has("port")) {
    throw usage("run", "--port must be set when exposing a service");
  }
  const restart = args.text("restart") ?? "Always";
  if (!POLICIES.includes(restart)) throw usage("run", `invalid restart policy: ${restart}`);
  const pod = podOf(session, name, [...words, ...(args.rest ?? [])]);
  if (isDryRun(session)) {
    preview(session, pod, "created");
    return;
  }
  session.create(pod);
  if (args.isSet("expose")) {
    session.create(serviceOf(session, name, pod));
    session.print(`service/${name} created`);
  }
  session.print(`pod/${name} created`);
}

function podOf(session: Session, name: string, words: readonly string[]) {
  const { args } = session;
  const port = args.text("port");
  const labels = args.has("labels") ? readPairs(args.text("labels") ?? "") : { run: name };
  const annotations = readPairs(args.list("annotations").join(","));
  const command = args.isSet("command") ? { command: words } : { args: words };
  const container = {
    name,
    image: args.text("image"),
    ...(args.has("image-pull-policy") ? { imagePullPolicy: args.text("image-pull-policy") } : {}),
    ...(words.length > 0 ? command : {}),
    ...(port === undefined ? {} : { ports: [{ containerPort: Number(port) }] }),
    ...(args.has("env") ? { env: args.list("env").map(readEnv) } : {}),
    ...(args.isSet("stdin") ? { stdin: true, stdinOnce: true } : {}),
    ...(args.isSet("tty") ? { tty: true } : {}),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: session.namespace,
      labels,
      ...(args.has("annotations") ? { annotations } : {}),
    },
    spec: {
      containers: [container],
      restartPolicy: args.text("restart") ?? "Always",
      dnsPolicy: "ClusterFirst",
    },
  };
}

function serviceOf(session: Session, name: string, pod: ReturnType<typeof podOf>) {
  const port = Number(session.args.text("port"));
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: session.namespace },
    spec: { selector: pod.metadata.labels, ports: [{ port, protocol: "TCP", targetPort: port }] },
  };
}

function readEnv(text: string) {
  const at = text.indexOf("=");
  if (at <= 0) throw mistake(`invalid env: ${text}`);
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** `a=1,b=2` as a map. */
export function readPairs(text: string): Record<string, string> {
  const pairs = text.split(",").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 0) throw mistake(`unexpected label spec: ${pair}`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

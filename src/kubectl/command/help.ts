/**
 * `--help`: what each verb is for, how it is typed, and the flags it takes. The texts are our own; those
 * of commands that only lead to others are kubectl's.
 */
import type { Flag } from "./flags.js";

/** What a verb is for, and examples of it. */
interface Topic {
  readonly summary: string;
  readonly usage: string;
  readonly examples: readonly string[];
}

const TOPICS: Readonly<Record<string, Topic>> = {
  run: {
    summary: "Run one pod.",
    usage: "run NAME --image=IMAGE [-- ARGUMENT...]",
    examples: [
      "run web --image=nginx --port=80",
      "run once --image=busybox --restart=Never -- date",
    ],
  },
  expose: {
    summary: "Make a Service for a pod, Deployment, ReplicaSet or another Service.",
    usage: "expose (TYPE NAME | TYPE/NAME | -f FILE) [--port=PORT] [--target-port=PORT]",
    examples: ["expose pod web --port=80", "expose deployment web --port=80 --type=NodePort"],
  },
  get: {
    summary: "Show objects: as tables, or whole in the form of -o.",
    usage: "get (TYPE[,TYPE...] [NAME...] | TYPE/NAME... | -f FILE)",
    examples: ["get pods -o wide", "get svc web -o yaml", "get pods -A -l app=web --show-labels"],
  },
  describe: {
    summary: "Show objects at length, with what hangs on them and their events.",
    usage: "describe (TYPE [NAME...] | TYPE/NAME... | -f FILE)",
    examples: ["describe svc web", "describe pods -l app=web"],
  },
  create: {
    summary:
      "Create objects from a file or standard input, or one of: deployment, namespace, service.",
    usage: "create (-f FILE | deployment NAME | namespace NAME | service TYPE NAME)",
    examples: ["create -f -", "create deployment web --image=nginx --replicas=2"],
  },
  "create deployment": {
    summary: "Create a Deployment.",
    usage: "create deployment NAME --image=IMAGE [-- COMMAND...]",
    examples: ["create deployment web --image=nginx --replicas=2 --port=80"],
  },
  "create namespace": {
    summary: "Create a namespace.",
    usage: "create namespace NAME",
    examples: ["create namespace shop"],
  },
  "create service clusterip": {
    summary: "Create a Service with an address inside the cluster, or a headless one.",
    usage: "create service clusterip NAME --tcp=PORT[:TARGET]",
    examples: ["create service clusterip web --tcp=80:8080"],
  },
  "create service nodeport": {
    summary: "Create a Service with a port on every node.",
    usage: "create service nodeport NAME --tcp=PORT[:TARGET] [--node-port=PORT]",
    examples: ["create service nodeport web --tcp=80 --node-port=30080"],
  },
  "create service loadbalancer": {
    summary: "Create a Service with an address of the load balancer.",
    usage: "create service loadbalancer NAME --tcp=PORT[:TARGET]",
    examples: ["create service loadbalancer web --tcp=443:8443"],
  },
  "create service externalname": {
    summary: "Create a Service that is another name of a host.",
    usage: "create service externalname NAME --external-name=HOST",
    examples: ["create service externalname db --external-name=db.example.com"],
  },
  apply: {
    summary: "Create what a file asks for, or change what is there to it.",
    usage: "apply -f FILE",
    examples: ["apply -f -", "apply -f shop.yaml --dry-run=server"],
  },
  delete: {
    summary: "Delete objects, and what they own.",
    usage: "delete (TYPE NAME... | TYPE/NAME... | TYPE (-l SELECTOR | --all) | -f FILE)",
    examples: ["delete pod web", "delete svc,deploy -l app=web"],
  },
  label: {
    summary: "Add, change or (with a dash at the end) remove labels.",
    usage: "label (TYPE NAME... | TYPE/NAME... | -f FILE) KEY=VALUE... KEY-...",
    examples: ["label pod web tier=front", "label pods --all tier-"],
  },
  annotate: {
    summary: "Add, change or (with a dash at the end) remove annotations.",
    usage: "annotate (TYPE NAME... | TYPE/NAME... | -f FILE) KEY=VALUE... KEY-...",
    examples: ['annotate pod web note="try this"'],
  },
  scale: {
    summary: "Set how many pods a Deployment, ReplicaSet or StatefulSet has.",
    usage: "scale --replicas=COUNT (TYPE NAME... | TYPE/NAME... | -f FILE)",
    examples: ["scale deployment web --replicas=3"],
  },
  "set image": {
    summary: "Set the images of containers; * stands for all of them.",
    usage: "set image (TYPE NAME | TYPE/NAME | -f FILE) CONTAINER=IMAGE...",
    examples: ["set image deployment/web nginx=nginx:1.27"],
  },
  "rollout status": {
    summary: "Say how far a roll-out has come.",
    usage: "rollout status (TYPE NAME | TYPE/NAME)",
    examples: ["rollout status deployment/web"],
  },
  "rollout history": {
    summary: "List the revisions of a Deployment, or show the template of one.",
    usage: "rollout history (TYPE NAME | TYPE/NAME) [--revision=NUMBER]",
    examples: ["rollout history deployment/web --revision=2"],
  },
  "rollout restart": {
    summary: "Replace all pods of a workload.",
    usage: "rollout restart (TYPE [NAME] | TYPE/NAME)",
    examples: ["rollout restart deployment/web"],
  },
  "rollout pause": {
    summary: "Stop a Deployment from rolling out changes.",
    usage: "rollout pause (TYPE NAME | TYPE/NAME)",
    examples: ["rollout pause deployment/web"],
  },
  "rollout resume": {
    summary: "Let a paused Deployment roll out its changes.",
    usage: "rollout resume (TYPE NAME | TYPE/NAME)",
    examples: ["rollout resume deployment/web"],
  },
  "rollout undo": {
    summary: "Go back to an earlier revision of a Deployment.",
    usage: "rollout undo (TYPE NAME | TYPE/NAME) [--to-revision=NUMBER]",
    examples: ["rollout undo deployment/web"],
  },
  exec: {
    summary: "Run a command in a pod of a running cluster.",
    usage: "exec (POD | TYPE/NAME) [-c CONTAINER] -- COMMAND [ARGUMENT...]",
    examples: ["exec client -- curl http://web"],
  },
  logs: {
    summary: "Say what a container wrote. Nothing is written here, so nothing is shown.",
    usage: "logs (POD | TYPE/NAME) [-c CONTAINER]",
    examples: ["logs web"],
  },
  explain: {
    summary: "Show the fields of a kind that are read here, and what is made of them.",
    usage: "explain TYPE[.FIELD...]",
    examples: ["explain pods.spec.containers", "explain svc.spec.type"],
  },
};

const MARKS = { bool: "", text: "=TEXT", list: "=TEXT...", number: "=NUMBER" } as const;

/** The help of a verb with its flags. */
export function helpOf(name: string, flags: readonly Flag[]): string {
  const { examples, summary, usage } = TOPICS[name] ?? { summary: "", usage: name, examples: [] };
  const options = flags
    .map((flag) => {
      const letter = flag.letter === undefined ? "    " : `-${flag.letter}, `;
      const mark = MARKS[flag.kind];
      return `  ${letter}--${flag.name}${flag.bare === undefined ? mark : `[${mark}]`}`;
    })
    .sort((a, b) => (a.slice(6) < b.slice(6) ? -1 : 1));
  const list = examples.map((example) => `  kubectl ${example}`);
  return [
    summary,
    "",
    "Examples:",
    ...list,
    "",
    "Options:",
    ...options,
    "",
    `Usage:\n  kubectl ${usage} [options]\n`,
  ].join("\n");
}

/** The help of kubectl as a whole. */
export function helpOfAll(): string {
  const verbs = Object.entries(TOPICS);
  const width = Math.max(...verbs.map(([name]) => name.length)) + 3;
  const list = verbs.map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);
  return `kubectl types at a cluster that is held in memory.

Commands:
${list.join("\n")}

Usage:
  kubectl [flags] COMMAND

Use "kubectl COMMAND --help" for the options of a command.
`;
}

const MORE = (name: string) =>
  `Use "kubectl ${name} <command> --help" for more information about a given command.
Use "kubectl options" for a list of global command-line options (applies to all commands).
`;

/** The help of commands that only lead to others. Source: kubectl v0.35 pkg/cmd. */
export const GROUP_HELP = {
  "create service": `Create a service using a specified subcommand.

Aliases:
service, svc

Available Commands:
  clusterip      Create a ClusterIP service
  externalname   Create an ExternalName service
  loadbalancer   Create a LoadBalancer service
  nodeport       Create a NodePort service

Usage:
  kubectl create service [flags] [options]

${MORE("create service")}`,
  set: `Configure application resources.

 These commands help you make changes to existing application resources.

Available Commands:
  env              Update environment variables on a pod template
  image            Update the image of a pod template
  resources        Update resource requests/limits on objects with pod templates
  selector         Set the selector on a resource
  serviceaccount   Update the service account of a resource
  subject          Update the user, group, or service account in a role binding or cluster role binding

Usage:
  kubectl set SUBCOMMAND [options]

${MORE("set")}`,
  rollout: `Manage the rollout of one or many resources.
        
 Valid resource types include:

  *  deployments
  *  daemonsets
  *  statefulsets

Examples:
  # Rollback to the previous deployment
  kubectl rollout undo deployment/abc
  
  # Check the rollout status of a daemonset
  kubectl rollout status daemonset/foo
  
  # Restart a deployment
  kubectl rollout restart deployment/abc
  
  # Restart deployments with the 'app=nginx' label
  kubectl rollout restart deployment --selector=app=nginx

Available Commands:
  history       View rollout history
  pause         Mark the provided resource as paused
  restart       Restart a resource
  resume        Resume a paused resource
  status        Show the status of the rollout
  undo          Undo a previous rollout

Usage:
  kubectl rollout SUBCOMMAND [options]

${MORE("rollout")}`,
} as const;

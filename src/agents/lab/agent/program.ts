/**
 * The program of the process that stands in each namespace of a lab. It is Python, for sockets of the
 * standard library can do there what Node's cannot: be told of ICMP errors (`IP_RECVERR`), answer
 * from the address that was asked (`IP_PKTINFO`), set the time to live and don't-fragment. Requests
 * and answers are lines of JSON (`protocol.ts`).
 */
import { CONNTRACK_PROGRAM } from "./program-conntrack.js";
import { LISTEN_PROGRAM } from "./program-listen.js";
import { PROBE_PROGRAM } from "./program-probe.js";
import { START_PROGRAM } from "./program-start.js";

const HEAD = `
import ctypes, errno, json, os, re, select, signal, socket, stat, struct, subprocess, sys
import threading, time

NAME = b""
lock = threading.Lock()
hearers = []

def tell(out, line):
    try:
        out.write(json.dumps(line) + "\\n")
        out.flush()
    except (OSError, ValueError):
        pass

def say_to_all(**line):
    with lock:
        for out in hearers:
            tell(out, line)
`;

const BODY = `
def run(command):
    try:
        return run_there(command)
    except OSError as error:
        return {"exitCode": 127, "stdout": "", "stderr": str(error)}

def run_there(command):
    done = subprocess.run(command["argv"], input=command.get("input", ""), capture_output=True,
        text=True, errors="replace")
    return {"exitCode": done.returncode, "stdout": done.stdout, "stderr": done.stderr}

# Only what is asked for is looked at: with many namespaces the kernel is slow to find a setting.
def read_sysctls(request):
    paths = ["net/" + name for name in request["names"]]
    for folder in request["folders"]:
        if os.path.isdir("/proc/sys/net/" + folder):
            paths += ["net/%s/%s" % (folder, name) for name in os.listdir("/proc/sys/net/" + folder)]
    for family in ("ipv4", "ipv6"):
        for link in os.listdir("/proc/sys/net/%s/conf" % family):
            paths += ["net/%s/conf/%s/%s" % (family, link, key) for key in request["ofLinks"]]
    values = {}
    for path in paths:
        try:
            with open("/proc/sys/" + path) as f:
                name = ".".join(part.replace(".", "/") for part in path.split("/"))
                values[name] = f.read().rstrip("\\n")
        except OSError:
            pass
    return values

PR_SET_PDEATHSIG, CLONE_NEWNET = 1, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
watched = None

# As "sysctl -p" does: dots and slashes are changed for each other, and what cannot be written in a
# namespace, for it is the whole machine's, is left.
def write_sysctls(lines):
    for line in lines:
        name, value = line.split("=", 1)
        path = name.strip().translate(str.maketrans("./", "/."))
        path = "/proc/sys/" + path
        if os.stat(path).st_mode & stat.S_IWUSR:
            with open(path, "w") as f:
                f.write(value.strip())

def read_file(path):
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return ""

# Whoever is asked to watch is the main thread: the program ends with it.
def watch(argv):
    global watched
    if watched:
        watched.kill()
        watched.wait()
    watched = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    threading.Thread(target=print_watched, args=(watched.stdout,), daemon=True).start()

def print_watched(out):
    while True:
        text = os.read(out.fileno(), 1 << 16)
        if not text:
            return
        say_to_all(kind="printed", text=text.decode("ascii", "replace"))

def mark(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.sendto(b"mark", ("127.0.0.1", port))
        except OSError:
            pass

def answer(request):
    kind = request["kind"]
    if kind == "probe":
        return probe(request)
    if kind == "run":
        return {"kind": "ran", "results": [run(c) for c in request["commands"]]}
    if kind == "sysctls":
        return {"kind": "told", "values": read_sysctls(request)}
    if kind == "conntrack" and request["action"] == "list":
        return {"kind": "tracked", "lines": list_conntrack()}
    if kind == "conntrack":
        flush_conntrack()
    if kind == "listen":
        listen(request["listeners"])
    if kind == "set":
        write_sysctls(request["lines"])
    if kind == "read":
        return {"kind": "ran", "results": [{"exitCode": 0, "stdout": read_file(request["path"]),
            "stderr": ""}]}
    if kind == "watch":
        watch(request["argv"])
    if kind == "settle":
        settle()
    if kind == "mark":
        mark(request["port"])
    return {"kind": "done"}

def converse(lines, out):
    with lock:
        hearers.append(out)
    for line in lines:
        request = json.loads(line)
        try:
            said = answer(request)
        except Exception as error:
            said = {"kind": "done", "error": "%s: %s" % (type(error).__name__, error)}
        said["id"] = request["id"]
        with lock:
            tell(out, said)
    with lock:
        hearers.remove(out)
`;

/**
 * The text for `python3 -c`. Its words: `serve NAME PATH`, in a namespace, for one who stays and is
 * reached through a socket; `all PARENT NAMES`, the pairs of names and real names as JSON, for one
 * child in each namespace that converses on descriptor 3, 4, …, and ends with its parent; or `folder
 * PATH`, for children that are asked for and spoken to through files.
 */
export const AGENT_PROGRAM = [
  HEAD,
  CONNTRACK_PROGRAM,
  LISTEN_PROGRAM,
  PROBE_PROGRAM,
  BODY,
  START_PROGRAM,
].join("");

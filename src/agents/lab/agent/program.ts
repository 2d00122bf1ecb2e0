/**
 * The program of the process that stands in each namespace of a lab. It is Python, for sockets of the
 * standard library can do there what Node's cannot: be told of ICMP errors (`IP_RECVERR`), answer
 * from the address that was asked (`IP_PKTINFO`), set the time to live and don't-fragment. Requests
 * and answers are lines of JSON (`protocol.ts`).
 */
import { CONNTRACK_PROGRAM } from "./program-conntrack.js";
import { LISTEN_PROGRAM } from "./program-listen.js";
import { PROBE_PROGRAM } from "./program-probe.js";

const HEAD = `
import ctypes, errno, json, os, re, select, signal, socket, struct, subprocess, sys, threading, time

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

def read_sysctls(pattern):
    wanted, values = re.compile(pattern), {}
    for folder, _, files in os.walk("/proc/sys/net"):
        for file in files:
            path = os.path.join(folder, file)
            name = ".".join(part.replace(".", "/") for part in path.split("/")[3:])
            if not wanted.search(name):
                continue
            try:
                with open(path) as f:
                    values[name] = f.read().rstrip("\\n")
            except OSError:
                pass
    return values

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
        return {"kind": "told", "values": read_sysctls(request["pattern"])}
    if kind == "conntrack" and request["action"] == "list":
        return {"kind": "tracked", "lines": list_conntrack()}
    if kind == "conntrack":
        flush_conntrack()
    if kind == "listen":
        listen(request["listeners"])
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

def serve(path):
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    s.bind(path)
    s.listen(16)
    # The one that waits for this program to be there waits for the end of its output.
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    while True:
        c, _ = s.accept()
        args = (c.makefile("r"), c.makefile("w"))
        threading.Thread(target=converse, args=args, daemon=True).start()

PR_SET_PDEATHSIG, CLONE_NEWNET = 1, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

# Ends with the lab, whatever happens to it.
def end_with_parent(parent):
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)

def enter(name):
    fd = os.open("/run/netns/" + name, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), name)
    os.close(fd)

def converse_on(fd):
    s = socket.socket(fileno=fd)
    try:
        converse(s.makefile("r"), s.makefile("w"))
    finally:
        os._exit(0)

# One child in each namespace: to start the program once for all is what makes a lab quick.
def serve_all(names):
    global NAME
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, fds = os.getpid(), range(3, 3 + len(names))
    for fd, (name, real) in zip(fds, names):
        if os.fork() > 0:
            continue
        end_with_parent(parent)
        for other in fds:
            if other != fd:
                os.close(other)
        NAME = name.encode()
        enter(real)
        converse_on(fd)
    for fd in fds:
        os.close(fd)
    sys.stdin.read()
    os._exit(0)

if sys.argv[1] == "serve":
    NAME = sys.argv[2].encode()
    serve(sys.argv[3])
else:
    end_with_parent(int(sys.argv[2]))
    serve_all(json.loads(sys.argv[3]))
`;

/**
 * The text for `python3 -c`. Its words: `serve NAME PATH`, in a namespace, for one who stays and is
 * reached through a socket; or `all PARENT NAMES`, the pairs of names and real names as JSON, for one
 * child in each namespace that converses on descriptor 3, 4, …; all end with their parent.
 */
export const AGENT_PROGRAM = [HEAD, CONNTRACK_PROGRAM, LISTEN_PROGRAM, PROBE_PROGRAM, BODY].join(
  "",
);

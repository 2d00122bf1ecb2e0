/** The part of an agent's program that puts it into its namespace and joins it to whoever asks. */

/** Python: reads the program's words, and does not return. */
export const START_PROGRAM = `
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

# How long nobody may give a sign of life, and how often requests are looked for, seconds.
PATIENCE, LOOK = 60, 0.015

def fork_agent(request, others):
    global NAME
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    if os.fork() > 0:
        theirs.close()
        return ours
    end_with_parent(parent)
    for s in [ours, *others]:
        s.close()
    NAME = request["name"].encode()
    if request["netns"] is not None:
        enter(request["netns"])
    converse_on(theirs.detach())

def whole_lines(s, rests):
    data = rests.pop(s, b"") + s.recv(1 << 20)
    lines, _, rests[s] = data.rpartition(b"\\n")
    return lines.split(b"\\n") if lines else []

# Two files are all that both machines see: requests are read as they grow, answers added.
def serve_folder(folder):
    requests = os.open(folder + "/requests", os.O_RDONLY)
    answers = os.open(folder + "/answers", os.O_WRONLY | os.O_APPEND)
    sockets, rests, rest, heard = {}, {}, b"", time.monotonic()
    while time.monotonic() - heard < PATIENCE:
        keys = {s: key for key, s in sockets.items()}
        for s in select.select(list(keys), [], [], LOOK)[0]:
            lines = whole_lines(s, rests)
            if lines:
                text = b"".join(keys[s].encode() + b"\\t" + line + b"\\n" for line in lines)
                while text:
                    text = text[os.write(answers, text):]
        data = os.read(requests, 1 << 20)
        if not data:
            continue
        heard = time.monotonic()
        lines, _, rest = (rest + data).rpartition(b"\\n")
        for line in lines.split(b"\\n"):
            if not line:
                continue
            request = json.loads(line)
            if "open" in request:
                sockets[request["open"]] = fork_agent(request, sockets.values())
            elif "to" in request:
                sockets[request["to"]].sendall(request["text"].encode())
            elif "close" in request:
                sockets.pop(request["close"]).close()
            else:
                os._exit(0)
        while sockets and os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass

if sys.argv[1] == "serve":
    NAME = sys.argv[2].encode()
    serve(sys.argv[3])
elif sys.argv[1] == "folder":
    serve_folder(sys.argv[2])
else:
    end_with_parent(int(sys.argv[2]))
    serve_all(json.loads(sys.argv[3]))
`;

/**
 * The program of the process that stands in each namespace of a lab. It is Python, for sockets of the
 * standard library can do there what Node's cannot: be told of ICMP errors (`IP_RECVERR`), answer
 * from the address that was asked (`IP_PKTINFO`), set the time to live and don't-fragment. Requests
 * and answers are lines of JSON (`agent-protocol.ts`).
 */

/** The text for `python3 -c`; the namespace's name is its first argument. */
export const AGENT_PROGRAM = `
import ctypes, errno, json, os, select, socket, struct, sys, threading

NAME = sys.argv[1].encode()
lock = threading.Lock()
IP_PKTINFO, IP_RECVERR, IP_MTU_DISCOVER = 8, 11, 10
IPV6_RECVPKTINFO, IPV6_PKTINFO, IPV6_RECVERR, IPV6_MTU_DISCOVER = 49, 50, 25, 23

# Ends with the lab, whatever happens to it.
ctypes.CDLL(None).prctl(1, 15)

def say(**line):
    with lock:
        sys.stdout.write(json.dumps(line) + "\\n")
        sys.stdout.flush()

def saw(proto, local, lport, peer, pport):
    say(kind="saw", proto=proto, local=local, lport=lport, peer=peer, pport=pport)

def listener(family, kind, port):
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    return s

def serve_tcp(s):
    while True:
        c, peer = s.accept()
        local = c.getsockname()
        saw("tcp", local[0], local[1], peer[0], peer[1])
        try:
            c.sendall(NAME)
            c.close()
        except OSError:
            pass

def serve_udp(s, family, port):
    if family == socket.AF_INET:
        s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
    while True:
        try:
            _, ancillary, _, peer = s.recvmsg(65536, 1024)
        except OSError:
            continue
        local, info = "", []
        for level, kind, data in ancillary:
            if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
                local = socket.inet_ntop(family, data[8:12])
                info = [(level, kind, struct.pack("I4s4s", 0, data[8:12], bytes(4)))]
            if level == socket.IPPROTO_IPV6 and kind == IPV6_PKTINFO:
                local = socket.inet_ntop(family, data[:16])
                info = [(level, kind, data[:16] + struct.pack("I", 0))]
        saw("udp", local, port, peer[0], peer[1])
        try:
            s.sendmsg([NAME], info, 0, peer)
        except OSError:
            pass

def listen(request):
    for one in request["listeners"]:
        for family in (socket.AF_INET, socket.AF_INET6):
            if one["protocol"] == "tcp":
                s = listener(family, socket.SOCK_STREAM, one["port"])
                s.listen(64)
                threading.Thread(target=serve_tcp, args=(s,), daemon=True).start()
            else:
                s = listener(family, socket.SOCK_DGRAM, one["port"])
                args = (s, family, one["port"])
                threading.Thread(target=serve_udp, args=args, daemon=True).start()
    say(kind="done", id=request["id"])

def icmp_of(s, family):
    try:
        _, ancillary, _, _ = s.recvmsg(512, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
    except OSError:
        return None
    for level, kind, data in ancillary:
        if kind in (IP_RECVERR, IPV6_RECVERR) and len(data) >= 16:
            _, origin, type_, code, _, info, _ = struct.unpack("IBBBBII", data[:16])
            if origin not in (2, 3):
                continue
            offender = data[20:24] if family == socket.AF_INET else data[24:40]
            sender = socket.inet_ntop(family, offender)
            return {"type": type_, "code": code, "from": sender, "info": info}
    return None

def name_of(error):
    if isinstance(error, (socket.timeout, TimeoutError)):
        return "timeout"
    return errno.errorcode.get(error.errno, str(error))

def open_socket(request, family):
    kind = socket.SOCK_STREAM if request["proto"] == "tcp" else socket.SOCK_DGRAM
    s = socket.socket(family, kind)
    s.settimeout(request["timeoutMs"] / 1000)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    is4 = family == socket.AF_INET
    level = socket.IPPROTO_IP if is4 else socket.IPPROTO_IPV6
    s.setsockopt(level, IP_RECVERR if is4 else IPV6_RECVERR, 1)
    if "ttl" in request:
        s.setsockopt(level, 2 if is4 else 16, request["ttl"])
    if request.get("df"):
        s.setsockopt(level, IP_MTU_DISCOVER if is4 else IPV6_MTU_DISCOVER, 2)
    s.bind((request.get("src", "0.0.0.0" if is4 else "::"), request["sport"]))
    return s

def converse(s, request):
    s.connect((request["dst"], request["dport"]))
    if request["proto"] == "udp":
        s.send(b"x" * request.get("size", 8))
        return s.recv(4096)
    text = b""
    while True:
        more = s.recv(4096)
        if not more:
            return text
        text += more

def probe(request):
    family = socket.AF_INET6 if ":" in request["dst"] else socket.AF_INET
    got = {"kind": "probed", "id": request["id"], "sport": request["sport"], "src": ""}
    s = None
    try:
        s = open_socket(request, family)
        got["answeredBy"] = converse(s, request).decode()
        got["result"] = "ok"
    except OSError as error:
        got["result"] = name_of(error)
        icmp = s and icmp_of(s, family)
        if icmp:
            got["icmp"] = icmp
    if s is not None:
        try:
            got["src"] = s.getsockname()[0]
        except OSError:
            pass
        s.close()
    say(**got)

for line in sys.stdin:
    request = json.loads(line)
    try:
        (probe if request["kind"] == "probe" else listen)(request)
    except Exception as error:
        say(kind="done", id=request["id"], error=str(error))
os._exit(0)
`;

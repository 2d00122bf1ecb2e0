/** The part of an agent's program that opens conversations and tells what its socket was told. */

/** Python: `probe(request)` gives an answer of kind `probed`. */
export const PROBE_PROGRAM = `
IP_RECVERR, IP_MTU_DISCOVER, IPV6_RECVERR, IPV6_MTU_DISCOVER = 11, 10, 25, 23

def icmp_of(s, family):
    # With a time limit of its own, Python would wait for an empty queue to fill.
    s.settimeout(0)
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
    icmp = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    s = socket.socket(family, kind, icmp if request["proto"] == "icmp" else 0)
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

def ask(s, request):
    s.connect((request["dst"], request["dport"]))
    if request["proto"] == "icmp":
        echo = 8 if s.family == socket.AF_INET else 128
        s.send(struct.pack(">BBHHH", echo, 0, 0, 0, 1) + b"x" * request.get("size", 8))
        s.recv(65536)
        return None
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
    got = {"kind": "probed", "sport": request["sport"], "src": ""}
    s = None
    try:
        s = open_socket(request, family)
        answer = ask(s, request)
        if answer is not None:
            got["answeredBy"] = answer.decode()
        got["result"] = "ok"
    except OSError as error:
        got["result"] = name_of(error)
        icmp = s and icmp_of(s, family)
        if icmp:
            got["icmp"] = icmp
    if s is not None:
        try:
            got["src"], got["sport"] = s.getsockname()[:2]
        except OSError:
            pass
        s.close()
    return got
`;

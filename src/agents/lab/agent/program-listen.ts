/** The part of an agent's program that listens: it answers with the namespace's name. */

/**
 * Python: `listen(listeners)`, which tells what it hears by `say_to_all(kind="saw", …)`, and
 * `settle()`, which waits until everything that has arrived is told.
 */
export const LISTEN_PROGRAM = `
IP_PKTINFO, IPV6_RECVPKTINFO, IPV6_PKTINFO = 8, 49, 50

def saw(proto, local, lport, peer, pport):
    say_to_all(kind="saw", proto=proto, local=local, lport=lport, peer=peer, pport=pport)

def listener(family, kind, port):
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    s.setblocking(False)
    return s

def answer_tcp(s):
    c, peer = s.accept()
    local = c.getsockname()
    saw("tcp", local[0], local[1], peer[0], peer[1])
    c.sendall(NAME)
    c.close()

def answer_udp(s):
    _, ancillary, _, peer = s.recvmsg(65536, 1024)
    family, port = s.family, s.getsockname()[1]
    local, info = "", []
    for level, kind, data in ancillary:
        if level == socket.IPPROTO_IP and kind == IP_PKTINFO:
            local = socket.inet_ntop(family, data[8:12])
            info = [(level, kind, struct.pack("I4s4s", 0, data[8:12], bytes(4)))]
        if level == socket.IPPROTO_IPV6 and kind == IPV6_PKTINFO:
            local = socket.inet_ntop(family, data[:16])
            info = [(level, kind, data[:16] + struct.pack("I", 0))]
    saw("udp", local, port, peer[0], peer[1])
    s.sendmsg([NAME], info, 0, peer)

# Held from taking something in until it is told.
hearing = threading.Lock()
listening = []

def serve_socket(s, answer):
    while True:
        select.select([s], [], [])
        with hearing:
            try:
                answer(s)
            except OSError:
                pass

def settle():
    while True:
        with hearing:
            if not select.select(listening, [], [], 0)[0]:
                return
        time.sleep(0.001)

def listen(listeners):
    for one in listeners:
        for family in (socket.AF_INET, socket.AF_INET6):
            is_tcp = one["protocol"] == "tcp"
            s = listener(family, socket.SOCK_STREAM if is_tcp else socket.SOCK_DGRAM, one["port"])
            if is_tcp:
                s.listen(64)
            elif family == socket.AF_INET:
                s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
            else:
                s.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
            listening.append(s)
            args = (s, answer_tcp if is_tcp else answer_udp)
            threading.Thread(target=serve_socket, args=args, daemon=True).start()
`;

/** The part of an agent's program that listens: it answers with the namespace's name. */

/** Python: `listen(listeners)`, which tells what it hears by `say_to_all(kind="saw", …)`. */
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

def listen(listeners):
    for one in listeners:
        for family in (socket.AF_INET, socket.AF_INET6):
            if one["protocol"] == "tcp":
                s = listener(family, socket.SOCK_STREAM, one["port"])
                s.listen(64)
                threading.Thread(target=serve_tcp, args=(s,), daemon=True).start()
            else:
                s = listener(family, socket.SOCK_DGRAM, one["port"])
                args = (s, family, one["port"])
                threading.Thread(target=serve_udp, args=args, daemon=True).start()
`;

/**
 * The part of an agent's program that reads and empties the connection table, in the words of
 * nfnetlink: a fork of `conntrack` for every namespace and probe would take longer than the probe.
 * Follows: Linux 6.1 include/uapi/linux/netfilter/nfnetlink_conntrack.h.
 */

/** Python: `flush_conntrack()` and `list_conntrack()`, which gives lines as `conntrack -L` does. */
export const CONNTRACK_PROGRAM = `
TCP_STATES = ["NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK",
    "TIME_WAIT", "CLOSE", "SYN_SENT2"]
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6", 132: "sctp"}
NETLINK_NETFILTER, GET, DELETE = 12, 0x101, 0x102
REQUEST, ACK, DUMP = 0x1, 0x4, 0x300

def talk(kind, flags):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.bind((0, 0))
    s.send(struct.pack("=IHHIIBBH", 20, kind, REQUEST | flags, 1, 0, 0, 0, 0))
    found = []
    while True:
        data = s.recv(1 << 16)
        while len(data) >= 16:
            size, what, _, _, _ = struct.unpack("=IHHII", data[:16])
            if what in (2, 3):
                s.close()
                failed = what == 2 and struct.unpack("=i", data[16:20])[0]
                if failed:
                    raise OSError(-failed, os.strerror(-failed))
                return found
            found.append(data[20:size])
            data = data[(size + 3) & ~3:]

def attributes(data):
    found = {}
    while len(data) >= 4:
        size, kind = struct.unpack("=HH", data[:4])
        found[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3:]
    return found

def number(data):
    return int.from_bytes(data, "big")

def print_tuple(data):
    t = attributes(data)
    ip, proto = attributes(t[1]), attributes(t[2])
    family = socket.AF_INET if 1 in ip else socket.AF_INET6
    src, dst = (ip[1], ip[2]) if 1 in ip else (ip[3], ip[4])
    words = ["src=" + socket.inet_ntop(family, src), "dst=" + socket.inet_ntop(family, dst)]
    for names in ((("sport", 2), ("dport", 3)), (("type", 5), ("code", 6), ("id", 4)),
                  (("type", 8), ("code", 9), ("id", 7))):
        words += ["%s=%d" % (n, number(proto[k])) for n, k in names if k in proto]
    return number(proto[1]), " ".join(words)

def print_entry(data):
    a = attributes(data)
    protocol, original = print_tuple(a[1])
    _, reply = print_tuple(a[2])
    status = number(a[3]) if 3 in a else 0
    info = attributes(a[4]) if 4 in a else {}
    state = TCP_STATES[attributes(info[1])[1][0]] if 1 in info else ""
    words = [PROTOCOLS.get(protocol, "unknown"), str(protocol), str(number(a.get(7, b""))), state,
        original, "" if status & 2 else "[UNREPLIED]", reply, "[ASSURED]" if status & 4 else "",
        "mark=%d" % number(a.get(8, b""))]
    return " ".join(w for w in words if w)

def flush_conntrack():
    talk(DELETE, ACK)

def count_conntrack():
    try:
        with open("/proc/sys/net/netfilter/nf_conntrack_count") as f:
            return int(f.read())
    except OSError:
        return 0

# The kernel has one table for all namespaces and walks the whole of it for each that asks.
def list_conntrack():
    return [] if count_conntrack() == 0 else [print_entry(data) for data in talk(GET, DUMP)]
`;

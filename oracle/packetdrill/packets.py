"""IPv4 packets with TCP or ICMP inside: building what is injected, reading what the kernel sends."""
import struct

FLAGS = "FSRP.UEWA"
SYN, RST, ACK, URG, ECE, CWR = 2, 4, 16, 32, 64, 128
U32 = 1 << 32


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pack_address(text):
    return bytes(int(part) for part in text.split("."))


def ipv4(src, dst, protocol, tos, ttl, body):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, tos, 20 + len(body), 0, 0, ttl, protocol, 0,
                         pack_address(src), pack_address(dst))
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body


def tcp(src, dst, sport, dport, seq, ack, flags, window, urgent, options, length, tos=0, ttl=255):
    """A whole IPv4 packet; the payload is zeros."""
    size = 20 + len(options)
    head = struct.pack("!HHIIHHHH", sport, dport, seq, ack, (size // 4) << 12 | flags, window, 0, urgent)
    segment = head + options + bytes(length)
    pseudo = pack_address(src) + pack_address(dst) + struct.pack("!BBH", 0, 6, len(segment))
    total = checksum(pseudo + segment)
    return ipv4(src, dst, 6, tos, ttl, segment[:16] + struct.pack("!H", total) + segment[18:])


def icmp_about(src, dst, kind, code, mtu, quoted_ports, quoted_seq, quoted_length, tos=0, ttl=255):
    """An ICMP error from `src` to `dst` about a TCP segment that `dst` sent to `src`."""
    quoted = struct.pack("!HHI", *quoted_ports, quoted_seq)
    inner = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + quoted_length, 0, 0x4000, 64, 6, 0,
                        pack_address(dst), pack_address(src))
    inner = inner[:10] + struct.pack("!H", checksum(inner)) + inner[12:] + quoted
    body = struct.pack("!BBHHH", kind, code, 0, 0, mtu) + inner
    return ipv4(src, dst, 1, tos, ttl, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


class Segment:
    """What the kernel sent."""

    def __init__(self, data):
        size = (data[0] & 15) * 4
        total = struct.unpack_from("!H", data, 2)[0] or len(data)
        self.tos, self.ttl = data[1], data[8]
        self.src = ".".join(map(str, data[12:16]))
        self.dst = ".".join(map(str, data[16:20]))
        body = data[size:max(total, size)]
        (self.sport, self.dport, self.seq, self.ack, word, self.window, _, self.urgent) = struct.unpack_from(
            "!HHIIHHHH", body)
        offset = (word >> 12) * 4
        self.flags = word & 0x1FF
        self.option_bytes = body[20:offset]
        self.payload = body[offset:]
        self.length = len(self.payload)
        self.at = 0


def read_options(data):
    """[(kind name, values…)] in the order of the wire."""
    out, at = [], 0
    while at < len(data):
        kind = data[at]
        if kind == 0:
            out.append(("eol",))
            at += 1
            continue
        if kind == 1:
            out.append(("nop",))
            at += 1
            continue
        size = data[at + 1]
        body = data[at + 2:at + size]
        if kind == 2:
            out.append(("mss", struct.unpack("!H", body)[0]))
        elif kind == 3:
            out.append(("wscale", body[0]))
        elif kind == 4:
            out.append(("sackOK",))
        elif kind == 5:
            out.append(("sack", *struct.unpack(f"!{len(body) // 4}I", body)))
        elif kind == 8:
            out.append(("TS", *struct.unpack("!II", body)))
        elif kind == 34:
            out.append(("FO", body.hex()))
        elif kind == 254 and body[:2] == b"\xf9\x89":
            out.append(("FOEXP", body[2:].hex()))
        elif kind == 19:
            out.append(("md5", body.hex()))
        elif kind in (172, 174):
            counters = [int.from_bytes(body[i:i + 3], "big") for i in range(0, len(body), 3)]
            names = ("e0b", "ceb", "e1b") if kind == 172 else ("e1b", "ceb", "e0b")
            out.append(("ECN", *[f"{name} {value}" for name, value in zip(names, counters)]))
        else:
            out.append((f"kind{kind}", body.hex()))
        at += size
    return out


def option_bytes(options):
    """Bytes of options as the script's tree has them; numbers are live ones already."""
    out = b""
    for option in options:
        kind = option["kind"]
        if kind == "mss":
            out += struct.pack("!BBH", 2, 4, option["value"])
        elif kind == "wscale":
            out += bytes((3, 3, option["shift"]))
        elif kind == "sackOK":
            out += b"\x04\x02"
        elif kind == "nop":
            out += b"\x01"
        elif kind == "eol":
            out += b"\x00"
        elif kind == "sack":
            blocks = option["blocks"]
            out += bytes((5, 2 + 8 * len(blocks)))
            for block in blocks:
                out += struct.pack("!II", block["left"], block["right"])
        elif kind == "TS":
            out += struct.pack("!BBII", 8, 10, option["val"], option["ecr"])
        elif kind == "ECN":
            names = [counter["name"] for counter in option["counters"]]
            number = 172 if names[0] == "e0b" else 174
            body = b"".join(counter["value"].to_bytes(3, "big") for counter in option["counters"])
            out += bytes((number, 2 + len(body))) + body
        else:
            value = bytes.fromhex(option["bytes"])
            head = {"FO": b"\x22", "FOEXP": b"\xfe", "md5": b"\x13"}[kind]
            magic = b"\xf9\x89" if kind == "FOEXP" else b""
            out += head + bytes((2 + len(magic) + len(value),)) + magic + value
    return out


def flag_text(flags):
    letters = "".join(letter for bit, letter in enumerate(FLAGS) if flags >> bit & 1 and letter != ".")
    return letters + ("." if flags & ACK else "") or "-"

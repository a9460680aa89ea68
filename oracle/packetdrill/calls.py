"""The system calls of scripts, made for real through libc: arguments as the script's tree has them."""
import ctypes
import errno
import os
import struct

from netns import LIBC

AF_INET = 2
MSG_FASTOPEN = 0x20000000
STRUCT_OPTIONS = {(1, 13): "linger", (1, 20): "timeval", (1, 21): "timeval"}


class Outcome:
    """result ≥ 0 or minus an errno; `shown` are values that came back: [(what, expected or None, actual)]."""

    def __init__(self, result, shown=()):
        self.result, self.shown = result, list(shown)


class Calls:
    def __init__(self, settings, flows):
        self.settings, self.flows = settings, flows
        self.live = {}

    def run(self, call):
        return getattr(self, "do_" + call["name"])(call["args"], call)

    # --- arguments ---

    def fd(self, expression):
        """Names that the script never bound are descriptors that are not open."""
        return self.live.get(expression["value"], 900 + expression["value"] % 100)

    def buffer(self, expression, size):
        if expression["kind"] == "number" and expression["value"] == 0:
            return None
        if expression["kind"] == "string":
            data = expression["value"].encode()
            return ctypes.create_string_buffer(data, max(size, len(data), 1))
        return ctypes.create_string_buffer(max(size, 1))

    def address(self, expression, host, port):
        """@returns (bytes or None, port)"""
        if expression["kind"] == "number":
            return (struct.pack("=H14x", expression["value"]), 0) if expression["word"] else (None, 0)
        if expression["kind"] == "struct":
            fields = fields_of(expression)
            port = last_number(fields.get("sin_port"), 0)
            text = fields.get("sin_addr")
            host = last_string(text) if text else "0.0.0.0"
        return sockaddr(host, port), port

    def pieces(self, expression):
        vector = (Iovec * max(1, len(expression["items"])))()
        keep = []
        for slot, item in zip(vector, expression["items"]):
            size = item["fields"][1]["value"]["value"]
            data = self.buffer(item["fields"][0]["value"], size)
            keep.append(data)
            slot.base, slot.size = ctypes.cast(data, ctypes.c_void_p), size
        return vector, len(expression["items"]), keep

    def message(self, expression):
        fields = {f["name"]: f for f in expression["fields"]}
        message = Message()
        keep = []
        if "msg_iov" in fields:
            vector, count, kept = self.pieces(fields["msg_iov"]["value"])
            argument = fields["msg_iov"]["argument"]
            message.iov, message.iovlen = ctypes.cast(vector, ctypes.c_void_p), count
            if argument and argument["kind"] == "number":
                message.iovlen = argument["value"]
            keep += [vector, kept]
        return message, keep

    # --- sockets ---

    def bind_fd(self, call, result):
        if result >= 0:
            self.live[call["result"]] = result
            return Outcome(call["result"])
        return Outcome(result)

    def do_socket(self, args, call):
        family = AF_INET if args[0]["kind"] == "ellipsis" else args[0]["value"]
        result = invoke(LIBC.socket, family, args[1]["value"], args[2]["value"])
        if result >= 0:
            self.flows.on_socket(result)
        return self.bind_fd(call, result)

    def do_bind(self, args, _):
        data, port = self.address(args[1], self.settings["addresses"]["local"], self.settings["bindPort"])
        result = invoke(LIBC.bind, self.fd(args[0]), data, 16)
        if result >= 0 and port:
            self.flows.bound_port = port
        return Outcome(result)

    def do_listen(self, args, _):
        name = args[0]["value"]
        if name not in self.live:  # scripts that begin in CLOSED, with the opening calls cut out
            self.live[name] = LIBC.socket(AF_INET, 1, 6)
            LIBC.setsockopt(self.live[name], 1, 2, struct.pack("i", 1), 4)
            LIBC.bind(self.live[name], sockaddr(self.settings["addresses"]["local"], self.settings["bindPort"]), 16)
        result = invoke(LIBC.listen, self.fd(args[0]), args[1]["value"])
        if result >= 0:
            self.flows.on_listen(self.fd(args[0]))
        return Outcome(result)

    def do_accept(self, args, call):
        address = ctypes.create_string_buffer(16)
        size = ctypes.c_int(16)
        result = invoke(LIBC.accept, self.fd(args[0]), address, ctypes.byref(size))
        if result >= 0:
            self.flows.on_accept(result, struct.unpack_from("!H", address.raw, 2)[0])
        return self.bind_fd(call, result)

    def do_connect(self, args, _):
        data, port = self.address(args[1], self.settings["addresses"]["remote"], self.settings["connectPort"])
        if port:
            self.flows.on_connect(self.fd(args[0]), port)
        return Outcome(invoke(LIBC.connect, self.fd(args[0]), data, 16))

    def do_shutdown(self, args, _):
        return Outcome(invoke(LIBC.shutdown, self.fd(args[0]), args[1]["value"]))

    def do_close(self, args, _):
        result = invoke(LIBC.close, self.fd(args[0]))
        self.live.pop(args[0]["value"], None)
        return Outcome(result)

    # --- data ---

    def do_read(self, args, _):
        size = args[2]["value"]
        return Outcome(invoke(LIBC.read, self.fd(args[0]), self.buffer(args[1], size), ctypes.c_size_t(size)))

    def do_write(self, args, _):
        size = args[2]["value"]
        return Outcome(invoke(LIBC.write, self.fd(args[0]), self.buffer(args[1], size), ctypes.c_size_t(size)))

    def do_recv(self, args, _):
        size = args[2]["value"]
        return Outcome(invoke(LIBC.recv, self.fd(args[0]), self.buffer(args[1], size), ctypes.c_size_t(size),
                              args[3]["value"]))

    do_recvfrom = do_recv

    def do_send(self, args, _):
        size = args[2]["value"]
        return Outcome(invoke(LIBC.send, self.fd(args[0]), self.buffer(args[1], size), ctypes.c_size_t(size),
                              args[3]["value"]))

    def do_sendto(self, args, _):
        size = args[2]["value"]
        target, port = None, 0
        if args[4]["kind"] != "number":
            target, port = self.address(args[4], self.settings["addresses"]["remote"], self.settings["connectPort"])
        if args[3]["value"] & MSG_FASTOPEN and port:
            self.flows.on_connect(self.fd(args[0]), port)
        return Outcome(invoke(LIBC.sendto, self.fd(args[0]), self.buffer(args[1], size), ctypes.c_size_t(size),
                              args[3]["value"], target, 16 if target else 0))

    def do_readv(self, args, _):
        vector, count, _keep = self.pieces(args[1])
        return Outcome(invoke(LIBC.readv, self.fd(args[0]), vector, args[2]["value"] if count else 0))

    def do_writev(self, args, _):
        vector, count, _keep = self.pieces(args[1])
        return Outcome(invoke(LIBC.writev, self.fd(args[0]), vector, args[2]["value"] if count else 0))

    def do_sendmsg(self, args, _):
        message, _keep = self.message(args[1])
        return Outcome(invoke(LIBC.sendmsg, self.fd(args[0]), ctypes.byref(message), args[2]["value"]))

    def do_recvmsg(self, args, _):
        message, _keep = self.message(args[1])
        return Outcome(invoke(LIBC.recvmsg, self.fd(args[0]), ctypes.byref(message), args[2]["value"]))

    # --- options and control ---

    def do_setsockopt(self, args, _):
        level, name, value = args[1]["value"], args[2]["value"], args[3]
        size = args[4]["value"] if args[4]["kind"] == "number" else 4
        if value["kind"] == "string":
            data = value["value"].encode() + b"\0" * 64
        elif value["kind"] == "struct":
            data = pack_struct(value, STRUCT_OPTIONS.get((level, name)))
            size = max(size, len(data))
        else:
            number = value["items"][0]["value"] if value["kind"] == "list" else value["value"]
            data = struct.pack("=q", number) if number >= 1 << 31 else struct.pack("=i4x", number)
        return Outcome(invoke(LIBC.setsockopt, self.fd(args[0]), level, name, data, size))

    def do_getsockopt(self, args, _):
        level, name, value = args[1]["value"], args[2]["value"], args[3]
        asked = args[4]["items"][0]["value"] if args[4]["kind"] == "list" and args[4]["items"] else 64
        kind = STRUCT_OPTIONS.get((level, name))
        size = ctypes.c_int(16 if kind else max(asked, 64) if value["kind"] == "string" else asked)
        data = ctypes.create_string_buffer(256)
        result = invoke(LIBC.getsockopt, self.fd(args[0]), level, name, data, ctypes.byref(size))
        if result < 0:
            return Outcome(result)
        raw = data.raw[:size.value]
        if value["kind"] == "string":
            text = raw.split(b"\0")[0].decode()
            return Outcome(0, [("value", value["value"], text)])
        if value["kind"] == "struct":
            return Outcome(0, [("value", pack_struct(value, kind)[:len(raw)].hex(), raw.hex())])
        if value["kind"] == "ellipsis":
            return Outcome(0)
        actual = int.from_bytes(raw[:4], "little", signed=True)
        shown = [("value", value["items"][0]["value"] if value["kind"] == "list" else value["value"], actual)]
        if args[4]["kind"] == "list":
            shown.append(("length", asked, size.value))
        return Outcome(0, shown)

    def do_fcntl(self, args, _):
        third = args[2]["value"] if len(args) > 2 else 0
        return Outcome(invoke(LIBC.fcntl, self.fd(args[0]), args[1]["value"], ctypes.c_long(third)))

    def do_ioctl(self, args, _):
        value = ctypes.c_int(0)
        result = invoke(LIBC.ioctl, self.fd(args[0]), ctypes.c_ulong(args[1]["value"]), ctypes.byref(value))
        expected = args[2]["items"][0]["value"] if len(args) > 2 and args[2]["kind"] == "list" else None
        return Outcome(result, [("value", expected, value.value)] if result >= 0 else [])

    # --- readiness ---

    def do_poll(self, args, _):
        items = [fields_of(item) for item in args[0]["items"]]
        number = lambda fields, name: fields[name]["value"] if name in fields else 0
        table = b"".join(struct.pack("=ihh", self.fd(f["fd"]), number(f, "events"), 0) for f in items)
        data = ctypes.create_string_buffer(table, len(table))
        result = invoke(LIBC.poll, data, ctypes.c_ulong(args[1]["value"]), args[2]["value"])
        came = [struct.unpack_from("=ihh", data.raw, 8 * i)[2] & 0xFFFF for i in range(len(items))]
        return Outcome(result, [("revents", number(f, "revents"), r) for f, r in zip(items, came)])

    def do_epoll_create(self, args, call):
        return self.bind_fd(call, invoke(LIBC.epoll_create, args[0]["value"]))

    def do_epoll_ctl(self, args, _):
        fields = fields_of(args[3]) if len(args) > 3 and args[3]["kind"] == "struct" else {}
        data = struct.pack("=IQ", fields.get("events", {"value": 0})["value"] & 0xFFFFFFFF, epoll_data(fields))
        return Outcome(invoke(LIBC.epoll_ctl, self.fd(args[0]), args[1]["value"], self.fd(args[2]), data))

    def do_epoll_wait(self, args, _):
        count = args[2]["value"]
        data = ctypes.create_string_buffer(12 * max(1, count))
        result = invoke(LIBC.epoll_wait, self.fd(args[0]), data, count, args[3]["value"])
        fields = fields_of(args[1])
        if result <= 0:
            return Outcome(result)
        events, user = struct.unpack_from("=IQ", data.raw)
        return Outcome(result, [("events", fields.get("events", {"value": 0})["value"] & 0xFFFFFFFF, events),
                                ("data", epoll_data(fields), user)])


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class Message(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.c_void_p),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]


for _name in ("read", "write", "recv", "send", "sendto", "readv", "writev", "sendmsg", "recvmsg"):
    getattr(LIBC, _name).restype = ctypes.c_ssize_t


def invoke(function, *args):
    """The result, or minus the errno. The GIL is not held meanwhile."""
    ctypes.set_errno(0)
    result = function(*args)
    return result if result >= 0 else -ctypes.get_errno()


def sockaddr(host, port):
    return struct.pack("=H", AF_INET) + struct.pack("!H", port) + bytes(map(int, host.split("."))) + bytes(8)


def fields_of(expression):
    return {field["name"]: field["value"] for field in expression["fields"]}


def last_number(expression, otherwise):
    if expression is None:
        return otherwise
    return last_number(expression["args"][0], otherwise) if expression["kind"] == "apply" else expression["value"]


def last_string(expression):
    return last_string(expression["args"][-1]) if expression["kind"] == "apply" else expression["value"]


def epoll_data(fields):
    for name in ("fd", "ptr", "u32", "u64"):
        if name in fields:
            return fields[name]["value"]
    return 0


def pack_struct(expression, kind):
    numbers = [field["value"]["value"] for field in expression["fields"]]
    return struct.pack("=qq" if kind == "timeval" else "=ii", *numbers)


def errno_name(result):
    return errno.errorcode.get(-result, str(-result))

"""The connection under test: ports, and the maps between a script's numbers and live ones (as the simulator's own)."""
from packets import ACK, SYN, U32


class Flow:
    def __init__(self, phase, fd):
        self.phase, self.fd = phase, fd
        self.local_port = self.remote_port = 0
        self.remote_isn = 0
        self.remote_known = False
        self.script_isn = self.live_isn = None
        self.stamps = {}
        self.base_stamp = None

    def learn(self, script, live):
        if self.live_isn is None:
            self.script_isn, self.live_isn = script, live

    def local_to_live(self, seq, syn):
        return (seq + (self.live_isn or 0) - (self.script_isn or 0 if syn else 0)) % U32

    def local_to_script(self, seq, syn):
        return (seq - (self.live_isn or 0) + (self.script_isn or 0 if syn else 0)) % U32

    def remote_to_live(self, seq, syn):
        return seq if syn else (seq + self.remote_isn) % U32

    def remote_to_script(self, seq, syn):
        return seq if syn else (seq - self.remote_isn) % U32

    def learn_stamp(self, script, live):
        self.base_stamp = self.base_stamp or (script, live)
        self.stamps[script] = live

    def echo(self, script, scaled):
        if script in self.stamps:
            return self.stamps[script]
        if scaled and self.base_stamp:
            return (script - self.base_stamp[0] + self.base_stamp[1]) % U32
        return None

    def stamp_to_script(self, live):
        """Names for stamps that no line names: 100 and the ticks since the first."""
        if self.base_stamp is None:
            self.learn_stamp(100, live)
        return (live - self.base_stamp[1] + self.base_stamp[0]) % U32


class Flows:
    """Which connection a script speaks about: the rules of the simulator's flow tracker."""

    def __init__(self, settings):
        self.settings = settings
        self.current = None
        self.passive = []
        self.next_remote_port = 40001
        self.bound_port = settings["bindPort"]

    def on_socket(self, fd):
        self.current = Flow("fresh", fd)

    def on_listen(self, fd):
        if self.current and self.current.fd == fd:
            self.current.phase = "listening"

    def on_connect(self, fd, port):
        flow = self.current
        if flow and flow.fd == fd and flow.phase in ("fresh", "connecting"):
            flow.phase, flow.remote_port = "connecting", port

    def on_accept(self, fd, port):
        for flow in reversed(self.passive):
            if flow.fd is None and flow.remote_port == port:
                flow.fd = fd
                return

    def for_inbound(self, packet):
        if self.current is None or self.current.phase == "listening":
            flow = Flow("passive", None)
            flow.remote_port, self.next_remote_port = self.next_remote_port, self.next_remote_port + 1
            flow.local_port = self.bound_port
            flow.remote_isn = packet["seq"]
            self.passive.append(flow)
            self.current = flow
        flow = self.current
        if flow.phase == "active" and packet["flags"] & SYN and not flow.remote_known:
            flow.remote_isn, flow.remote_known = packet["seq"], True
        return flow if flow.phase in ("active", "passive") else None

    def observe(self, segment):
        flow = self.current
        if flow and flow.phase == "connecting" and segment.flags & SYN and segment.dport == flow.remote_port:
            flow.local_port, flow.phase = segment.sport, "active"

    def owns(self, segment, ports):
        flow = self.current
        source, target = (ports["src"], ports["dst"]) if ports else (flow.local_port, flow.remote_port)
        return segment.sport == source and segment.dport == target


def map_options(options, flow, flags, scaled):
    """The options of an inbound line with live numbers."""
    syn, out = bool(flags & SYN), []
    for option in options:
        if option["kind"] == "sack":
            live = [{side: flow.local_to_live(block[side], syn) for side in ("left", "right")}
                    for block in option["blocks"]]
            option = {"kind": "sack", "blocks": live}
        elif option["kind"] == "TS" and flags & ACK:
            ecr = flow.echo(option["ecr"], scaled)
            if ecr is None:
                raise ValueError(f"TS ecr {option['ecr']}: the host has sent no such timestamp")
            option = {"kind": "TS", "val": option["val"], "ecr": ecr}
        out.append(option)
    return out

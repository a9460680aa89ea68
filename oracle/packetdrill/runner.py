"""Runs one parsed script on the kernel of this machine, in real time, inside a namespace of its own."""
import os
import re
import signal
import subprocess
import threading
import traceback

from calls import Calls, errno_name
from flow import Flows, map_options
from netns import Tunnel, now
from packets import ACK, CWR, ECE, RST, SYN, URG, Segment, flag_text, icmp_about, option_bytes, read_options, tcp
from tcp_info import snapshot

HERE = os.path.dirname(os.path.abspath(__file__))
MS = 10**6
PATIENCE = 2000 * MS
CALL_PATIENCE = 1000 * MS
JOINED = SYN | RST | ACK | URG | ECE


class Wrong(Exception):
    """The kernel did not do what the script says."""


class Runner:
    """@recording: outbound lines of the script are passed over, and everything that happens is kept in `trace`."""

    def __init__(self, script, recording=False):
        self.script, self.recording = script, recording
        self.settings = script["settings"]
        self.flows = Flows(self.settings)
        self.calls = Calls(self.settings, self.flows)
        self.queue = []
        self.trace = []
        self.snippets = []
        self.worker = None
        self.previous = self.current = 0
        self.scaled = self.settings["timestamps"]["ecrScaled"] or recording

    def run(self):
        self.tunnel = Tunnel(self.settings["addresses"])
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.siginterrupt(signal.SIGALRM, True)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        if self.script["init"]:
            self.shell(self.script["init"])
        self.origin = now() + 2 * MS
        before = None
        try:
            for self.index, event in enumerate(self.script["events"]):
                if self.recording and is_outbound(event):
                    continue
                try:
                    self.event(event, before)
                except (Wrong, ValueError, OSError) as error:
                    raise Wrong(f"{self.script['path']}:{event['line']}: {error}") from None
                before = event
            self.await_call()
            if self.recording:
                self.hear(now() + 5 * MS)
        finally:
            if self.script["cleanup"]:
                self.shell(self.script["cleanup"])
        if not self.recording:
            self.assertions()

    # --- time ---

    def script_time(self, live=None):
        return (now() if live is None else live) - self.origin

    def allowance(self, span):
        tolerance = self.settings["tolerance"]
        return max(tolerance["usecs"] * 1000, tolerance["percent"] / 100 * span)

    def due(self, event, before):
        time = event["time"]
        base = 0
        if time["kind"] == "relative":
            nominal = self.recording or (is_inbound(event) and before and is_inbound(before))
            base = self.current if nominal else self.script_time()
        start = time["from"] + base if time["kind"] != "any" else self.script_time()
        end = start if time["to"] is None else time["to"] + base
        if time["kind"] == "absolute" and start < self.current:
            raise Wrong("time goes backwards")
        self.previous, self.current = self.current, start
        return start, end, base

    def event(self, event, before):
        start, end, base = self.due(event, before)
        action = event["action"]
        if not is_outbound(event):
            self.hear_until(start)
            late = self.script_time() - start
            if late > self.allowance(self.current - self.previous) and not self.recording:
                raise Wrong(f"could only happen {late / MS:.3f} ms late")
        if action["kind"] == "call":
            self.await_call()
            finish = None if action["end"] is None else action["end"] + (base if event["time"]["kind"] == "relative" else 0)
            self.call(event, action, finish)
        elif action["kind"] == "shell":
            self.note(event, "shell", None)
            self.shell(action["text"])
        elif action["kind"] == "code":
            flow = self.flows.current
            if flow is None or flow.fd is None:
                raise Wrong("no descriptor for TCP_INFO yet")
            values = snapshot(flow.fd)
            self.snippets.append((event["line"], action["text"], values))
            self.note(event, "code", values)
        elif action["direction"] == "in":
            self.inject(event, action)
        elif action["kind"] == "tcp":
            self.expect_tcp(action, event, start, end)
        else:
            self.expect_icmp(action, event, start, end)

    def note(self, event, kind, value):
        self.trace.append({"at": self.script_time(), "kind": kind, "index": self.index, "event": event, "value": value,
                           "due": self.current})

    # --- calls ---

    def call(self, event, action, finish):
        if finish is None and not self.recording:
            signal.setitimer(signal.ITIMER_REAL, CALL_PATIENCE / 1e9)
            outcome = self.calls.run(action)
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.judge_call(action, outcome)
            return
        entry = {"at": self.script_time(), "kind": "call", "index": self.index, "event": event, "value": None,
                 "due": self.current, "finish": finish, "returned": None}
        self.trace.append(entry)

        def work():
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(19))
            entry["value"] = self.calls.run(action)
            entry["returned"] = self.script_time()

        self.worker = (threading.Thread(target=work, daemon=True), action, entry)
        self.worker[0].start()
        self.worker[0].join(0.002)
        self.finish_call()

    def await_call(self):
        if self.worker is None:
            return
        limit = now() + CALL_PATIENCE
        while self.worker and now() < limit:
            self.hear(now() + MS)
        if self.worker:
            raise Wrong(f"{self.worker[1]['name']}() still blocks")

    def finish_call(self):
        if self.worker is None or self.worker[0].is_alive():
            return
        _, action, entry = self.worker
        self.worker = None
        if self.recording:
            return
        self.judge_call(action, entry["value"])
        finish, span = entry["finish"], entry["finish"] - entry["at"]
        if abs(entry["returned"] - finish) > self.allowance(span):
            raise Wrong(f"{action['name']}() returned at {entry['returned'] / MS:.3f} ms, expected {finish / MS:.3f}")

    def judge_call(self, action, outcome):
        wanted = action["result"] if action["result"] >= 0 else -(action["errno"] or 0)
        is_right = outcome.result == wanted or (action["result"] < 0 and action["errno"] is None and outcome.result < 0)
        if not is_right:
            got = outcome.result if outcome.result >= 0 else errno_name(outcome.result)
            raise Wrong(f"{action['name']}() returned {got}, expected {wanted}")
        for what, expected, actual in outcome.shown:
            if expected is not None and expected != actual:
                raise Wrong(f"{action['name']}() {what} is {actual}, expected {expected}")

    # --- shell and code ---

    def shell(self, text):
        folder = os.path.dirname(os.path.abspath(self.script["path"]))

        def stand_in(match):
            path = match.group(0)
            if os.path.exists(os.path.join(folder, path)):
                return path
            suite = "SUITE=common " if "common/" in path else ""
            return suite + os.path.join(HERE, os.path.basename(path))

        text = re.sub(r"[\w./]*/(defaults\.sh|set_sysctls\.py)", stand_in, text)
        text = re.sub(r"/tmp/sysctl_restore_\S+", "true", text)
        done = subprocess.run(["/bin/sh", "-c", text], cwd=folder, capture_output=True, text=True, timeout=20)
        if done.returncode != 0:
            raise Wrong(f"shell block ended with {done.returncode}: {done.stderr.strip()}")

    def assertions(self):
        variables = {}
        for line, text, values in self.snippets:
            variables.update(values)
            code = "\n".join(part.strip() for part in text.replace("\\\n", " ").strip().split("\n"))
            try:
                exec(code, variables)
            except Exception as error:  # whatever a snippet raises is its failure
                raise Wrong(f"{self.script['path']}:{line}: {type(error).__name__} {error}") from None

    # --- packets ---

    def hear(self, until):
        heard = self.tunnel.listen(until)
        for at, data in heard:
            self.queue.append((at, data))
            if self.recording and data[9] == 6:
                segment = Segment(data)
                self.flows.observe(segment)
                self.keep(at, segment)
            elif self.recording and data[9] == 1:
                self.trace.append({"at": self.script_time(at), "kind": "icmp", "value": data})
        self.finish_call()
        return heard

    def hear_until(self, start):
        target = start + self.origin
        while now() < target or not self.hear(now()) == []:
            if now() >= target:
                break
            self.hear(target)

    def keep(self, at, segment):
        flow = self.flows.current
        if flow is None or not self.flows.owns(segment, None):
            return
        if segment.flags & SYN:
            flow.learn(0, segment.seq)
        self.trace.append({"at": self.script_time(at), "kind": "sent", "value": show(segment, flow), "segment": segment})

    def inject(self, event, action):
        self.observe_all()
        if action["kind"] == "icmp":
            flow = self.flows.current
            local = self.settings["addresses"]["local"]
            data = icmp_about(self.settings["addresses"]["remote"], local, action["type"], action["code"], action["mtu"],
                              (flow.local_port, flow.remote_port), flow.local_to_live(action["echoedSeq"], False),
                              action["echoedLength"], **header(action["ip"]))
        else:
            data = self.segment_bytes(action)
        size = self.settings["mergeSize"]
        self.note(event, "in", None)
        self.tunnel.inject(data, size if size and action.get("length", 0) > size else 0)

    def segment_bytes(self, action):
        flow = self.flows.for_inbound(action)
        if flow is None:
            raise Wrong("the socket under test takes no packets yet")
        flags, syn = action["flags"], bool(action["flags"] & SYN)
        options = [] if action["options"] == "any" else map_options(action["options"], flow, flags, self.scaled)
        ports = action["ports"] or {"src": flow.remote_port, "dst": flow.local_port}
        addresses = self.settings["addresses"]
        ack = flow.local_to_live(action["ack"], syn) if flags & ACK else action["ack"]
        return tcp(addresses["remote"], addresses["local"], ports["src"], ports["dst"],
                   flow.remote_to_live(action["seq"], syn), ack, flags, action["window"] or 0, action["urgent"],
                   option_bytes(options), action["length"], **header(action["ip"]))

    def observe_all(self):
        self.hear(now())
        for _, data in self.queue:
            if data[9] == 6:
                self.flows.observe(Segment(data))

    def next_packet(self, deadline):
        while not self.queue:
            if not self.hear(deadline) and now() >= deadline:
                return None
        return self.queue.pop(0)

    def next_segment(self, action, deadline):
        while True:
            packet = self.next_packet(deadline)
            if packet is None:
                return None
            if packet[1][9] != 6:
                continue
            segment = Segment(packet[1])
            segment.at = packet[0]
            self.flows.observe(segment)
            if self.flows.owns(segment, action["ports"]):
                return segment

    def expect_tcp(self, action, event, start, end):
        flow = self.flows.current
        any_time = event["time"]["kind"] == "any"
        deadline = now() + 3600 * 10**9 if any_time else max(now(), end + self.origin + PATIENCE)
        first = last = self.next_segment(action, deadline)
        if first is None:
            raise Wrong("timed out waiting for packet")
        if first.flags & SYN:
            flow.learn(action["seq"], first.seq)
        joined = first.length
        while 0 < joined < action["length"] and not self.settings["strictSegments"]:
            following = self.next_segment(action, deadline)
            if following is None:
                raise Wrong(f"expected {action['length']} bytes, got {joined}")
            if following.flags & JOINED != last.flags & JOINED or following.ack != last.ack:
                raise Wrong("segments that do not belong together")
            joined += following.length
            last = following
        self.compare(action, first, last, joined, flow)
        allowance = self.allowance(self.current - self.previous)
        at = self.script_time(last.at)
        if not any_time and not start - allowance <= at <= end + allowance:
            raise Wrong(f"packet at {at / MS:.3f} ms, expected {start / MS:.3f}..{end / MS:.3f} ± {allowance / MS:.3f}; "
                        f"{show(last, flow)}")

    def compare(self, action, first, last, length, flow):
        syn = bool(last.flags & SYN)
        flags = last.flags & ~CWR | first.flags & CWR
        ack = flow.remote_to_live(action["ack"], syn) if action["flags"] & ACK else action["ack"]
        pairs = [("flags", flag_text(action["flags"]), flag_text(flags)),
                 ("seq", action["seq"], flow.local_to_script(first.seq, syn)),
                 ("length", action["length"], length), ("ack", ack, last.ack),
                 ("win", last.window if action["window"] is None else action["window"], last.window),
                 ("urg", action["urgent"], last.urgent)]
        ip = action["ip"]
        if ip["ecn"] == "ect01":
            pairs.append(("ecn", True, last.tos & 3 in (1, 2)))
        elif ip["ecn"] is not None:
            pairs.append(("ecn", ip["ecn"], last.tos & 3))
        if ip["tos"] is not None:
            pairs.append(("tos", ip["tos"], last.tos))
        if ip["ttl"] is not None:
            pairs.append(("ttl", ip["ttl"], last.ttl))
        if action["options"] != "any":
            self.learn_stamps(action, last, flow)
            expected = [option_key(option) for option in action["options"]]
            pairs.append(("options", expected, [live_key(option, flow, syn) for option in read_options(last.option_bytes)]))
        for what, expected, actual in pairs:
            if expected != actual:
                raise Wrong(f"{what}: expected {expected}, got {actual}; came > {show(last, flow)}")

    def learn_stamps(self, action, last, flow):
        named = next((o for o in action["options"] if o["kind"] == "TS"), None)
        live = next((o for o in read_options(last.option_bytes) if o[0] == "TS"), None)
        if named and live:
            flow.learn_stamp(named["val"], live[1])

    def expect_icmp(self, action, event, start, end):
        deadline = end + self.origin + PATIENCE
        while True:
            packet = self.next_packet(deadline)
            if packet is None:
                raise Wrong("no ICMP packet came")
            if packet[1][9] == 1:
                if (packet[1][20], packet[1][21]) != (action["type"], action["code"]):
                    raise Wrong(f"ICMP type {packet[1][20]} code {packet[1][21]}")
                return


def is_inbound(event):
    return event["action"].get("direction") == "in"


def is_outbound(event):
    return event["action"].get("direction") == "out"


def header(ip):
    ecn = ip["ecn"] if isinstance(ip["ecn"], int) else 0
    return {"tos": (ip["tos"] or 0) | ecn, "ttl": 255 if ip["ttl"] is None else ip["ttl"]}


def option_key(option):
    """An option of the script for comparison; timestamps count only as present."""
    kind = option["kind"]
    if kind == "sack":
        return (kind, *[side for block in option["blocks"] for side in (block["left"], block["right"])])
    if kind == "mss":
        return (kind, option["value"])
    if kind == "wscale":
        return (kind, option["shift"])
    if kind in ("FO", "FOEXP", "md5"):
        return (kind, option["bytes"])
    if kind == "ECN":
        return (kind, *[f"{counter['name']} {counter['value']}" for counter in option["counters"]])
    return (kind,)


def live_key(option, flow, syn):
    if option[0] == "sack":
        return ("sack", *[flow.remote_to_script(seq, syn) for seq in option[1:]])
    return option[:1] if option[0] == "TS" else option


def show(segment, flow):
    """The line that a script would have for it, behind '> '."""
    syn = bool(segment.flags & SYN)
    seq = flow.local_to_script(segment.seq, syn)
    parts = [flag_text(segment.flags), f"{seq}:{(seq + segment.length) % (1 << 32)}({segment.length})"]
    if segment.flags & ACK:
        parts.append(f"ack {flow.remote_to_script(segment.ack, syn)}")
    parts.append(f"win {segment.window}")
    if segment.urgent:
        parts.append(f"urg {segment.urgent}")
    words = []
    for option in read_options(segment.option_bytes):
        if option[0] == "sack":
            edges = [flow.remote_to_script(seq, syn) for seq in option[1:]]
            words.append("sack " + " ".join(f"{a}:{b}" for a, b in zip(edges[::2], edges[1::2])))
        elif option[0] == "TS":
            words.append(f"TS val {flow.stamp_to_script(option[1])} ecr {option[2]}")
        else:
            words.append(" ".join(map(str, option)).strip())
    if words:
        parts.append(f"<{','.join(words)}>")
    return " ".join(parts)


def run_script(script, recording=False, first_port=40001):
    """@returns (problem or None, trace)"""
    from peer import PeerRunner, parameters
    runner = PeerRunner(script) if recording and parameters(script) else Runner(script, recording)
    runner.flows.next_remote_port = first_port
    try:
        runner.run()
        return None, runner.trace
    except Wrong as error:
        return str(error), runner.trace
    except Exception:
        return f"{script['path']}: " + traceback.format_exc(), runner.trace

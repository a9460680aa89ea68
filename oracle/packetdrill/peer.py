"""A peer that answers by itself while a script is recorded: a receiver with a round trip, losses and reordering.

A stimulus asks for it by a comment `// peer: rtt=50 mss=1000 lose=3,5-7 …` (milliseconds; data segments are counted
from 1, retransmissions too). It takes over when the script's own inbound lines are over; what it injects becomes
lines of the recorded script, like what the kernel sends.

  rtt=50       from the kernel's segment to the answer      gap=2       further delay for each segment of a burst
  lose=3,5-7   segments that never arrive                    late=4:20   segment 4 comes 20 ms later
  every=1      one ACK for so many in-order segments         delack=40   … or after so long
  sack=1       SACK and DSACK blocks                         win=1000    window field
  loseack=2,3  ACKs that never arrive (counted from 1)       info=1      assert TCP_INFO behind every ACK
  ts=0         timestamps on ACKs                            until=2000  end of the recording, script time
  ece=4        the segment carries a congestion mark         dup=3       segment 3 comes twice
"""
import heapq
import re

from packets import SYN, read_options
from runner import MS, Runner, is_inbound, is_outbound

INFO = "tcpi_ca_state tcpi_snd_cwnd tcpi_snd_ssthresh"
AT_ONCE = 2 * MS


def parameters(script):
    """The settings of the `// peer:` line, or None."""
    found = re.search(r"^//\s*peer:(.*)$", script.get("head", ""), re.M)
    if found is None:
        return None
    values = dict(word.split("=", 1) for word in found.group(1).split())
    return {**{"rtt": "50", "gap": "2", "mss": "1000", "lose": "", "late": "", "every": "1", "delack": "40", "sack": "1",
               "win": "1000", "loseack": "", "info": "1", "ts": "0", "until": "1500", "ece": "", "dup": ""}, **values}


def numbers(text):
    out = set()
    for part in filter(None, text.split(",")):
        low, _, high = part.partition("-")
        out.update(range(int(low), int(high or low) + 1))
    return out


class PeerRunner(Runner):
    def __init__(self, script):
        super().__init__(script, recording=True)
        given = parameters(script)
        self.given = given
        self.rtt, self.gap = float(given["rtt"]) * MS, float(given["gap"]) * MS
        self.mss, self.every, self.delack = int(given["mss"]), int(given["every"]), float(given["delack"]) * MS
        self.lost, self.lost_acks = numbers(given["lose"]), numbers(given["loseack"])
        self.marked, self.doubled = numbers(given["ece"]), numbers(given["dup"])
        self.late = {int(k): float(v) * MS for k, v in (p.split(":") for p in given["late"].split(",") if p)}
        self.has_sack, self.has_stamps = given["sack"] == "1", given["ts"] == "1"
        self.heap, self.serial = [], 0
        self.count = self.acks = 0
        self.rcv_nxt, self.blocks, self.pending, self.dsack = 1, [], 0, None
        self.fin_at = None
        self.our_seq = 1
        self.last_stamp = 0
        self.due_now = self.live_now = 0
        self.ece = False
        self.arrive_after = 0
        self.active = False

    def note(self, event, kind, value):
        super().note(event, kind, value)
        self.due_now, self.live_now = self.current, self.script_time()

    def call(self, event, action, finish):
        self.due_now, self.live_now = self.current, self.script_time()
        super().call(event, action, finish)

    def push(self, due, what, arg=None):
        self.serial += 1
        heapq.heappush(self.heap, (due, self.serial, what, arg))

    def run(self):
        events = [e for e in self.script["events"] if not is_outbound(e)]
        last_inbound = max((i for i, e in enumerate(events) if is_inbound(e)), default=-1)
        for event in events[last_inbound + 1:]:
            self.push(event["time"]["from"], "script", event)
        self.script = {**self.script, "events": events[:last_inbound + 1]}
        cleanup, self.script["cleanup"] = self.script["cleanup"], None
        self.active = True
        super().run()
        end = float(self.given["until"]) * MS
        self.push(end, "end")
        while self.heap:
            due = self.heap[0][0]
            self.hear_until_new(due)
            if self.heap[0][0] < due:
                continue
            due, _, what, arg = heapq.heappop(self.heap)
            if what == "end":
                break
            self.current = max(due, self.current)
            getattr(self, "on_" + what)(arg)
        self.script["cleanup"] = cleanup

    def hear_until_new(self, due):
        """As hear_until, but comes back when something earlier was planned meanwhile."""
        from netns import now
        while True:
            target = min(due, self.heap[0][0]) + self.origin
            if now() >= target:
                self.hear(now())
                if min(due, self.heap[0][0]) + self.origin <= now():
                    return
            else:
                self.hear(target)

    def on_script(self, event):
        self.index = 0
        action = event["action"]
        if action["kind"] == "call":
            self.await_call()
            self.call(event, action, action["end"])
        else:
            self.event({**event, "time": {"kind": "absolute", "from": self.current, "to": None}}, None)

    # --- the kernel's segments ---

    def keep(self, at, segment):
        super().keep(at, segment)
        flow = self.flows.current
        if not self.active or flow is None or not self.flows.owns(segment, None) or segment.flags & (SYN | 4):
            return
        for option in read_options(segment.option_bytes):
            if option[0] == "TS":
                self.last_stamp = flow.stamp_to_script(option[1])
        live = self.script_time(at)
        nominal = self.due_now if live - self.live_now < AT_ONCE else self.due_now + live - self.live_now
        seq = flow.local_to_script(segment.seq, False)
        fin = segment.flags & 1
        left = segment.length
        arrive = max(nominal + self.rtt, self.arrive_after)
        while left > 0:
            size = min(left, self.mss)
            left -= size
            self.count += 1
            arg = (seq, size, bool(fin and left == 0), self.last_stamp, self.count)
            if self.count not in self.lost:
                self.push(arrive + self.late.get(self.count, 0), "arrive", arg)
                if self.count in self.doubled:
                    self.push(arrive + MS, "arrive", arg)
            arrive += self.gap
            seq += size
        if segment.length:
            self.arrive_after = arrive if self.gap else 0
        elif fin:
            self.push(arrive, "arrive", (seq, 0, True, self.last_stamp, 0))

    def on_arrive(self, arg):
        seq, size, fin, self.stamp, ordinal = arg
        if ordinal in self.marked:
            self.ece = True
        end = seq + size
        if fin:
            self.fin_at = end
        in_order = seq == self.rcv_nxt
        if size and end <= self.rcv_nxt or any(a <= seq and end <= b for a, b in self.blocks):
            self.dsack = (seq, end)
        elif seq > self.rcv_nxt:
            self.blocks = [(seq, end)] + self.blocks
            self.merge()
        else:
            self.rcv_nxt = max(self.rcv_nxt, end)
            self.merge()
        if self.fin_at == self.rcv_nxt:
            self.rcv_nxt += 1
        self.pending += 1
        if not in_order or self.blocks or fin or self.dsack or self.pending >= self.every:
            self.on_ack(None)
        elif self.pending == 1:
            self.push(self.current + self.delack, "delayed", None)

    def on_delayed(self, _):
        if self.pending:
            self.on_ack(None)

    def merge(self):
        newest = self.blocks[0] if self.blocks else None
        merged = []
        for a, b in sorted(self.blocks):
            if merged and a <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
            else:
                merged.append((a, b))
        while merged and merged[0][0] <= self.rcv_nxt:
            self.rcv_nxt = max(self.rcv_nxt, merged.pop(0)[1])
        order = [block for block in self.blocks]
        rank = lambda block: next((i for i, (a, b) in enumerate(order) if block[0] <= a and b <= block[1]), 99)
        self.blocks = sorted(merged, key=rank)
        if newest is None:
            self.blocks = merged

    def on_ack(self, _):
        self.pending = 0
        self.acks += 1
        blocks = ([self.dsack] if self.dsack else []) + self.blocks
        self.dsack = None
        ece, self.ece = self.ece, False
        if self.acks in self.lost_acks:
            return
        limit = 3 if self.has_stamps else 4
        options = []
        if self.has_stamps:
            options += [{"kind": "nop"}, {"kind": "nop"},
                        {"kind": "TS", "val": 1000 + int(self.current / MS), "ecr": self.stamp}]
        if blocks and self.has_sack:
            if self.has_stamps:
                options += [{"kind": "nop"}, {"kind": "nop"}]
            options.append({"kind": "sack", "blocks": [{"left": a, "right": b} for a, b in blocks[:limit]]})
            if not self.has_stamps:
                options += [{"kind": "nop"}, {"kind": "nop"}]
        flags = 16 | (64 if ece else 0)
        action = {"kind": "tcp", "direction": "in", "flags": flags, "seq": self.our_seq, "length": 0, "ack": self.rcv_nxt,
                  "window": int(self.given["win"]), "urgent": 0, "options": options, "ports": None,
                  "ip": {"ecn": None, "tos": None, "ttl": None}}
        words = []
        for option in options:
            if option["kind"] == "sack":
                words.append("sack " + " ".join(f"{b['left']}:{b['right']}" for b in option["blocks"]))
            elif option["kind"] == "TS":
                words.append(f"TS val {option['val']} ecr {option['ecr']}")
            else:
                words.append(option["kind"])
        listed = f" <{','.join(words)}>" if words else ""
        letters = "E." if ece else "."
        text = f"0 < {letters} {self.our_seq}:{self.our_seq}(0) ack {self.rcv_nxt} win {action['window']}{listed}"
        self.index = 0
        self.inject({"line": 0, "text": text, "action": action, "time": None}, action)
        if self.given["info"] != "0" and self.acks % int(self.given["info"]) == 0:
            self.snapshot_info()

    def snapshot_info(self):
        from tcp_info import snapshot
        if self.flows.current.fd is None:
            return
        try:
            values = snapshot(self.flows.current.fd)
        except OSError:
            return
        text = "0 %{ print(" + ", ".join(INFO.split()) + ") }%"
        self.note({"text": text, "action": {"kind": "code"}}, "code", values)

#!/usr/bin/env python3
"""Writes scripts: the stimulus is yours (calls, injected packets, their times), the kernel fills in what it does.

usage: record.py [-j N] [--windows] --out FOLDER PATH…

Outbound lines of the given scripts are left out; calls get the kernel's results; `%{ print(tcpi_snd_cwnd) }%` becomes
an assertion of what was there. Packets that followed at once get `+0`, those of a timer a range that reaches down by
a tick and more: the kernel rounds timers up. Timestamps to echo are counted from 100 in milliseconds.
"""
import argparse
import os
import re
import sys

import run
from calls import errno_name
from runner import MS

AT_ONCE = 2 * MS
ERRORS = os.strerror
POLL = [(1, "IN"), (2, "PRI"), (4, "OUT"), (8, "ERR"), (16, "HUP"), (32, "NVAL"), (64, "RDNORM"), (256, "WRNORM"),
        (0x2000, "RDHUP")]
# Variables that are times, or follow from times: asserted within bounds.
LOOSE = re.compile(r"tcpi_(rto|ato|rtt|rttvar|min_rtt|rcv_rtt|last_\w+|busy_time|rwnd_limited|sndbuf_limited|\w+_rate)$")


def seconds(nanos):
    return f"{nanos / 1e9:.6f}".rstrip("0").rstrip(".") or "0"


def rounded(nanos):
    return seconds(round(nanos / MS) * MS)


def render(script, trace, windows):
    lines = []
    # When the last stimulus happened, and what the script calls that moment; when the last packet did, and its range.
    live = due = 0
    packet_at, packet_range = -AT_ONCE, ""
    for entry in sorted(trace, key=lambda entry: entry["at"]):
        if entry["kind"] not in ("sent", "icmp"):
            lines.append(stimulus_text(script, entry))
            live, due, packet_at = entry["at"], entry["due"], -AT_ONCE
            continue
        at = entry["at"]
        if at - live < AT_ONCE:
            time = seconds(due)
        elif at - packet_at < AT_ONCE:
            time = packet_range
        else:
            gap = at - max(live, packet_at)
            nominal = due + at - live
            # The timer wheel is coarser the further away a deadline is.
            slack = next(slack for longer, slack in ((1500, 260), (120, 40), (0, 10)) if gap >= longer * MS) * MS
            time = f"{rounded(nominal - min(gap, slack))}~{rounded(nominal + 3 * MS)}"
            packet_at, packet_range = at, time
        lines.append(f"{time} {sent_text(entry, windows)}")
    head = script["head"]
    if "TS val" in str(lines) and "tcp_ts_ecr_scaled" not in head:
        head = f"--tcp_ts_ecr_scaled\n{head}" if head.startswith(("--", "`")) else add_option(head)
    return "\n".join([head, "", *lines, *([f"`{script['cleanup']}`"] if script["cleanup"] else [])]) + "\n"


def add_option(head):
    """Options come behind the opening comments."""
    lines = head.split("\n")
    at = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return "\n".join([*lines[:at], "--tcp_ts_ecr_scaled", *lines[at:]])


def sent_text(entry, windows):
    if entry["kind"] == "icmp":
        return f"> icmp type_{entry['value'][20]} code_{entry['value'][21]}"
    text = entry["value"]
    if not windows and "S" not in text.split()[0]:
        text = re.sub(r" win \d+", "", text)
    elif not windows:
        text = re.sub(r" win \d+", "", text)
    return f"> {text}"


def stimulus_text(script, entry):
    event = entry["event"]
    text = event["text"]
    body = re.sub(r"^\+?\s*[\d.]+(\s*\.\.\.\s*\+?[\d.]+)?\s*", "", text)
    time = seconds(entry["due"])
    if entry["kind"] == "call":
        if event["action"]["end"] is not None:
            finish = entry["due"] + entry["returned"] - entry["at"] if entry["returned"] else entry["finish"]
            time += f"...{seconds(round(finish / MS) * MS)}"
        body = call_text(body, event["action"], entry["value"])
    elif entry["kind"] == "code":
        body = code_text(body, entry["value"])
    return f"{time} {body}"


def call_text(body, action, outcome):
    found = re.search(r"^(.*)\)\s*=\s*(-?\w+)(.*)$", body, re.S)
    head, wanted, tail = found.groups()
    comment = re.search(r"//.*", tail)
    if outcome is None:
        return f"{body} // did not return"
    for what, _, actual in outcome.shown:
        if what == "value" and isinstance(actual, int):
            head = re.sub(r"\[(-?\w+)\]", f"[{actual}]", head, count=1)
        elif what == "length":
            head = re.sub(r"\[(-?\w+)\]$", f"[{actual}]", head)
        elif what == "revents":
            head = re.sub(r"revents\s*=\s*[\w|]+", f"revents:{poll_words(actual, 'POLL')}", head, count=1)
        elif what == "events":
            head = re.sub(r"events\s*=\s*[\w|]+", f"events={poll_words(actual, 'EPOLL')}", head, count=1)
        elif what == "value" and isinstance(actual, str) and '"' in head:
            head = re.sub(r'"[^"]*"', f'"{actual}"', head, count=1)
    head = head.replace("revents:", "revents=")
    result = outcome.result
    shown = str(result) if result >= 0 else f"-1 {errno_name(result)} ({ERRORS(-result)})"
    if result >= 0 and wanted.startswith("0x"):
        shown = hex(result)
    return f"{head}) = {shown}" + (f" {comment.group(0)}" if comment else "")


def poll_words(flags, prefix):
    return "|".join(prefix + name for bit, name in POLL if flags & bit) or "0"


def code_text(body, values):
    wanted = re.match(r"%\{\s*print\((.*)\)\s*\}%", body, re.S)
    if not wanted:
        return body
    parts = []
    for name in re.split(r"[,\s]+", wanted.group(1).strip()):
        value = values[name]
        if LOOSE.match(name) and value:
            slack = 12000 if re.search("rtt|rto|ato|time|limited", name) else max(12, value // 8)
            parts.append(f"assert {value - max(slack, value // 7)} <= {name} <= {value + max(slack, value // 7)}, {name}")
        else:
            parts.append(f"assert {name} == {value}, {name}")
    return "%{ " + "; ".join(parts) + " }%"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", type=int, default=4)
    parser.add_argument("--windows", action="store_true")
    parser.add_argument("--out", required=True)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    base = os.path.commonpath([os.path.abspath(p) if os.path.isdir(p) else os.path.dirname(os.path.abspath(p))
                               for p in options.paths])
    for script, problem, trace in run.run_all(run.parse(run.find(options.paths)), options.j, recording=True):
        if problem:
            print(problem, file=sys.stderr)
        if not trace:
            continue
        target = os.path.join(options.out, os.path.relpath(script["path"], base))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "w") as file:
            file.write(render(script, trace, options.windows))


if __name__ == "__main__":
    main()

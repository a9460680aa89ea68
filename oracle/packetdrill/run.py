#!/usr/bin/env python3
"""Runs .pkt scripts on the kernel of this machine: does it do what they say? As root; each in a namespace of its own.

usage: run.py [-j N] [--verbose] PATH…       PATH: scripts or folders
"""
import argparse
import gc
import glob
import json
import multiprocessing.connection
import os
import subprocess
import sys

import netns
import runner

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def find(paths):
    out = []
    for path in paths:
        if os.path.isdir(path):
            out += sorted(glob.glob(os.path.join(path, "**", "*.pkt"), recursive=True))
        else:
            out.append(path)
    return [os.path.abspath(path) for path in out]


def parse(paths):
    """The simulator's parser reads them: there is one grammar."""
    scripts = []
    for start in range(0, len(paths), 200):
        command = ["node", "--import", "tsx", os.path.join(HERE, "parse.ts"), *paths[start:start + 200]]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        scripts += [json.loads(line) for line in done.stdout.splitlines()]
    return scripts


def allow_cubic():
    """A namespace may use CUBIC, the stock default, only when the first one allows it to all."""
    path = "/proc/sys/net/ipv4/tcp_allowed_congestion_control"
    with open(path) as file:
        allowed = file.read().split()
    if "cubic" not in allowed:
        with open(path, "w") as file:
            file.write(" ".join([*allowed, "cubic"]))


def lane(pipe, recording):
    """Runs scripts one after the other in a namespace of its own, each in a process of its own."""
    sysctls = netns.enter_namespace()
    first_port = 20001
    while True:
        script = pipe.recv()
        if script is None:
            return
        netns.restore(sysctls)
        here, there = multiprocessing.Pipe(False)
        process = multiprocessing.Process(target=child, args=(script, recording, there, first_port))
        process.start()
        there.close()
        try:
            outcome = here.recv()
        except EOFError:
            outcome = (f"{script['path']}: the process died", [])
        process.join()
        here.close()
        first_port += 20  # what the last script left behind has other ports
        pipe.send(outcome)


def child(script, recording, pipe, first_port):
    # Times must be exact; what a script starts runs as everybody else does, or a mad command would hold the machine.
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(20))
    gc.disable()
    pipe.send(runner.run_script(script, recording, first_port))
    pipe.close()
    os._exit(0)


def run_all(scripts, jobs, recording=False):
    """Yields (script, problem, trace) as they end."""
    allow_cubic()
    waiting = [script for script in scripts if "error" not in script]
    yield from ((script, script["error"], []) for script in scripts if "error" in script)
    lanes, busy = [], {}
    for _ in range(min(jobs, len(waiting))):
        here, there = multiprocessing.Pipe()
        process = multiprocessing.Process(target=lane, args=(there, recording))
        process.start()
        lanes.append((here, process))
        busy[here] = waiting.pop(0)
        here.send(busy[here])
    while busy:
        for here in multiprocessing.connection.wait(list(busy)):
            script = busy.pop(here)
            problem, trace = here.recv()
            if waiting:
                busy[here] = waiting.pop(0)
                here.send(busy[here])
            yield script, problem, trace
    for here, process in lanes:
        here.send(None)
        process.join()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-j", type=int, default=4)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    passed = failed = 0
    for _, problem, _ in run_all(parse(find(options.paths)), options.j):
        if problem:
            failed += 1
            print(problem, flush=True)
        else:
            passed += 1
    print(f"passed {passed}, failed {failed}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

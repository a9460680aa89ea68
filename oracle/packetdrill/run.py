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


def child(script, recording, pipe):
    # Times must be exact; what a script starts runs as everybody else does, or a mad command would hold the machine.
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(20))
    gc.disable()
    pipe.send(runner.run_script(script, recording))
    pipe.close()
    os._exit(0)


def run_all(scripts, jobs, recording=False):
    """Yields (script, problem, trace) as they end: each in a process of its own, since a namespace is entered for good."""
    allow_cubic()
    waiting, running = list(scripts), []
    while waiting or running:
        while waiting and len(running) < jobs:
            script = waiting.pop(0)
            if "error" in script:
                yield script, script["error"], []
                continue
            here, there = multiprocessing.Pipe(False)
            process = multiprocessing.Process(target=child, args=(script, recording, there))
            process.start()
            there.close()
            running.append((process, here, script))
        ready = multiprocessing.connection.wait([here for _, here, _ in running], 1) if running else []
        for entry in [entry for entry in running if entry[1] in ready]:
            process, here, script = entry
            running.remove(entry)
            try:
                problem, trace = here.recv()
            except EOFError:
                problem, trace = f"{script['path']}: the process died", []
            process.join()
            yield script, problem, trace


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

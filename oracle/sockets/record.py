#!/usr/bin/env python3
"""Record on the kernel at hand (Linux, root), or compare it with a recording.

usage: record.py CASES.jsonl[.gz] OUT.jsonl.gz    run the operations of each case here, write what this kernel answers
       record.py CASES.jsonl[.gz] --compare       run them and name the cases whose results are not the recorded ones

A case needs `id` and `ops` (and `cfg`, sysctls of its own); `res` is what is recorded. Each case is run twice, the
second time in reversed order and in other namespaces: what does not come out alike is left out and counted.
"""
import gzip
import json
import os
import sys

import netenv
from agree import agree
from world import World

FIRST, SECOND = 7, 8  # numbers of the namespaces dutN and peerN


def read(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as lines:
        return [json.loads(line) for line in lines]


def run_all(cases, number):
    """Results by id, from a process of its own in new namespaces."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        try:
            netenv.create(number)
            os.sched_setaffinity(0, {0})
            world = World(number)
            with os.fdopen(send, "w") as out:
                for case in cases:
                    out.write(json.dumps([case["id"], world.run(case["ops"], case.get("cfg"))]) + "\n")
            world.reset()
        finally:
            netenv.destroy(number)
            os._exit(0)
    os.close(send)
    with os.fdopen(receive) as lines:
        results = dict(json.loads(line) for line in lines)
    os.waitpid(child, 0)
    return results


def has_group(results):
    return any(isinstance(result, dict) and "g" in result for result in results)


def compare(cases):
    results = run_all(cases, FIRST)
    differ = [case for case in cases if not agree(case["res"], results[case["id"]])]
    for case in differ[:20]:
        now = results[case["id"]]
        at = next((i for i, (old, new) in enumerate(zip(case["res"], now)) if old != new), None)
        if at is not None:
            print(case["id"], at, case["ops"][at], json.dumps(case["res"][at]), "now", json.dumps(now[at]))
    print(f"{len(cases) - len(differ)} passed, {len(differ)} failed")
    return 1 if differ else 0


def record(cases, path):
    first = run_all(cases, FIRST)
    second = run_all(cases[::-1], SECOND)
    kept = 0
    with gzip.open(path, "wt") as out:
        for case in cases:
            results = first[case["id"]]
            if not agree(results, second[case["id"]]):
                continue
            kept += 1
            row = {key: case[key] for key in ("id", "t", "cfg") if key in case}
            if has_group(results):
                row["g"] = 1
            out.write(json.dumps({**row, "ops": case["ops"], "res": results}, separators=(",", ":")) + "\n")
    environment = {"kernel": " ".join(os.uname()[i] for i in (0, 2, 3, 4)), "changed": netenv.DUT_SYSCTLS}
    with open(os.path.join(os.path.dirname(path) or ".", "env.json"), "w") as out:
        json.dump(environment, out, indent=1)
    print(f"{kept} cases recorded, {len(cases) - kept} left out: they do not come out alike twice")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("recording needs root: it makes network namespaces and reads raw frames")
    given = read(sys.argv[1])
    sys.exit(compare(given) if sys.argv[2] == "--compare" else record(given, sys.argv[2]))

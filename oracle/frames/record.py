#!/usr/bin/env python3
"""Record on the kernel at hand (Linux, root), or compare it with a recording.

usage: record.py CASES.jsonl[.gz] OUT.jsonl.gz    run the steps of each case here, write the frames that come out
       record.py CASES.jsonl[.gz] --compare       run them and name the cases whose results are not the recorded ones

A case needs `id`, `m` (the machine: H, N, R or S) and `steps`; `res` is what is recorded. Each case is run twice, the
second time in reversed order: what does not come out alike is left out and counted.
"""
import gzip
import json
import os
import sys
import tempfile

import run

CHUNK = 60


def read(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path)
    with opened as lines:
        return [json.loads(line) for line in lines]


def run_all(cases, is_reversed):
    todo = [(case["id"], case.get("t", ""), case["m"], case["steps"],
             {"fresh": 1, "cfg": case.get("cfg"), "slow": any(step[0] == "wait" for step in case["steps"])})
            for case in cases]
    with tempfile.TemporaryDirectory() as folder:
        return run.run_all(todo, folder, is_reversed, CHUNK)


def compare(cases):
    results = run_all(cases, False)
    differ = [case["id"] for case in cases if results.get(case["id"]) != case["res"]]
    if differ:
        print("differ:", *differ[:50])
    print(f"{len(cases) - len(differ)} passed, {len(differ)} failed")
    return 1 if differ else 0


def record(cases, path):
    first, second = run_all(cases, False), run_all(cases, True)
    kept = 0
    with gzip.open(path, "wt") as out:
        for case in cases:
            results = first.get(case["id"])
            if results is None or isinstance(results, str) or results != second.get(case["id"]):
                continue
            kept += 1
            row = {key: case[key] for key in ("id", "t", "m", "cfg", "steps") if key in case}
            out.write(json.dumps({**row, "res": results}, separators=(",", ":")) + "\n")
    print(f"{kept} cases recorded, {len(cases) - kept} left out: they do not come out alike twice")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("recording needs root: it makes network namespaces and reads raw frames")
    given = read(sys.argv[1])
    sys.exit(compare(given) if sys.argv[2] == "--compare" else record(given, sys.argv[2]))

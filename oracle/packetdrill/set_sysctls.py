#!/usr/bin/env python3
"""/proc/sys/net/ipv4/name=value …: a stand-in for the helper of third-party suites; nothing has to be put back."""
import sys

for word in sys.argv[1:]:
    path, value = word.split("=", 1)
    with open(path, "w") as file:
        file.write(value)

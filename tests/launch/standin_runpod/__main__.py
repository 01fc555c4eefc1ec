"""`python -m tests.launch.standin_runpod`: serve the stand-in until Ctrl+C, and say how."""

import argparse
import json
import sys
import time
from pathlib import Path

from tests.launch.standin_runpod.account import Account
from tests.launch.standin_runpod.machines import sshd_pods
from tests.launch.standin_runpod.pods import Boot
from tests.launch.standin_runpod.server import StandIn


def main() -> int:
    """Print one JSON line with URL and key, then a line for every request."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--rate", type=float, default=1.0, help="its seconds in a real one")
    parser.add_argument("--balance", type=float, default=Account.balance, help="USD")
    parser.add_argument("--boot-s", type=float, default=3.0, help="how long a pod starts")
    parser.add_argument("--pods", type=Path, help="real sshd pods with their disks in this folder")
    parser.add_argument("--key-file", type=Path, help="write the key here instead of showing it")
    args = parser.parse_args()
    machine = sshd_pods(args.pods.absolute()) if args.pods else None
    with StandIn(args.rate, machine, args.port) as standin:
        standin.account.balance = args.balance
        standin.account.boot = Boot(args.boot_s / 3, args.boot_s * 2 / 3)
        started = {"url": standin.url, "contract": standin.known.source}
        if args.key_file:
            args.key_file.write_text(standin.key)
        else:
            started["key"] = standin.key
        print(json.dumps(started), flush=True)
        return _watch(standin)


def _watch(standin: StandIn) -> int:
    shown = 0
    try:
        while True:
            for seen in standin.seen[shown:]:
                print(f"{seen.status or '-'} {seen.operation} {seen.path}", file=sys.stderr)
                shown += 1
            time.sleep(0.2)
    except KeyboardInterrupt:
        print(f"spent ${standin.account.spent():.4f}", file=sys.stderr)
        return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""A long run under eight contending proposers: no violation, and memory that stays flat.

usage: soak_test.py PAXOSCOPE DECISIONS
With 100000000 decisions it is the promise in full (a minute or two); every day a million or so will do.
"""

import json
import subprocess
import sys
import threading
import time

MEBIBYTE = 1024  # in the KiB of /proc
SLACK = 8 * MEBIBYTE  # histograms and rings still find their size while a run is young


def resident_kib(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmRSS")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def main():
    program = sys.argv[1]
    decisions = int(sys.argv[2])
    process = subprocess.Popen(
        [program, "run", "--proposers=8", "--strategy=rebackoff", "--window=256", "--workers=2", "--duration=3600",
         "--retain=512", f"--decisions-max={decisions}", "--json=-"], stdout=subprocess.PIPE, text=True)
    samples = []
    output = []
    reader = threading.Thread(target=lambda: output.append(process.stdout.read()))
    reader.start()
    while process.poll() is None:
        samples.append(resident_kib(process.pid))
        time.sleep(0.05)
    reader.join()
    report = json.loads(output[0])
    samples = [sample for sample in samples if sample > 0]
    fifth, early, late = (max(samples[: max(1, len(samples) * share // 10)]) for share in (2, 5, 10))
    print(f"{report['audit']['decisions_with_warm_up']:,} decisions over {report['audit']['votes']:,} votes, "
          f"{report['metrics']['ballots_per_decision']:.2f} ballots a decision; "
          f"resident memory at most {fifth / 1024:.1f} MiB in the first fifth of the time, {early / 1024:.1f} in the "
          f"first half, {late / 1024:.1f} in all")
    problems = []
    if process.returncode != 0 or report["violation"]:
        problems.append(f"exit {process.returncode}: {report['violation']}")
    if report["stop"] != "decisions":
        problems.append(f"ended because of {report['stop']}")
    if sum(p["preempted_phase1"] + p["preempted_phase2"] for p in report["proposers"]) == 0:
        problems.append("nobody was ever preempted: that was no contention")
    if report["audit"]["results_compared"] == 0:
        problems.append("no result was compared with the votes")
    if late > early * 1.1 + SLACK:
        problems.append("memory grew")
    for problem in problems:
        print("FAILED:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

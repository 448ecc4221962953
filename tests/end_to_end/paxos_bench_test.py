#!/usr/bin/env python3
"""paxos_bench keeps Google Benchmark's conventions: its names, its flags, its JSON, and the stock compare.py on it.

usage: paxos_bench_test.py PAXOS_BENCH [COMPARE_PY]
Without COMPARE_PY, what needs it is skipped. No time is judged, only that what is printed fits together, and one ratio
of two times taken in turns that is far from its bound: once in five attempts will do.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, COMPARE = "", ""

QUICK = "--benchmark_min_time=0.001"
CONTENDED = "contend/strategy:full_jitter/acceptors:3/proposers:2/load:closed/manual_time"
UNCONTENDED = "uncontended/acceptors:3/window:16/workers:0/manual_time"
FLOOR = "floor_ratio/acceptors:3/window:1/audit:1/workers:0/manual_time"
KEEP = "keep/strategy:slotted/proposers:16/window:1/manual_time"
COUNTERS = ["decisions/s", "ballots", "messages", "wasted", "p1", "p2", "jain", "p50_us", "p90_us", "p99_us"]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=250, check=False)


def exactly(*names):
    return "--benchmark_filter=^(" + "|".join(names) + ")$"


class PaxosBench(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def measured(self, name, *flags):
        """The JSON file of a run, and what it says."""
        out = self.folder / name
        result = run(QUICK, f"--benchmark_out={out}", "--benchmark_out_format=json", *flags)
        self.assertEqual(result.returncode, 0, result.stderr)
        return out, json.loads(out.read_text())

    def test_names(self):
        names = run("--benchmark_list_tests").stdout.split()
        self.assertEqual(len(names), len(set(names)), "two benchmarks of one name")
        self.assertIn(CONTENDED, names)
        self.assertIn(UNCONTENDED, names)
        strategies = {name.split("/")[1] for name in names if name.startswith("contend/")}
        for strategy in strategies:
            for proposers in (1, 2, 4, 8, 16, 32, 64):
                self.assertIn(f"contend/{strategy}/acceptors:3/proposers:{proposers}/load:closed/manual_time", names)
        self.assertEqual(len(strategies), 18)
        for load in ("load:open/arrivals:4000", "load:closed"):
            for keys in ("", "keys:uniform/key_count:64/", "keys:zipf/key_count:64/"):
                self.assertIn(f"contend/strategy:lease/acceptors:3/proposers:64/{keys}{load}/manual_time", names)
        for acceptors in (1, 3, 5, 7):
            for window in (1, 16, 64, 256):
                self.assertIn(f"uncontended/acceptors:{acceptors}/window:{window}/workers:0/manual_time", names)

    def test_help_names_our_own_option_too(self):
        self.assertIn("--peers", run("--help").stdout)

    def test_unknown_flag_is_refused(self):
        self.assertNotEqual(run("--benchmark_list_tests", "--no_such_flag").returncode, 0)

    def test_counters_and_context(self):
        _, out = self.measured("one.json", exactly(CONTENDED, UNCONTENDED), "--benchmark_context=who=test")
        self.assertEqual(out["context"]["who"], "test")
        for key in ("commit", "compiler", "build_type", "cores", "round_trip"):
            self.assertTrue(out["context"][key], key)
        entries = {entry["name"]: entry for entry in out["benchmarks"]}
        self.assertEqual(set(entries), {CONTENDED, UNCONTENDED})
        for entry in entries.values():
            self.assertNotIn("error_occurred", entry)
            for counter in COUNTERS:
                self.assertIn(counter, entry)
        alone = entries[UNCONTENDED]
        self.assertEqual(alone["time_unit"], "ns")
        # The manual time is the time per decision there: two ways to say the same.
        self.assertAlmostEqual(alone["decisions/s"] * alone["real_time"] / 1e9, 1, delta=0.001)
        self.assertGreaterEqual(entries[CONTENDED]["jain"], 0.5 - 1e-9)  # 1/N at least

    def test_ratios(self):
        _, out = self.measured("ratios.json", exactly(FLOOR, KEEP))
        entries = {entry["name"]: entry for entry in out["benchmarks"]}
        self.assertIn("of_floor", entries[FLOOR])
        self.assertIn("of_one", entries[KEEP])

    @unittest.skipIf("PAXOSCOPE_SANITIZED" in os.environ, "sanitizers cost the protocol more than the queues")
    def test_one_decree_takes_little_longer_than_its_hops(self):
        ratios = []
        for attempt in range(5):
            _, out = self.measured(f"floor{attempt}.json", exactly(FLOOR))
            ratios.append(out["benchmarks"][0]["latency_ratio"])
            if ratios[-1] <= 1.5:
                return
        self.fail(f"times the latency of the same hops without a protocol: {ratios}")

    @unittest.skipUnless(len(sys.argv) > 2, "compare.py or its scipy is not there")
    def test_compare_py(self):
        flags = ["--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true", exactly(CONTENDED)]
        first, out = self.measured("first.json", *flags)
        second, _ = self.measured("second.json", *flags)
        times = [entry for entry in out["benchmarks"] if entry["run_type"] == "iteration"]
        self.assertEqual(len(times), 9)
        result = subprocess.run([sys.executable, "-B", COMPARE, "benchmarks", str(first), str(second)],
                                capture_output=True, text=True, timeout=120, check=False,
                                env={**os.environ, "PYTHONWARNINGS": "ignore"})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(CONTENDED, result.stdout)
        self.assertIn("_pvalue", result.stdout)  # the U test found enough repetitions


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    COMPARE = sys.argv[2] if len(sys.argv) > 2 else ""
    unittest.main(argv=sys.argv[:1])

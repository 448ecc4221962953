#!/usr/bin/env python3
"""Traces from the command line: recorded, read while they grow, judged, converted, damaged.

usage: trace_test.py PAXOSCOPE PAXOSCOPE_BROKEN
"""

import csv
import io
import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM, BROKEN = "", ""


def run(*arguments, program=None, pass_fds=()):
    return subprocess.run([program or PROGRAM, *arguments], capture_output=True, text=True, timeout=120, check=False,
                          pass_fds=pass_fds)


class TraceTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.trace = str(self.folder / "t.trace")

    def record(self, *options, decisions=300, program=None, code=0):
        result = run("trace", "record", self.trace, "--duration=30", f"--decisions-max={decisions}", *options,
                     program=program)
        self.assertEqual(result.returncode, code, result.stderr)
        return result

    def one_line(self, result, code, *naming):
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
        for word in naming:
            self.assertIn(word, result.stderr)


class WholeTraces(TraceTest):
    def test_a_recorded_run_is_ok_and_says_what_it_was(self):
        for options in (["--proposers=3"], ["--acceptors=5", "--quorum1=4", "--quorum2=2", "--learning=announcement"],
                        ["--engine=simulation", "--proposers=4", "--window=3", "--seed=7"]):
            with self.subTest(options=options):
                self.record(*options)
                check = run("trace", "check", self.trace)
                self.assertEqual((check.returncode, check.stderr), (0, ""))
                self.assertRegex(check.stdout, r"^ok: \d+ events, \d+ instances")
                info = run("trace", "info", self.trace)
                self.assertEqual((info.returncode, info.stderr), (0, ""))
                for word in ("nothing is missing", "answered", "acceptor2", "proposer1", "made by: paxoscope"):
                    self.assertIn(word, info.stdout)
                for option in options:
                    if option != "--engine=simulation":
                        self.assertIn(option, info.stdout)

    def test_a_run_on_threads_in_which_nodes_crash_is_ok(self):
        crashes = [{"kind": "crash", "at_us": 0, "nodes": ["A0"]},
                   {"kind": "crash", "at_us": 0, "for_us": 1000, "nodes": ["P2", "A1"]}]
        self.record("--proposers=3", "--timeout=2ms", "--faults=" + json.dumps({"faults": crashes}))
        check = run("trace", "check", self.trace)
        self.assertEqual((check.returncode, check.stderr), (0, ""))
        self.assertRegex(check.stdout, r"^ok: .* 3 crashes, 0 duplicates, \d+ dropped\n")
        result = run("run", "--proposers=3", "--timeout=2ms", "--decisions-max=300", "--duration=30", "--json=-",
                     "--faults=" + json.dumps({"faults": crashes}))
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual((report["crashes"]["acceptors"], report["crashes"]["proposers"]), (2, 1))
        self.assertIn("messages_lost", report["crashes"])
        self.assertEqual(report["experiment"]["faults"]["faults"][0]["nodes"], ["A0"])

    def test_run_writes_a_trace_on_the_side(self):
        report = run("run", "--decisions-max=300", "--duration=30", "--warm-up=0", f"--trace={self.trace}", "--json=-")
        self.assertEqual(report.returncode, 0, report.stderr)
        self.assertIn(run("trace", "check", self.trace).returncode, (0, 4))  # a slow machine may lose events
        self.assertGreater(json.loads(report.stdout)["audit"]["decisions"], 0)

    def test_a_planted_bug_is_a_violation_with_rule_instance_and_events(self):
        # The bug needs proposers that meet, and threads meet when they please: the violation ends the run, no bound does.
        self.record("--proposers=4", "--strategy=none", decisions=10**8, program=BROKEN, code=3)
        check = run("trace", "check", self.trace)
        self.one_line(check, 3, "VIOLATION of R", "key 0 version")
        self.assertRegex(check.stdout, r"\nR[12], key \d+ version \d+: A\d .*\n    event \d+ at .* s, acceptor\d: ")

    def test_csv_has_a_row_for_each_event(self):
        recorded = self.record("--read-share=0.2").stdout
        events = int(re.search(r"(\d+) events", recorded)[1])
        rows = list(csv.DictReader(io.StringIO(run("trace", "convert", self.trace, "--to=csv").stdout)))
        self.assertEqual(len(rows), events)
        self.assertEqual({row["agent_kind"] for row in rows}, {"acceptor", "proposer"})

    def test_chrome_trace_is_what_perfetto_reads(self):
        self.record("--window=2")
        path = self.folder / "t.json"
        self.assertEqual(run("trace", "convert", self.trace, "--to=chrome", f"--out={path}").returncode, 0)
        trace = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(trace["displayTimeUnit"], "ns")
        self.assertEqual(trace["otherData"]["acceptors"], 3)
        needed = {"B": set(), "E": set(), "X": {"dur"}, "i": {"s"}, "C": {"args"}, "M": {"args"}, "s": {"id", "cat"},
                  "f": {"id", "cat", "bp"}}
        open_slices, began, processes = {}, {}, set()
        for event in trace["traceEvents"]:
            self.assertLessEqual({"ph", "name", "pid", "tid", "ts"} | needed[event["ph"]], set(event), event)
            track = (event["pid"], event["tid"])
            if event["ph"] in "BE":
                open_slices[track] = open_slices.get(track, 0) + (1 if event["ph"] == "B" else -1)
                self.assertGreaterEqual(open_slices[track], 0, event)
            if event["ph"] == "s":
                began.setdefault(event["id"], event["ts"])
            if event["name"] == "process_name":
                processes.add(event["args"]["name"])
        self.assertEqual(set(open_slices.values()), {0})
        self.assertEqual(len(processes), 6)
        ends = [event for event in trace["traceEvents"] if event["ph"] == "f"]
        self.assertGreater(len(ends), 1000)
        for event in ends:  # an arrow never points back in time
            self.assertLessEqual(began[event["id"]], event["ts"], event)

    def test_shiviz_log_is_read_by_the_expression_in_its_first_line(self):
        self.record()
        lines = run("trace", "convert", self.trace, "--to=shiviz").stdout.split("\n")
        expression = re.compile(lines[0].replace("(?<", "(?P<"))
        self.assertEqual(lines[1], "")  # no second expression: the log is one run
        clocks = {}
        found = list(expression.finditer("\n".join(lines[2:])))
        self.assertEqual(len(found), (len(lines) - 3) // 2)
        for match in found:
            clock = json.loads(match["clock"])
            before = clocks.get(match["host"], {})
            self.assertEqual(clock[match["host"]], before.get(match["host"], 0) + 1)
            self.assertTrue(all(clock[host] >= count for host, count in before.items()))
            clocks[match["host"]] = clock
        self.assertEqual(len(clocks), 6)


class GrowingTraces(TraceTest):
    def test_a_trace_is_readable_while_it_is_written_and_whole_after_ctrl_c(self):
        process = subprocess.Popen([PROGRAM, "trace", "record", self.trace, "--duration=100", "--decisions-max=0",
                                    "--arrivals-per-second=500"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seen = []
        deadline = time.monotonic() + 60
        while len(seen) < 3 and time.monotonic() < deadline:
            info = run("trace", "info", self.trace)
            count = re.search(r"^(\d+) events from", info.stdout, re.MULTILINE)
            if count and int(count[1]) > (seen[-1] if seen else 0):
                self.one_line(info, 4, "offset")
                seen.append(int(count[1]))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertEqual(len(seen), 3, seen)
        self.assertEqual(run("trace", "check", self.trace).returncode, 0)


class DamagedTraces(TraceTest):
    def test_a_cut_trace_shows_what_is_whole_and_says_where_it_ends(self):
        self.record()
        data = pathlib.Path(self.trace).read_bytes()
        for size in (1, 19, 100, len(data) // 2, len(data) - 1):
            cut = self.folder / "cut.trace"
            cut.write_bytes(data[:size])
            with self.subTest(size=size):
                code = 2 if size < 20 else 4
                for command in ("info", "check"):
                    self.one_line(run("trace", command, str(cut)), code, "offset")
                for form in ("csv", "chrome", "shiviz"):
                    converted = run("trace", "convert", str(cut), f"--to={form}")
                    self.one_line(converted, code, "offset")
                    if form == "chrome" and code == 4:
                        json.loads(converted.stdout)

    def test_flipped_bits_are_told_and_the_rest_is_read(self):
        self.record()
        data = pathlib.Path(self.trace).read_bytes()
        chance = random.Random(1)
        for _ in range(30):
            at = chance.randrange(len(data))
            flipped = bytearray(data)
            flipped[at] ^= 1 << chance.randrange(8)
            path = self.folder / "flipped.trace"
            path.write_bytes(flipped)
            with self.subTest(at=at):
                self.one_line(run("trace", "check", str(path)), 2 if at < 12 else 4, "offset")

    def test_bad_input_is_one_line(self):
        path = self.folder / "x"
        path.write_text("no trace", encoding="utf-8")
        empty = self.folder / "empty"
        empty.write_text("", encoding="utf-8")
        for command in ("info", "check", "story", "convert"):
            more = ["--to=csv"] if command == "convert" else []
            with self.subTest(command=command):
                self.one_line(run("trace", command, str(path), *more), 2, "PAXTRACE")
                self.one_line(run("trace", command, str(empty), *more), 2, "empty")
                self.one_line(run("trace", command, str(self.folder), *more), 2, "folder")
                self.one_line(run("trace", command, f"{self.folder}/missing", *more), 2, "missing")
                self.one_line(run("trace", command), 2, "FILE")
        self.record()
        with open(self.trace, "rb") as trace, subprocess.Popen(["cat"], stdin=trace, stdout=subprocess.PIPE) as pipe:
            self.one_line(run("trace", "check", f"/proc/self/fd/{pipe.stdout.fileno()}", pass_fds=[pipe.stdout.fileno()]),
                          2, "pipe")
        self.one_line(run("trace"), 2, "record")
        self.one_line(run("trace", "nope"), 2, "nope")
        self.one_line(run("trace", "convert", self.trace), 2, "--to")
        self.one_line(run("trace", "convert", self.trace, "--to=xml"), 2, "chrome")
        self.one_line(run("trace", "convert", self.trace, "--to=csv", f"--out={self.folder}/a/b"), 2, "--out")
        self.one_line(run("trace", "record", f"{self.folder}/a/b"), 2, "a/b")
        self.one_line(run("trace", "record", str(self.folder)), 2, "cannot write")
        self.one_line(run("trace", "record", self.trace, "--proposers=0"), 2, "--proposers")
        self.one_line(run("run", f"--trace={self.folder}/a/b"), 2, "--trace")

    def test_a_full_disk_is_told(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        self.one_line(run("trace", "record", "/dev/full", "--decisions-max=300", "--duration=30"), 2, "/dev/full", "space")
        result = run("run", "--trace=/dev/full", "--duration=0.05", "--warm-up=0")
        self.one_line(result, 2, "/dev/full", "space")
        self.assertIn("decisions_per_s", result.stdout)  # the work itself is not lost


class Explorer(TraceTest):
    def test_a_small_world_is_exhausted_and_has_the_states_it_should_have(self):
        result = run("explore", "--acceptors=3", "--proposers=2", "--rounds=1")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for word in ("226 acceptor states", "states/s", "depth", "MiB", "no violation in any state"):
            self.assertIn(word, result.stdout)

    def test_a_planted_bug_is_shown_as_a_ladder_and_written_as_a_trace(self):
        result = run("explore", f"--trace={self.trace}", program=BROKEN)
        self.one_line(result, 3, "VIOLATION of R")
        ladder = result.stdout[result.stdout.index("violation of R"):].splitlines()
        self.assertRegex(ladder[1], r"^ +A0 +A1 +A2 +P1 +P2$|^ +P1 +P2 +A0 +A1 +A2$")
        check = run("trace", "check", self.trace)
        self.assertEqual(check.returncode, 3, check.stderr)
        events = int(re.search(r"violations: (\d+) events", check.stdout)[1])
        self.assertEqual(events, len(ladder) - 2)  # the trace is the ladder
        self.assertIn("explorer, 3 acceptors", run("trace", "info", self.trace).stdout)

    def test_a_bound_reached_is_incomplete(self):
        self.one_line(run("explore", "--states-max=1000"), 4, "--states-max")

    @unittest.skipIf("PAXOSCOPE_SANITIZED" in os.environ, "a million states, and no code that the others do not run")
    def test_a_world_that_does_not_fit_is_incomplete(self):
        result = run("explore", "--acceptors=1", "--proposers=4", "--rounds=8", "--dead-messages=false",
                     "--duplicates=true")
        self.one_line(result, 4, "too large for the explorer")
        self.assertIn("not every state was seen", result.stdout)

    def test_bad_worlds_are_refused(self):
        for arguments, naming in ((["--acceptors=0"], "acceptors"), (["--acceptors=6"], "acceptors"),
                                  (["--acceptors=nan"], "acceptors"), (["--rounds=9223372036854775808"], "rounds"),
                                  (["--readers=3"], "readers"), (["--quorum1=1", "--quorum2=2"], "quorum1"),
                                  (["--quorum1=-1"], "quorum1"), (["--learning=x"], "learning"), (["--nope"], "nope"),
                                  (["--duplicates=maybe"], "true or false"), (["--proposers="], "proposers"),
                                  (["--proposers=99999999999"], "1 to 4"),
                                  (["--trace=/missing/x"], "--trace"), (["--states-max=-1"], "states-max")):
            with self.subTest(arguments=arguments):
                self.one_line(run("explore", *arguments), 2, naming)


if __name__ == "__main__":
    PROGRAM, BROKEN = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])

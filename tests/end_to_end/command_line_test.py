#!/usr/bin/env python3
"""The command line as its users meet it: what it prints, what it writes, what it refuses, and Ctrl-C.

usage: command_line_test.py PAXOSCOPE PAXOSCOPE_BROKEN
Nothing here depends on how fast the machine is, beyond "within a second" of a Ctrl-C, which is the promise itself.
Runs end after so many decisions or operations; their time is only a safety net.
"""

import csv
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM, BROKEN = "", ""
SHORT = ["--warm-up=0", "--decisions-max=300", "--duration=100"]


def run(*arguments, program=None, **keywords):
    return subprocess.run([program or PROGRAM, *arguments], capture_output=True, text=True, timeout=120, check=False,
                          **keywords)


class Refuses(unittest.TestCase):
    """Bad input: exit code 2, one line on stderr that names the culprit, nothing on stdout."""

    def refused(self, *arguments, naming):
        result = run(*arguments)
        self.assertEqual(result.returncode, 2, (arguments, result.stderr))
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, (arguments, result.stderr))
        self.assertIn(naming, result.stderr, arguments)
        self.assertEqual(result.stdout, "", arguments)

    def test_numbers_out_of_range(self):
        for option in ("--proposers", "--acceptors", "--window", "--duration", "--rounds-max"):
            for value in ("0", "-1", "9223372036854775808", "nan", "inf", "", "abc", "1e400", "3x", " 3"):
                with self.subTest(option=option, value=value):
                    self.refused("run", f"{option}={value}", naming=option)

    def test_lists(self):
        for value in ("0", "-1", "", "1,", ",1", "1,,2", "x", "2,2", "9223372036854775808"):
            with self.subTest(value=value):
                self.refused("compare", f"--proposers={value}", naming="--proposers")
        for value in ("", "nope", "none,", "none,lease,none", "full_jitter,full_jitter:base=1R", "full_jitter:base=NaN", "full_jitter:base=", "full_jitter:base=1R,base=2R",
                      "full_jitter:cap=0R", "lease:length=-1R", "none:x=1"):
            with self.subTest(value=value):
                self.refused("compare", f"--strategies={value}", naming="--strategies")
        for value in ("0", "-1", "1,2", "x", "nan"):
            with self.subTest(value=value):
                self.refused("compare", f"--repetitions={value}", naming="--repetitions")

    def test_what_comes_before_any_command(self):
        self.refused("--proposers=3", "run", naming="--proposers=3")

    def test_names(self):
        for option in ("--engine", "--learning", "--give-up", "--keys", "--wait", "--audit", "--pin"):
            with self.subTest(option=option):
                self.refused("run", f"{option}=nope", naming=option)

    def test_unknown_and_repeated_options_and_no_command(self):
        self.refused("run", "--nope=1", naming="--nope")
        self.refused("run", "--proposers=1", "--proposers=2", naming="--proposers")
        self.refused("nope", naming="nope")
        self.refused(naming="compare")
        self.refused("", naming="compare")
        self.refused("list", "nope", naming="nope")

    def test_quorums_that_miss_each_other(self):
        self.refused("run", "--acceptors=4", "--quorum1=2", "--quorum2=2", naming="quorum1")
        self.refused("run", "--acceptors=3", "--quorum1=4", naming="quorum1")

    def test_output_paths(self):
        with tempfile.TemporaryDirectory() as folder:
            self.refused("compare", f"--json={folder}/missing/x.json", naming="--json")
            self.refused("compare", f"--csv={folder}", naming="--csv")
            self.refused("compare", f"--plot={folder}/x.txt", naming="--plot")
            self.refused("run", "--json=", naming="--json")
            self.refused("compare", f"--json={folder}/x", f"--csv={folder}/x", naming="--csv")
            self.refused("compare", "--json=-", "--csv=-", naming="--csv")
            if os.geteuid() != 0:  # root may write everywhere
                locked = pathlib.Path(folder, "locked")
                locked.mkdir(mode=0o500)
                self.refused("run", f"--json={locked}/x.json", naming="--json")
                locked.rmdir()
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_experiment_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "e.json")
            for text, naming in (("{", "byte"), ("[]", "object"), ('{"nope": 1}', "nope"),
                                 ('{"proposers": -1}', "proposers"), ('{"proposers": 1.5}', "proposers"),
                                 ('{"proposers": 18446744073709551616}', "proposers"), ('{"keys": 3}', "keys"),
                                 ('{"strategy": "nope"}', "nope"), ('{"duration_s": 0}', "duration_s")):
                path.write_text(text, encoding="utf-8")
                with self.subTest(text=text):
                    self.refused("run", f"--experiment={path}", naming=naming)
            self.refused("run", f"--experiment={folder}/missing.json", naming="--experiment")

    def test_a_full_disk_loses_nothing(self):
        result = run("run", *SHORT, "--json=/dev/full")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertRegex(result.stderr, r"^paxoscope: --json: cannot write \"/dev/full\" \(.*\).*\n$")
        self.assertIn("decisions_per_s", result.stdout)  # the work itself is not lost
        self.assertTrue(pathlib.Path("/dev/full").is_char_device())  # nor was anything renamed over it
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "r.json")
            path.write_text("before", encoding="utf-8")
            os.symlink("/dev/full", f"{path}.partial")
            result = run("run", *SHORT, f"--json={path}")
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
            self.assertEqual(path.read_text(encoding="utf-8"), "before")


class Runs(unittest.TestCase):
    def test_help_version_and_lists(self):
        for arguments in (["--help"], ["--version"], ["run", "--help"], ["compare", "--help"], ["list"],
                          ["list", "metrics"]):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertTrue(result.stdout.strip())
        for arguments in (["compare", "--help"], ["--help", "compare"]):
            self.assertIn("--strategies", run(*arguments).stdout)
        self.assertRegex(run("--version").stdout, r"^paxoscope \d+\.\d+\.\d+ \(.+\)\n$")

    def test_one_and_even_numbers_of_acceptors(self):
        for acceptors in (1, 2, 4):
            with self.subTest(acceptors=acceptors):
                result = run("run", *SHORT, f"--acceptors={acceptors}", "--proposers=2", "--json=-")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(json.loads(result.stdout)["violation"], "")

    def test_a_report_is_complete_json(self):
        result = run("run", *SHORT, "--proposers=3", "--strategy=rebackoff", "--json=-")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        self.assertEqual(report["schema"], "paxoscope.report/1")
        self.assertEqual(report["experiment"]["proposers"], 3)
        self.assertGreater(report["audit"]["decisions"], 0)
        self.assertEqual(len(report["proposers"]), 3)
        for proposer in report["proposers"]:  # the time budget is whole
            self.assertGreater(proposer["measured_ns"], 0)
            self.assertEqual(sum(proposer["time_ns"].values()), proposer["measured_ns"])
            self.assertEqual(sum(proposer["preempted_by"]), proposer["preempted_phase1"] + proposer["preempted_phase2"])
        counts = [count for _, count in report["histograms_ns"]["chosen"]["buckets"]]
        self.assertGreater(sum(counts), 0)

    def test_an_experiment_survives_the_round_trip_through_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            first = json.loads(run("run", *SHORT, "--proposers=2", "--seed=7", "--json=-").stdout)["experiment"]
            path = pathlib.Path(folder, "e.json")
            path.write_text(json.dumps(first), encoding="utf-8")
            second = json.loads(run("run", f"--experiment={path}", "--json=-").stdout)["experiment"]
            self.assertEqual(first, second)

    def test_a_comparison_writes_json_csv_and_a_plot(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = {kind: pathlib.Path(folder, f"c.{kind}") for kind in ("json", "csv", "svg")}
            result = run("compare", "--strategies=none,full_jitter:base=1R,cap=4R,lease", "--proposers=1,2",
                         "--repetitions=2", *SHORT, f"--json={paths['json']}", f"--csv={paths['csv']}",
                         f"--plot={paths['svg']}")
            self.assertEqual(result.returncode, 0, result.stderr)
            for word in ("none", "full_jitter", "lease", "1 proposer,", "2 proposers,", "95%"):
                self.assertIn(word, result.stdout)
            comparison = json.loads(paths["json"].read_text(encoding="utf-8"))
            self.assertEqual(comparison["stop"], "complete")
            self.assertEqual(len(comparison["points"]), 6)
            for point in comparison["points"]:
                figure = point["metrics"]["decisions_per_s"]
                self.assertLessEqual(figure["low"], figure["value"])
                self.assertLessEqual(figure["value"], figure["high"])
            with open(paths["csv"], newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual(len(rows), 12)
            self.assertTrue(any("cap=4R" in row["strategy"] for row in rows))
            picture = paths["svg"].read_text(encoding="utf-8")
            for word in ("Goodput", "Pareto", "lease", "bound"):
                self.assertIn(word, picture)
            self.assertEqual(len(list(pathlib.Path(folder).iterdir())), 3)  # no partial files left

    def test_no_progress_without_a_terminal(self):
        self.assertEqual(run("run", *SHORT).stderr, "")

    def test_a_run_that_ends_in_its_warm_up_says_that_nothing_was_measured(self):
        self.assertIn("Nothing was measured", run("run", "--operations-max=1", "--warm-up=100").stdout)
        self.assertNotIn("Nothing was measured", run("run", "--operations-max=1", "--warm-up=0").stdout)

    def test_a_livelock_bound_ends_the_run_and_is_named(self):
        # On one thread they all begin before any of them hears a reply, so they meet.
        result = run("run", "--proposers=8", "--workers=1", "--strategy=none", "--rounds-max=1", "--duration=100",
                     "--json=-")
        report = json.loads(result.stdout)
        self.assertEqual(report["stop"], "livelock")
        self.assertIn("undecided", report["livelock"])

    def test_a_violation_is_exit_code_3_and_says_what_was_seen(self):
        result = run("run", "--proposers=4", "--strategy=none", "--duration=100", program=BROKEN)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1)
        self.assertIn("VIOLATION", result.stderr)
        self.assertRegex(result.stderr, r"key \d+ version \d+")


class ControlC(unittest.TestCase):
    """Ctrl-C at any moment: the partial result, all threads joined, exit code 130, within a second."""

    def interrupt(self, seen, *arguments, environment=None):
        """Sends Ctrl-C to the program once seen(process) is true."""
        process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment)
        while not seen(process):
            self.assertIsNone(process.poll(), "it ended before what should have been seen")
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        out, err = process.communicate(timeout=100)
        took = time.monotonic() - begin
        self.assertEqual(process.returncode, 130, err)
        self.assertLess(took, 1.0 * SLOWNESS)
        self.assertFalse(pathlib.Path(f"/proc/{process.pid}").exists())
        return out, err

    def test_two_signals_of_one_moment_are_one(self):
        process = subprocess.Popen([PROGRAM, "run", "--duration=100"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True)
        while not self.catches(process):
            time.sleep(0.005)
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            process.send_signal(number)
        out, err = process.communicate(timeout=100)
        self.assertIn(process.returncode, (130, 143), err)
        self.assertIn("partial", out)

    @staticmethod
    def catches(process):
        """From here on the program, and not the shell, answers Ctrl-C; R is measured first."""
        for line in pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("SigCgt:"):
                return int(line.split()[1], 16) >> (signal.SIGINT - 1) & 1 == 1
        return False

    @classmethod
    def has_threads(cls, count):
        return lambda process: cls.catches(process) and len(os.listdir(f"/proc/{process.pid}/task")) > count

    def test_a_run(self):
        long = ["run", "--proposers=9", "--duration=100", "--warm-up=50"]
        out, _ = self.interrupt(self.catches, *long)  # R is being measured, as a rule
        self.assertIn("partial", out)
        out, _ = self.interrupt(self.has_threads(9), *long)  # in the warm-up: measuring R takes 4 threads
        self.assertIn("partial", out)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "r.json")
            out, _ = self.interrupt(self.has_threads(9), *long[:-1], f"--json={path}")
            self.assertIn("decisions_per_s", out)
            self.assertEqual(json.loads(path.read_text(encoding="utf-8"))["stop"], "interrupted")

    def test_a_run_whose_round_trip_is_still_being_measured(self):
        # More acceptors than can ever be served within the first tries, so that it goes on measuring.
        out, _ = self.interrupt(self.catches, "run", "--acceptors=128", "--wait=spin", "--json=-")
        report = json.loads(out)
        self.assertEqual(report["stop"], "interrupted")

    def test_a_comparison(self):
        with tempfile.TemporaryDirectory() as folder:
            outputs = [f"--json={folder}/c.json", f"--csv={folder}/c.csv", f"--plot={folder}/c.svg"]
            for seen in (self.catches, self.has_threads(16)):
                out, err = self.interrupt(seen, "compare", "--strategies=none,lease", "--proposers=16",
                                          "--duration=30", *outputs)
                self.assertIn("Interrupted", out)
                self.assertEqual(err, "")
                comparison = json.loads(pathlib.Path(folder, "c.json").read_text(encoding="utf-8"))
                self.assertEqual(comparison["stop"], "interrupted")
                self.assertEqual(sorted(os.listdir(folder)), ["c.csv", "c.json"])

    def test_a_comparison_that_is_drawing(self):
        def draws(process):
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            return self.catches(process) and children.read_text(encoding="ascii") != ""

        if not pathlib.Path(f"/proc/self/task/{os.getpid()}/children").exists():
            self.skipTest("this kernel does not list a process's children")
        with tempfile.TemporaryDirectory() as folder:
            out, err = self.interrupt(draws, "compare", "--strategies=none", "--proposers=1", "--repetitions=1", *SHORT,
                                      f"--json={folder}/c.json", f"--plot={folder}/c.svg")
            self.assertIn("1 proposer,", out)
            self.assertIn("--plot: interrupted", err)
            self.assertEqual(os.listdir(folder), ["c.json"])


# Sanitizers make everything many times slower, so there the bound is only that it ends.
SLOWNESS = float(os.environ.get("PAXOSCOPE_SLOWNESS", "1"))

class KeyValueStore(unittest.TestCase):
    """paxoscope kv over acceptors in its own process."""

    def test_a_shell_from_a_file(self):
        result = run("kv", input="set a 1\nset a two words\nget a\nget a 0\nset b x\nlist\npropose n 0 7\nget n\n")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.splitlines(),
                         ["version 0", "version 1", "two words", "1", "version 0", "a", "b", "7", "7"])

    def test_a_text_of_64_kib(self):
        text = "x" * 65536
        result = run("kv", "--acceptors=5", input=f"set k {text}\nget k\nset k {text}x\n")
        self.assertEqual(result.stdout, f"version 0\n{text}\n")
        self.assertEqual(result.returncode, 2)
        self.assertIn("65536", result.stderr)

    def test_bad_words_are_refused_in_one_line_each(self):
        for words, naming in ((["nope"], "nope"), (["set", "k"], "set"), (["get"], "get"), (["get", "k", "-1"], "versions"),
                              (["get", "k", "9223372036854775808"], "versions"), (["set", "~k", "x"], "key"),
                              (["propose", "k", "0", "1e3"], "numbers"), (["set", "", "x"], "key"),
                              (["--deadline=0", "list"], "--deadline"), (["--acceptors=0", "list"], "--acceptors"),
                              (["--acceptors=1,2", "list"], "--acceptors"), (["--peers=x", "list"], "--peers")):
            with self.subTest(words=words):
                result = run("kv", *words)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(naming, result.stderr)
                self.assertEqual(result.stdout, "")

    def test_what_is_not_there_is_said(self):
        result = run("kv", "get", "nothing")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("no such version", result.stderr)


if __name__ == "__main__":
    PROGRAM, BROKEN = sys.argv[1:3]
    unittest.main(argv=sys.argv[:1])

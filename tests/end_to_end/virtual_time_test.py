#!/usr/bin/env python3
"""Virtual time as its users meet it: simulate, a failing seed with its replay and its shrinking, and compare.

usage: virtual_time_test.py PAXOSCOPE
Everything here is drawn from seeds, so every number is the same on every machine.
"""

import csv
import io
import json
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = ""
# A planted bug: acceptors and proposers that forget everything in a crash.
FORGETFUL = ["--proposers=3", "--operations-max=20", "--faults=forgetful"]


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=300, check=False)


def run_json(*arguments):
    result = run(*arguments, "--json=-")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


class Simulate(unittest.TestCase):
    def test_a_duel_at_constant_latency_takes_the_triangular_number_of_ballots(self):
        for n in (1, 2, 5, 16):
            with self.subTest(n=n):
                report = run_json("simulate", f"--proposers={n}", "--network=constant:10us", "--strategy=none")
                self.assertEqual(report["metrics"]["ballots_total"], n * (n + 1) / 2)
                self.assertEqual(report["metrics"]["all_done_us"], 40 * n)
                self.assertEqual(report["simulation"]["first_learned_ns"], 40_000)
                self.assertEqual(report["stop"], "operations")

    def test_the_effective_configuration_and_the_messages_are_printed(self):
        result = run("simulate", "--proposers=4", "--seed=7")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for word in ("--engine=simulation", "--proposers=4", "--seed=7", "--give-up=majority_out_of_reach",
                     "--learning=own_round", "R = 50.00 us", "virtual time", "promise", "Checked: 1 decision over"):
            self.assertIn(word, result.stdout)

    def test_the_same_seed_is_the_same_run_and_another_is_not(self):
        first, again, other = (run_json("simulate", "--proposers=4", f"--seed={seed}") for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertNotEqual(first["simulation"]["trace_hash"], other["simulation"]["trace_hash"])

    def test_many_seeds_give_means_with_intervals_and_a_line_each(self):
        result = run("simulate", "--proposers=4", "--seeds=20", "--csv=-")
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        self.assertEqual([row["seed"] for row in rows], [str(seed) for seed in range(1, 21)])
        self.assertIn("20 seeds done", run("simulate", "--proposers=4", "--seeds=20").stdout)
        alone = run_json("simulate", "--proposers=4", "--seed=13")["metrics"]["all_done_us"]
        self.assertAlmostEqual(float(rows[12]["all_done_us"]), alone, delta=alone * 1e-5)

    def test_without_an_end_by_operations_a_run_lasts_100_round_trips(self):
        report = run_json("simulate", "--operations-max=0", "--network=constant:10us")
        self.assertEqual((report["warm_up_ns"], report["measured_ns"]), (400_000, 2_000_000))

    def test_bad_input_is_refused_in_one_line(self):
        for arguments, naming in (
                (["simulate", "--seeds=0"], "--seeds"), (["simulate", "--seeds=1,2"], "--seeds"),
                (["simulate", "--seeds=x"], "--seeds"), (["simulate", "--network=nope"], "network"),
                (["simulate", "--network={"], "network"), (["simulate", "--network=normal:1us"], "network"),
                (["simulate", "--faults=nope"], "faults"), (["simulate", "--faults={\"x\":1}"], "x"),
                (["simulate", '--faults={"durable":false}'], "durable"), (["simulate", "--engine=threads"], "--engine"),
                (["compare", "--engine=nope"], "both"), (["compare", "--engine=simulation", "--seeds=0"], "--seeds"),
                (["compare", "--engine=simulation", "--rank-by=colour"], "--rank-by"),
                # What the engine would not heed.
                (["compare", "--network=zones"], "--network"), (["run", "--faults=swarm"], "faults has swarm"),
                (["run", '--faults={"faults":[{"kind":"loss","rate":0.5}]}'], "faults has loss"),
                (["run", "--peers=127.0.0.1:3333", "--faults=swarm"], "--faults"),
                (["compare", "--seeds=5"], "--seeds"), (["sweep", "--repetitions=5"], "--repetitions"),
                (["compare", "--engine=simulation", "--wait=spin"], "--wait"), (["sweep", "--workers=2"], "--workers"),
                (["simulate", "--peers=127.0.0.1:3333"], "--peers"),
                (["compare", "--peers=127.0.0.1:3333", "--pin=true"], "without --peers"),
                (["kv", "--peers=127.0.0.1:3333", "--acceptors=3", "list"], "--acceptors")):
            with self.subTest(arguments=arguments):
                result = run(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
                self.assertIn(naming, result.stderr)


class AFailingSeed(unittest.TestCase):
    def replay_of(self, stderr):
        found = re.search(r"^paxoscope: replay with: paxoscope (.*)$", stderr, re.M)
        self.assertTrue(found, stderr)
        return shlex.split(found.group(1))

    def violation_of(self, stderr):
        return re.search(r"VIOLATION: (?:seed \d+, [^ ]+: )?(.*)", stderr).group(1)

    def test_is_named_with_the_command_that_replays_it(self):
        search = run("simulate", *FORGETFUL, "--seeds=1000")
        self.assertEqual(search.returncode, 3, search.stderr)
        again = run(*self.replay_of(search.stderr))
        self.assertEqual(again.returncode, 3, again.stderr)
        self.assertEqual(self.violation_of(again.stderr), self.violation_of(search.stderr))

    def test_tells_its_story_message_by_message_at_once_or_from_its_trace(self):
        command = self.replay_of(run("simulate", *FORGETFUL, "--seeds=1000", "--shrink").stderr)
        told = run(*command, "--story")
        self.assertEqual(told.returncode, 3, told.stderr)
        self.assertRegex(told.stdout, r"us  A\d crashes\n")
        self.assertRegex(told.stdout, r"us  A\d votes for v\d in \(\d+,\d\)")
        self.assertRegex(told.stdout, r"\nR\d+ is broken on key 0 version \d+: ")
        with tempfile.TemporaryDirectory() as folder:
            trace = f"{folder}/seed.trace"
            self.assertEqual(run(*command, f"--trace={trace}").returncode, 3)
            from_file = run("trace", "story", trace)
            self.assertEqual(from_file.returncode, 0, from_file.stderr)
            self.assertTrue(told.stdout.endswith(from_file.stdout), from_file.stdout)

    def test_shrinks_to_a_schedule_of_which_no_fault_can_be_left_out(self):
        shrunk = run("simulate", *FORGETFUL, "--seeds=1000", "--shrink")
        self.assertEqual(shrunk.returncode, 3, shrunk.stderr)
        command = self.replay_of(shrunk.stderr)
        plan = json.loads(next(a for a in command if a.startswith("--faults="))[len("--faults="):])
        self.assertEqual([json.loads(line) for line in shrunk.stdout.splitlines()[1:]], plan["faults"])
        self.assertLessEqual(len(plan["faults"]), 4)
        self.assertEqual(run(*command).returncode, 3)
        for left_out in range(len(plan["faults"])):
            fewer = dict(plan, faults=plan["faults"][:left_out] + plan["faults"][left_out + 1:])
            trial = [f"--faults={json.dumps(fewer)}" if a.startswith("--faults=") else a for a in command]
            self.assertEqual(run(*trial).returncode, 0, fewer)

    def test_is_not_there_when_crashes_keep_what_was_written(self):
        swarm = [*FORGETFUL[:2], "--faults=swarm", "--seeds=300"]
        self.assertEqual(run("simulate", *swarm).returncode, 0)
        nothing = run("simulate", *swarm, "--shrink")
        self.assertEqual(nothing.returncode, 0)
        self.assertIn("nothing to shrink", nothing.stdout)

    def test_that_only_stays_open_is_one_too(self):
        stuck = '{"faults":[{"kind":"crash","at_us":0,"nodes":["A0","A1"]}],"heal_at_us":1000,"liveness_us":1}'
        result = run("simulate", f"--faults={stuck}")
        self.assertEqual(result.returncode, 3)
        self.assertIn("P1", result.stderr)
        self.assertEqual(run(*self.replay_of(result.stderr)).returncode, 3)


class Compare(unittest.TestCase):
    SMALL = ["compare", "--engine=simulation", "--strategies=none,full_jitter,lease", "--proposers=2,8", "--seeds=30"]

    def test_ranks_by_paired_differences_and_says_so(self):
        result = run(*self.SMALL)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for word in ("30 seeds", "2 proposers, 3 acceptors, in virtual time", "behind best", "completion", "seed by seed"):
            self.assertIn(word, result.stdout)

    def test_groups_that_begin_alike_are_told_apart(self):
        result = run("compare", "--engine=simulation", "--strategies=none/full_jitter,none/full_jitter/tdma",
                     "--proposers=3", "--seeds=2")
        self.assertRegex(result.stdout, r" none/full_jitter:reset=win +\d")
        self.assertIn(" none/full_jitter:reset=win/tdma:slot=1.5R", result.stdout)

    def test_rank_by_puts_another_figure_first(self):
        result = run(*self.SMALL, "--rank-by=ballots_total")
        self.assertRegex(result.stdout, r"rank +strategy +ballots ")

    def test_writes_every_seed_of_every_point(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = {kind: pathlib.Path(folder, f"c.{kind}") for kind in ("json", "csv")}
            result = run(*self.SMALL, f"--json={paths['json']}", f"--csv={paths['csv']}")
            self.assertEqual(result.returncode, 0, result.stderr)
            comparison = json.loads(paths["json"].read_text(encoding="utf-8"))
            self.assertEqual([p["repetitions"] for p in comparison["points"]], [30] * 6)
            with open(paths["csv"], newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual(len(rows), 180)
            self.assertEqual({row["engine"] for row in rows}, {"simulation"})

    def test_both_engines_run_closed_loops(self):
        result = run("compare", "--engine=both", "--strategies=none,lease", "--proposers=2", "--seeds=5",
                     "--repetitions=1", "--duration=0.02", "--warm-up=0.001", "--json=-")
        comparison = json.loads(result.stdout)
        self.assertEqual([p["experiment"]["engine"] for p in comparison["points"]],
                         ["threads", "threads", "simulation", "simulation"])
        self.assertEqual({p["experiment"]["operations_max"] for p in comparison["points"]}, {0})

    def test_the_engine_asked_for_runs_what_a_file_says_of_another(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "e.json")
            path.write_text('{"engine": "threads", "operations_max": 1}', encoding="utf-8")
            comparison = run_json("compare", f"--experiment={path}", "--engine=simulation", "--strategies=none",
                                  "--proposers=2", "--seeds=2")
        self.assertEqual([p["experiment"]["engine"] for p in comparison["points"]], ["simulation"])

    def test_both_engines_have_panels_of_their_own(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run("compare", "--engine=both", "--strategies=none,lease", "--proposers=2", "--seeds=2",
                         "--repetitions=1", "--duration=0.02", "--warm-up=0", f"--plot={folder}/both.svg")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            picture = pathlib.Path(folder, "both.svg").read_text(encoding="utf-8")
        for title in ("Goodput: threads", "Goodput: virtual time"):
            self.assertIn(title, picture)

    def test_ctrl_c_gives_the_seeds_that_were_done(self):
        process = subprocess.Popen([PROGRAM, *self.SMALL[:-1], "--seeds=10000000"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("Interrupted", out)


class Sweep(unittest.TestCase):
    """Each of the five questions is one command with one answer."""

    def answer(self, *arguments, question):
        with tempfile.TemporaryDirectory() as folder:
            paths = {kind: pathlib.Path(folder, f"s.{kind}") for kind in ("json", "svg")}
            result = run("sweep", *arguments, f"--json={paths['json']}", f"--plot={paths['svg']}")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            sweep = json.loads(paths["json"].read_text(encoding="utf-8"))
            self.assertEqual((sweep["schema"], sweep["question"]), ("paxoscope.sweep/1", question))
            return result.stdout, sweep, paths["svg"].read_text(encoding="utf-8")

    def test_varies_parameters_spread_and_proposers(self):
        text, sweep, _ = self.answer("--strategies=none,full_jitter", "--vary=base=1R,2R", "--vary=cap=2R,8R",
                                     "--vary=spread=0,0.5", "--proposers=2,4", "--seeds=5", question="")
        self.assertEqual(len(sweep["points"]), (1 + 4) * 2 * 2)
        self.assertNotIn("--network=", text.splitlines()[0])  # it has no single value
        for word in ("full_jitter:base=2R,cap=8R", "network lognormal:25us,0.5", "network constant:25us", "4 proposers"):
            self.assertIn(word, text)

    def test_1_where_is_the_cliff(self):
        text, sweep, picture = self.answer("--cliff", "--proposers=2,8", "--vary=spread=0,1", "--seeds=20",
                                           "--strategies=constant", question="cliff")
        self.assertEqual(len(sweep["answer"]), 4)
        at = {(a["proposers"], a["network"]): a["smallest"] for a in sweep["answer"]}
        # At constant latency all ballots stay in step and the first is never disturbed.
        self.assertEqual(at[(8, "constant:25us")], "0R")
        self.assertNotEqual(at[(8, "lognormal:25us,1")], "0R")
        self.assertIn("within 5%", text)
        self.assertIn("uncontended", picture)

    def test_2_what_is_on_the_front(self):
        text, sweep, picture = self.answer("--pareto", "--proposers=4", "--seeds=5", "--strategies=none,constant,lease",
                                           question="pareto")
        settings = sweep["answer"][0]["settings"]
        self.assertEqual(len(settings), 1 + 5 + 5)
        front = [(s["ballots"]["value"], s["completion_us"]["value"]) for s in settings if s["on_front"]]
        for s in settings:
            beaten = any(b <= s["ballots"]["value"] and c <= s["completion_us"]["value"] for b, c in front)
            self.assertTrue(beaten)
        self.assertIn("on the front", text)
        self.assertIn("bound", picture)

    def test_3_how_cost_grows(self):
        text, sweep, picture = self.answer("--fit", "--proposers=1,2,4,8", "--seeds=5", "--strategies=none,lease",
                                           question="fit")
        self.assertEqual({a["strategy"].split(":")[0] for a in sweep["answer"]}, {"none", "lease"})
        for a in sweep["answer"]:
            self.assertGreater(a["ballots"]["exponent"]["value"], 0.5)
            self.assertIn(a["peak_measured"], (1, 2, 4, 8))
        self.assertIn("Universal Scalability Law", text)
        self.assertIn("Universal Scalability Law", picture)

    def test_4_who_pays(self):
        text, _, picture = self.answer("--who-pays", "--proposers=4", "--seeds=5", "--strategies=none,lease",
                                       question="who-pays")
        for word in ("fairness", "p99", "lost p1", "backing off"):
            self.assertIn(word, text)
        self.assertIn("Phase split", picture)

    def test_5_do_both_engines_agree(self):
        text, sweep, picture = self.answer("--both", "--proposers=4", "--seeds=5", "--repetitions=2", "--warm-up=0",
                                           "--duration=60", "--decisions-max=200", "--strategies=none,lease,constant",
                                           question="both")
        self.assertIn("Kendall's tau", text)
        self.assertEqual(len(sweep["answer"][0]["pairs"]), 3)
        self.assertTrue(-1 <= sweep["answer"][0]["kendall_tau"] <= 1)
        self.assertIn("rank on threads", picture)

    def test_bad_input_is_refused_in_one_line(self):
        for arguments, naming in ((["--cliff", "--fit"], "--fit"), (["--vary=base"], "--vary"), (["--vary="], "--vary"),
                                  (["--vary=base=1R,xR"], "xR"), (["--vary=proposers=2"], "proposers"),
                                  (["--vary=nope=1"], "nope"), (["--vary=base=1R", "--vary=base=2R"], "twice"),
                                  (["--cliff", "--strategies=none"], "none"), (["--pareto", "--engine=both"], "--pareto"),
                                  (["--strategies=none", "--vary=cap=1R"], "cap"),
                                  (["--fit", "--vary=window=1,2"], "window"), (["--both", "--vary=spread=0,1"], "spread"),
                                  (["--cliff", "--vary=acceptors=3,5"], "acceptors"),
                                  (["--cliff", "--proposers=1"], "--proposers"), (["--proposers=0"], "--proposers")):
            with self.subTest(arguments=arguments):
                result = run("sweep", *arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
                self.assertIn(naming, result.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    unittest.main(argv=sys.argv[:1])

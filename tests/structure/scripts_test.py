"""The scripts keep their promises: options, what is installed, and that a failure is never reported as a success.

Each runs on a copy in a tree of its own, with stand-ins for cmake, ctest and apt-get first in PATH.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ("tests/run", "bench/run", "third_party/install", ".ci/run")


class Scripts(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)
        for script in SCRIPTS:
            (self.root / script).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / script, self.root / script)
        self.calls = self.root / "calls"
        self.stand_in("dpkg-query", 'shift 3; for name; do echo "installed $name"; done')
        self.stand_in("cmake", "exit 0")
        self.stand_in("sudo", '"$@"')
        self.stand_in("apt-get", f'echo "$@" >>"{self.calls}"')

    def stand_in(self, name, body):
        file = self.root / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)

    def run_script(self, script, *options):
        environment = dict(os.environ, PATH=f"{self.root / 'bin'}:{os.environ['PATH']}")
        return subprocess.run([self.root / script, *options], cwd="/", env=environment, text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)

    def run_tests_with(self, ctest):
        self.stand_in("ctest", ctest)
        done = self.run_script("tests/run", "--quick")
        return done.returncode, done.stdout.strip().split("\n")[-1]

    def test_help_is_free_and_a_bad_option_is_one_line_and_exit_code_2(self):
        for script in ("tests/run", "bench/run", "third_party/install"):
            done = self.run_script(script, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(f"usage: {script}", done.stdout)
        for script, options in (("tests/run", ["--quik"]), ("tests/run", ["--quick", "x"]), (".ci/run", ["-q"]),
                                ("third_party/install", []), ("third_party/install", ["build", "all"])):
            done = self.run_script(script, *options)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done)

    def test_nothing_is_installed_when_all_is_there(self):
        self.assertEqual(self.run_script("third_party/install", "build", "tests").returncode, 0)
        self.assertFalse(self.calls.exists())

    def test_only_what_is_missing_is_installed(self):
        self.stand_in("dpkg-query", 'echo "installed libgtest-dev"; echo "config-files libgmock-dev"; exit 1')
        self.assertEqual(self.run_script("third_party/install", "tests").returncode, 0)
        calls = self.calls.read_text()
        self.assertTrue(calls.startswith("-y -qq install --no-install-recommends libgmock-dev "), calls)
        self.assertNotIn("libgtest-dev", calls)

    def test_a_failed_installation_shows_why_and_fails(self):
        self.stand_in("dpkg-query", "exit 1")
        self.stand_in("apt-get", "echo E: no such thing; exit 100")
        done = self.run_script("third_party/install", "bench")
        self.assertEqual(done.returncode, 1)
        self.assertIn("E: no such thing", done.stderr)

    def test_the_totals_are_those_of_ctest(self):
        self.assertEqual(self.run_tests_with('echo "100% tests passed, 0 tests failed out of 7"'),
                         (0, "7 passed, 0 failed"))
        self.assertEqual(self.run_tests_with(
            "printf '75%% tests passed, 1 tests failed out of 4\\n\\n\\t  2 - a (Skipped)\\n'; exit 8"),
                         (1, "2 passed, 1 failed, 1 skipped"))

    def test_no_tests_or_a_broken_ctest_is_a_failure(self):
        self.assertEqual(self.run_tests_with("echo 'No tests were found!!!'; exit 8"), (1, "0 passed, 1 failed"))
        self.assertEqual(self.run_tests_with("exit 0"), (1, "0 passed, 1 failed"))
        self.assertEqual(self.run_tests_with('echo "100% tests passed, 0 tests failed out of 7"; exit 139'),
                         (1, "7 passed, 1 failed"))

    def test_a_failed_build_is_shown_and_is_a_failure(self):
        self.stand_in("cmake", "echo a.cpp:1: error; exit 1")
        self.stand_in("ctest", 'echo "100% tests passed, 0 tests failed out of 7"')
        done = self.run_script("tests/run", "--quick")
        self.assertEqual(done.returncode, 1)
        self.assertIn("a.cpp:1: error", done.stdout)
        self.assertTrue(done.stdout.endswith("\n0 passed, 1 failed\n"))

    def paxoscope(self, *options):
        """What bench/run hands to paxoscope, with $ROOT for the tree; paxoscope ends as after Ctrl-C."""
        self.stand_in("paxoscope", 'for option; do echo "$option"; done; exit 130')
        program = self.root / "build/release/bench/paxoscope"
        program.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.root / "bin/paxoscope", program)
        done = self.run_script("bench/run", *options)
        self.assertEqual(done.returncode, 130, done)
        return done.stdout.replace(str(self.root), "$ROOT").split()

    def test_bench_run_hands_its_options_on_and_ends_with_its_exit_code(self):
        results = "$ROOT/build/results/compare"
        self.assertEqual(self.paxoscope("--seed=3"), ["compare", f"--plot={results}.svg", f"--json={results}.json",
                                                      f"--csv={results}.csv", "--seed=3"])
        self.assertEqual(self.paxoscope("--json=a", "--plot", "b"),
                         ["compare", f"--csv={results}.csv", "--json=a", "--plot", "b"])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
"""A person at a real window, under Xvfb: keys and clicks by xdotool, and what the window tells about itself.

usage: window_test.py PAXOS_VIZ TRACE
The window says on stdout what happens (--narrate), and saves its picture as SVG, in which everything that can be
clicked has its name: the test finds its way by these two, waits for what it expects, and measures no time.
"""

import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import xml.etree.ElementTree as xml

VIZ = TRACE = ""
PATIENCE = 60  # seconds until something that must happen is called missing
WIDTH, HEIGHT = 1280, 720


class Window:
    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        read, write = os.pipe()
        self.xvfb = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as display:
            self.env = {**os.environ, "DISPLAY": ":" + display.readline().strip(), "XDG_CONFIG_HOME": str(folder),
                        "LIBGL_ALWAYS_SOFTWARE": "1"}
        self.program = subprocess.Popen(
            [VIZ, "--narrate", "--size", f"{WIDTH}x{HEIGHT}", *options], cwd=folder, env=self.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines, self.heard = queue.Queue(), []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.program.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def close(self):
        self.program.terminate()
        self.program.wait(PATIENCE)
        self.xvfb.terminate()
        self.xvfb.wait(PATIENCE)
        self.program.stdout.close()

    def expect(self, pattern):
        """Waits for a line that matches, and gives the match back."""
        while True:
            try:
                line = self.lines.get(timeout=PATIENCE)
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"'{pattern}' was not told; heard: {self.heard[-12:]}")
            self.heard.append(line)
            if match := re.search(pattern, line):
                return match

    def do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, timeout=PATIENCE)

    def key(self, *names):
        self.do("key", *names)

    def by_name(self, text):
        """Does anything by typing its name."""
        self.key("slash")
        self.do("type", "--delay", "1", text)
        self.key("Return")

    def places(self):
        """Where everything that can be clicked is, by name: in the picture that the window saves."""
        self.key("p")
        self.expect(r"^say: saved as paxoscope\.svg")
        places = {}
        for rect in xml.parse(self.folder / "paxoscope.svg").iter("{http://www.w3.org/2000/svg}rect"):
            if name := rect.get("data-name"):
                x, y, w, h = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
                places.setdefault(name, (x, y, w, h))
        return places

    def click(self, name, across=0.5):
        x, y, w, h = self.places()[name]
        self.do("mousemove", round(x + w * across), round(y + h / 2), "click", "1")


class Person(unittest.TestCase):
    def open(self, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        window = Window(folder.name, *options)
        self.addCleanup(window.close)
        return window

    def test_the_first_start_is_a_guided_tour_of_the_three_examples(self):
        window = self.open()
        window.expect(r"^tour: ")
        opened = set()
        for _ in range(60):
            window.key("Return")
            match = window.expect(r"^open: (\w+)|^tour: |^say: That was the tour")
            if match[1]:
                opened.add(match[1])
            if match[0].startswith("say"):
                break
        else:
            self.fail("the tour does not end")
        self.assertEqual(opened | {"example_1_single_proposer"},
                         {"example_1_single_proposer", "example_2_two_proposers", "example_3_key_value"})

    def test_pause_step_scrub_and_play_on(self):
        window = self.open("--scenario", "duel")
        window.expect("^open: duel")
        window.key("space")
        window.expect("^playing")
        window.key("space")
        window.expect("^at ")
        window.key("Home")
        first = window.expect("^at (.*?): ")[1]
        window.key("Right")
        second = window.expect("^at (.*?): ")[1]
        self.assertNotEqual(first, second)
        window.key("Left")
        self.assertEqual(window.expect("^at (.*?): ")[1], first)
        window.click("timeline", 0.6)
        window.expect("^at (?!%s)" % re.escape(first))
        window.click("timeline", 0.2)  # scrubs back
        window.expect("^at ")
        window.click("play")
        window.expect("^playing")

    def test_crash_cut_and_another_strategy_by_mouse_and_by_name(self):
        window = self.open("--scenario", "livelock", "--at", "1s")
        window.expect("^open: livelock")
        window.click("power A1")
        window.expect("^say: A1 crashed")
        window.click("power A1")
        window.expect("^say: A1 is up again")
        window.by_name("link P1 A0")
        window.expect("^say: the link between P1 and A0 is cut")
        window.by_name("strategy lease")
        window.expect("^say: strategy is now lease")
        window.expect("^playing")

    def test_a_trace_opens_and_shows_the_rule_that_broke(self):
        window = self.open("--scenario", "duel")
        window.expect("^open: duel")
        trace = window.folder / "found.trace"
        shutil.copy(TRACE, trace)
        window.by_name(f"open {trace}")
        window.expect(f"^open: {re.escape(str(trace))}")
        window.key("a")
        window.do("type", "--delay", "1", "here it is")
        window.key("Return", "q")
        self.assertEqual(window.program.wait(PATIENCE), 0)
        self.assertIn("here it is", (window.folder / "found.trace.notes.json").read_text())

    def test_a_closed_window_remembers_how_it_looked(self):
        window = self.open("--scenario", "duel")
        window.expect("^open: duel")
        window.key("t", "2")
        window.key("q")
        self.assertEqual(window.program.wait(PATIENCE), 0)
        remembered = (window.folder / "paxoscope/window").read_text()
        self.assertIn("dark 0", remembered)
        self.assertIn("lower 1", remembered)


if __name__ == "__main__":
    TRACE, VIZ = sys.argv.pop(), sys.argv.pop()
    unittest.main(argv=sys.argv[:1])

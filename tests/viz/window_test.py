#!/usr/bin/env python3
"""Two people at a real window, under Xvfb: one has only the mouse, the other only the keyboard (xdotool moves both).

usage: window_test.py PAXOS_VIZ TRACE
Each takes the guided tour, pauses, steps, scrubs back, crashes an acceptor, changes the strategy, captures from real
threads and opens a trace. The window says on stdout what happens and where everything is (--narrate): the test waits
for what it expects, and measures no time.
"""

import ctypes
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

VIZ = TRACE = ""
PATIENCE = 60  # seconds until something that must happen is called missing
WIDTH, HEIGHT = 1280, 720
EXAMPLES = {"example_1_single_proposer", "example_2_two_proposers", "example_3_key_value"}
UNITS = {"": 1, "ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


class Window:
    def __init__(self, *options):
        self.home = tempfile.TemporaryDirectory()  # for settings
        self.work = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.work.name)
        shutil.copy(TRACE, self.folder / "found.trace")
        read, write = os.pipe()
        self.xvfb = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"],
            pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as display:
            self.env = {**os.environ, "DISPLAY": ":" + display.readline().strip(), "XDG_CONFIG_HOME": self.home.name,
                        "LIBGL_ALWAYS_SOFTWARE": "1"}
        self.program = subprocess.Popen(
            [VIZ, "--narrate", "--size", f"{WIDTH}x{HEIGHT}", *options], cwd=self.folder, env=self.env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.lines, self.heard, self.places = queue.Queue(), [], {}
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
        self.home.cleanup()
        self.work.cleanup()

    def next_line(self, wanted):
        try:
            line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            line = None
        if line is None:
            raise AssertionError(f"{wanted} did not come; heard: {self.heard[-12:]}; there are: {sorted(self.places)}")
        if not line.startswith("places:"):
            self.heard.append(line)
            return line
        self.places = {name: tuple(map(int, box.split()))
                       for name, box in re.findall(r" (.*?) = (-?\d+ -?\d+ \d+ \d+);", line)}
        return ""

    def expect(self, pattern):
        """Waits for a line that matches, and gives the match back."""
        while not (match := re.search(pattern, self.next_line(f"'{pattern}'"))):
            pass
        return match

    def time(self, meets=lambda time: True):
        """Waits until time stands still at one that meets the condition; in nanoseconds."""
        while True:
            number, unit = self.expect(r"^at (-?[\d.]+) ?(\w*)").groups()
            if meets(float(number) * UNITS[unit]):
                return float(number) * UNITS[unit]

    def do(self, *words):
        subprocess.run(["xdotool", *map(str, words)], env=self.env, check=True, timeout=PATIENCE)

    def key(self, *names):
        # GLFW takes two presses of a key within one millisecond for one.
        self.do("key", "--delay", "5", *names)

    def type(self, text):
        self.do("type", "--delay", "5", text)

    def point(self, name, across=0.5, down=0.5):
        """Where that is in the window, as soon as it is there."""
        while name not in self.places:
            self.next_line(f"a place named '{name}'")
        x, y, w, h = self.places[name]
        return round(x + w * across), round(y + h * down)

    def click(self, name, across=0.5):
        self.do("mousemove", *self.point(name, across), "click", "1")

    def drag(self, name, start, end):
        self.do("mousemove", *self.point(name, start), "mousedown", "1", "mousemove", *self.point(name, end))
        self.do("mouseup", "1")


class Drop:
    """What a file manager does when a file is dropped onto a window: the XDND protocol, spoken through libX11."""

    ENTER_VERSION, CLIENT_MESSAGE, SELECTION_REQUEST, SELECTION_NOTIFY = 5 << 24, 33, 30, 31
    Event = ctypes.c_ulong * 24  # of every kind: its members are words, apart from padding

    def __init__(self, window):
        self.x11 = ctypes.CDLL("libX11.so.6")
        for name in ("XOpenDisplay", "XInternAtom", "XDefaultRootWindow", "XCreateSimpleWindow"):
            getattr(self.x11, name).restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x11.XOpenDisplay(window.env["DISPLAY"].encode()))
        root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))
        none = ctypes.c_ulong(0)
        self.source = self.x11.XCreateSimpleWindow(self.display, root, 0, 0, 1, 1, 0, none, none)
        found = subprocess.run(["xdotool", "search", "--name", "Paxoscope"], env=window.env, check=True,
                               capture_output=True, text=True)
        self.target = int(found.stdout.split()[0])

    def atom(self, name):
        return self.x11.XInternAtom(self.display, name.encode(), 0)

    def send(self, to, *words):
        event = self.Event(*words)
        self.x11.XSendEvent(self.display, ctypes.c_ulong(to), 0, ctypes.c_long(0), ctypes.byref(event))
        self.x11.XFlush(self.display)

    def tell(self, kind, *data):
        self.send(self.target, self.CLIENT_MESSAGE, 0, 0, 0, self.target, self.atom(kind), 32, self.source, *data)

    def wait_for(self, meets):
        event = self.Event()
        while not meets(event):
            self.x11.XNextEvent(self.display, ctypes.byref(event))
        return event

    def from_nobody(self):
        """As if whoever drags had died on the way: it asks, and there is nobody to answer."""
        self.x11.XDestroyWindow(self.display, ctypes.c_ulong(self.source))
        self.tell("XdndEnter", self.ENTER_VERSION, self.atom("text/uri-list"))
        self.tell("XdndPosition", 0, 200 << 16 | 200, 0, self.atom("XdndActionCopy"))
        self.x11.XCloseDisplay(self.display)

    def file(self, path):
        selection = ctypes.c_ulong(self.atom("XdndSelection"))
        self.x11.XSetSelectionOwner(self.display, selection, ctypes.c_ulong(self.source), ctypes.c_ulong(0))
        self.tell("XdndEnter", self.ENTER_VERSION, self.atom("text/uri-list"))
        self.tell("XdndPosition", 0, 200 << 16 | 200, 0, self.atom("XdndActionCopy"))
        self.tell("XdndDrop")
        event = self.wait_for(lambda event: event[0] & 0xFFFFFFFF == self.SELECTION_REQUEST)
        asker, chosen, target, place, time = event[5:10]
        words = f"file://{path}\r\n".encode()
        self.x11.XChangeProperty(self.display, *map(ctypes.c_ulong, (asker, place, target)), 8, 0, words, len(words))
        self.send(asker, self.SELECTION_NOTIFY, 0, 0, 0, asker, chosen, target, place, time)
        finished = self.atom("XdndFinished")
        self.wait_for(lambda event: event[0] & 0xFFFFFFFF == self.CLIENT_MESSAGE and event[5] == finished)
        self.x11.XCloseDisplay(self.display)


class Person(unittest.TestCase):
    def at(self, *options):
        window = Window(*options)
        self.addCleanup(window.close)
        return window

    def take_the_tour(self, window, on):
        """`on`: goes on to the next step."""
        window.expect("^tour: ")
        opened = {"example_1_single_proposer"}
        for _ in range(60):
            on()
            match = window.expect(r"^open: (\w+)|^tour: |^say: That was the tour")
            if match[1]:
                opened.add(match[1])
                window.expect("^tour: ")
            if match[0].startswith("say"):
                return self.assertEqual(opened, EXAMPLES)
        self.fail("the tour does not end")

    def test_everything_by_mouse_alone(self):
        window = self.at()
        self.take_the_tour(window, lambda: window.click("Next"))
        window.click("Scenarios")
        window.click("livelock")
        window.expect("^open: livelock")
        window.expect("^playing")
        window.click("play")
        paused = window.time()
        window.click("step")
        window.time(lambda time: time > paused)
        window.click("step back")
        window.time(lambda time: time <= paused)
        window.drag("timeline", 0.9, 0.3)
        window.time(lambda time: time < paused / 2)
        window.click("power A1")
        window.expect("^say: A1 crashed")
        window.click("power A1")
        window.expect("^say: A1 is up again")
        window.click("home")
        window.time(lambda time: time == 0)  # nothing flies yet where the click goes
        above, below = window.point("proposer 1", 0.5, 1), window.point("acceptor 0", 0.5, 0)
        window.do("mousemove", (above[0] + below[0]) // 2, (above[1] + below[1]) // 2, "click", "1")
        window.expect("^say: the link between P1 and A0 is cut")
        window.click("Experiment")
        window.click("strategy +")
        window.click("Start")
        window.expect("^say: started live: .*, strategy (?!none)")
        window.expect("^playing")
        window.click("Capture")
        window.click("before -")
        window.click("Arm")
        window.expect("^say: armed: preempted in phase 2")
        window.expect("^open: captured")
        window.expect(r"^say: .*: [\d,]+ events kept")
        window.click("Open")
        window.click("found.trace")
        window.expect("^open: .*/found.trace")
        window.click("end")
        window.expect("^headline: .*vote")  # the sentence of the rule that broke
        window.click("Scenarios")
        window.click("duel")
        window.expect("^open: duel")
        Drop(window).from_nobody()
        Drop(window).file(window.folder / "found.trace")
        window.expect("^open: .*/found.trace")
        window.click("end")
        window.expect("^headline: .*vote")
        window.click("Light")
        window.click("Save picture")
        window.expect(r"^say: saved as paxoscope\.svg")
        self.assertIn("SAFETY BROKEN", (window.folder / "paxoscope.svg").read_text())

    def test_everything_by_keyboard_alone(self):
        window = self.at()
        self.take_the_tour(window, lambda: window.key("Return"))
        window.key("s", "Down", "Down", "Down", "Down", "Return")
        window.expect("^open: livelock")
        window.expect("^playing")
        window.key("space")
        paused = window.time()
        window.key("Right")
        later = window.time(lambda time: time > paused)
        window.key("Left")
        window.time(lambda time: time < later)
        window.key("Right", "Right")
        window.time(lambda time: time > paused)
        window.key("Home")
        window.time(lambda time: time == 0)
        window.key("Right", "Right", "Right")
        window.time(lambda time: time > 0)
        window.key(*["Tab"] * 8, "x")  # six proposers, then A0 and A1
        window.expect("^say: A1 crashed")
        window.key("x")
        window.expect("^say: A1 is up again")
        window.key("slash")
        window.type("link P1 A0")
        window.key("Return")
        window.expect("^say: the link between P1 and A0 is cut")
        window.key("e", "Right", "Return")
        window.expect("^say: started live: .*, strategy (?!none)")
        window.expect("^playing")
        window.key("c", "Down", "Down", "Left", "Return")
        window.expect("^say: armed: preempted in phase 2")
        window.expect("^open: captured")
        window.expect(r"^say: .*: [\d,]+ events kept")
        window.key("i", "o", "Down", "Return")
        window.expect("^open: .*/found.trace")
        window.key("End")
        window.expect("^headline: .*vote")
        window.key("a")
        window.type("here it is")
        window.key("Return", "t", "2", "q")
        self.assertEqual(window.program.wait(PATIENCE), 0)
        self.assertIn("here it is", (window.folder / "found.trace.notes.json").read_text())
        remembered = (pathlib.Path(window.home.name) / "paxoscope/window").read_text()
        self.assertIn("dark 0", remembered)
        self.assertIn("lower 1", remembered)


if __name__ == "__main__":
    TRACE, VIZ = sys.argv.pop(), sys.argv.pop()
    unittest.main(argv=sys.argv[:1])

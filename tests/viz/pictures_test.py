#!/usr/bin/env python3
"""Pictures without a display: what they contain, that they are the same each time, and how bad options are refused.

usage: pictures_test.py PAXOS_VIZ
"""

import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml
import zlib

VIZ = ""
SVG = "{http://www.w3.org/2000/svg}"
# The first two hues, the background and the green of "safety holds", by theme.
COLOURS = {
    "dark": [(0x56, 0xB4, 0xE9), (0xE6, 0x9F, 0x00), (0x13, 0x16, 0x1B), (0x4C, 0xCF, 0x8A)],
    "light": [(0x00, 0x72, 0xB2), (0xC4, 0x7A, 0x00), (0xFF, 0xFF, 0xFF), (0x0B, 0x7A, 0x46)],
}


def run(*options, **more):
    # No display at all, and no settings of whoever runs this.
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run([VIZ, *map(str, options)], capture_output=True, text=True, timeout=120, env=env, **more)


def texts(path):
    return [element.text for element in xml.parse(path).iter(SVG + "text")]


def size_of(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


def colours_of(path):
    """The set of colours of a PNG (8 bits, RGB, not interlaced)."""
    data, at, packed = path.read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    raw, (width, height) = zlib.decompress(packed), size_of(path)
    stride, colours, above = width * 3, set(), bytearray(width * 3)
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for x in range(stride if kind else 0):
            left, up, corner = (row[x - 3], above[x], above[x - 3]) if x >= 3 else (0, above[x], 0)
            if kind == 4:  # Paeth: whichever of the three is nearest to left + up - corner
                near = left + up - corner
                add = min((left, up, corner), key=lambda value: abs(near - value))
            else:
                add = (left, up, (left + up) // 2)[kind - 1]
            row[x] = (row[x] + add) & 0xFF
        colours.update(zip(row[0::3], row[1::3], row[2::3]))
        above = row
    return colours


class Pictures(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def picture(self, name, *options):
        path = self.folder / name
        size = () if "--size" in options else ("--size", "960x600")
        result = run("--screenshot", path, *size, *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return path

    def test_every_scenario_has_a_picture_that_names_its_agents_and_the_state_of_safety(self):
        result = run("--gallery", self.folder, "--size", "960x600")
        self.assertEqual(result.returncode, 0, result.stderr)
        pictures = sorted(self.folder.glob("*.png"))
        self.assertGreater(len(pictures), 15)
        seen_broken = 0
        for picture in pictures:
            with self.subTest(picture.stem):
                self.assertEqual(size_of(picture), (960, 600))
                self.assertGreater(picture.stat().st_size, 20_000, "something is drawn")
                words = texts(picture.with_suffix(".svg"))
                self.assertIn("A0", words)
                self.assertTrue(any(word[:1] == "P" and word[1:].isdigit() for word in words))
                broken = "SAFETY BROKEN" in words
                self.assertNotEqual(broken, "safety holds" in words)
                self.assertEqual(broken, picture.stem.startswith("bug_"), picture.stem)
                seen_broken += broken
        self.assertGreater(seen_broken, 0)

    def test_the_same_options_give_the_same_bytes(self):
        for options in (["--scenario", "duel", "--at", "1.2s"], ["--scenario", "ten_way_duel", "--at", "2s"]):
            first, again = self.picture("first.png", *options), self.picture("again.png", *options)
            self.assertEqual(first.read_bytes(), again.read_bytes(), options)

    def test_both_proposers_of_a_duel_show_in_their_colours_in_both_themes(self):
        for theme, wanted in COLOURS.items():
            path = self.picture("duel.png", "--scenario", "duel", "--at", "7s", "--theme", theme, "--size", "640x480")
            colours = colours_of(path)
            for colour in wanted:
                self.assertIn(colour, colours, theme)

    def test_a_picture_is_as_large_and_its_type_as_big_as_asked_for(self):
        for scale in ("1.0", "1.5", "2.0"):
            path = self.picture("scaled.png", "--scale", scale, "--export", self.folder / "scaled.svg")
            self.assertEqual(size_of(path), (960, 600))
            sizes = {float(e.get("font-size")) for e in xml.parse(self.folder / "scaled.svg").iter(SVG + "text")}
            self.assertAlmostEqual(min(sizes), 13 * float(scale) * 0.853, delta=0.6)

    def test_a_recording_is_one_picture_a_frame(self):
        folder = self.folder / "frames"
        result = run("--record", folder, "--fps", "10", "--seconds", "1", "--size", "640x480", "--scenario", "duel")
        self.assertEqual(result.returncode, 0, result.stderr)
        frames = sorted(folder.iterdir())
        self.assertEqual([frame.name for frame in frames], [f"frame_{i:05}.png" for i in range(10)])
        self.assertNotEqual(frames[0].read_bytes(), frames[-1].read_bytes())

    def test_bad_options_are_refused_in_one_line(self):
        for options, says in (
            (["--size", "0x0"], "allowed: WIDTHxHEIGHT"),
            (["--size", "9999999x1"], "allowed: WIDTHxHEIGHT"),
            (["--size", "1600"], "allowed: WIDTHxHEIGHT"),
            (["--at", "-1s", "--screenshot", "x.png"], "--at"),
            (["--at", "soon"], "allowed: a time"),
            (["--scenario", "nonsense"], "there is no scenario 'nonsense'"),
            (["--scale", "nan"], "--scale"),
            (["--fps", "0"], "--fps"),
            (["--theme", "pink"], "--theme"),
            (["--export", "x.gif"], "allowed: FILE.svg or FILE.png"),
            (["--nonsense"], "--nonsense"),
            (["--screenshot", "/nonexistent/x.png"], "cannot write /nonexistent/x.png"),
            (["--record", "/proc/x"], "cannot make the folder /proc/x"),
            (["/nonexistent.trace"], "/nonexistent.trace"),
        ):
            with self.subTest(options):
                result = run(*options)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(says, result.stderr)

    def test_without_a_display_it_says_so_and_what_to_install(self):
        result = run("--scenario", "duel")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("no display", result.stderr)
        self.assertIn("apt-get install", result.stderr)


if __name__ == "__main__":
    VIZ = sys.argv.pop()
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/env python3
"""Golden runs have the same trace hashes from every compiler at every level of optimisation.

usage: every_compiler_test.py SOURCE_ROOT RELEASE_PROGRAM
RELEASE_PROGRAM was built by the build that runs this test. The others are built here, of the same sources.
Exit code 77: there is no second compiler.
"""

import glob
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
BUILDS = [("g++", "-O0"), ("clang++", "-O0"), ("clang++", "-O3")]
# What the program needs of core; by folder, so that a new file is picked up by itself.
FOLDERS = ["backoff", "node", "paxos", "simulation"]
FILES = ["stats/histogram.cpp", "stats/sampler.cpp", "trace/event_names.cpp"]


def build(root, folder, compiler, level):
    """Starts the compiler on everything as one file, which takes it a third of the time."""
    sources = [path for name in FOLDERS for path in sorted(glob.glob(f"{root}/core/{name}/*.cpp"))]
    sources += [f"{root}/core/{name}" for name in FILES] + [f"{root}/tests/end_to_end/golden_program.cpp"]
    program = os.path.join(folder, f"{compiler}{level}")
    with open(f"{program}.cpp", "w", encoding="ascii") as whole:
        whole.writelines(f'#include "{path}"\n' for path in sources)
    command = [compiler, "-std=c++20", level, "-ffp-contract=off", "-w", f"-I{root}", f"{program}.cpp", "-o", program,
               "-lfmt"]
    return program, subprocess.Popen(command)


def hashes(program):
    """The lines `expected strategy got` that the program prints."""
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split() for line in lines]


def main():
    root, release = sys.argv[1:]
    missing = [compiler for compiler, _ in BUILDS if shutil.which(compiler) is None]
    if missing:
        print(f"skipped: there is no {missing[0]}")
        return SKIPPED
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        programs = [release]
        for compiler, level in BUILDS:
            program, compilation = build(root, folder, compiler, level)
            if compilation.wait() != 0:
                print(f"{compiler} {level} does not build the golden runs")
                return 1
            programs.append(program)
        for program in programs:
            runs = hashes(program)
            differing = [(name, expected, got) for expected, name, got in runs if got != expected]
            wrong += len(differing) if runs else 1
            print(f"{os.path.basename(program)}: {len(runs)} runs, {len(differing)} differ")
            for name, expected, got in differing:
                print(f"  {name}: {got} instead of {expected}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

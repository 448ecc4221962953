#!/usr/bin/env python3
"""Reads the sources and prints every breach of the design's structure; exits 1 if there is one.

usage: structure.py [ROOT]
Which folder may include which, what core/paxos may not name, how long a file may be.
"""

import pathlib
import re
import sys

# What each folder may include of ours. A grant includes what the granted folder may include in its turn, and
# covers the folders below it. A source in a folder that has no row of its own, or above it, is a fault.
MAY_INCLUDE = {
    "core/paxos": [],
    "core/backoff": ["core/paxos"],
    "core/stats": [],
    "core/trace": ["core/paxos"],
    "core/node": ["core/paxos", "core/backoff", "core/trace", "core/stats"],
    "core/threads": ["core/node", "core/trace"],
    "core/scenario": ["core/node", "core/trace"],
    "core/simulation": ["core/node", "core/trace"],
    "core/check": ["core/node", "core/trace"],
    "core/kv": ["core/paxos", "core/backoff"],
    "core/wire": ["core/node", "core/trace"],
    "core/experiment": ["core"],
    "bench": ["core"],
    "viz/model": ["core"],
    "viz/view": ["core", "viz/model"],
    "viz/app": ["core", "viz/model", "viz/view"],
    "tests": ["core", "bench", "viz"],
}
# Anyone may include these, and they include nothing of ours.
FOR_ANYONE = ["core/counted.h", "core/error.h", "core/nanos.h", "core/prefetch.h", "core/random.h"]

# Headers of a window: only these folders draw.
DRAWING = re.compile(r"imgui|implot|glfw|glad|\bgl/|\bgles\d|opengl", re.IGNORECASE)
MAY_DRAW = ["viz/view", "viz/app", "tests"]

# core/paxos is a pure state machine. A word counts as a whole or between underscores: std::atomic_ref, shared_mutex.
IMPURE = {"thread", "jthread", "mutex", "atomic", "chrono", "random", "iostream", "virtual"}
IMPURE_WHOLE = {"new"}

LINES_PER_FILE = 500  # at most
LINES_OF_PAXOS = 399  # at most, all its files together

CPP = {".h", ".cpp"}
# Not data: golden output and recorded runs are as long as they are.
TEXT = CPP | {".py", ".sh", ".cmake", ".proto", ".glsl", ""}

# Comments and literals, in the order in which they hide each other; a number hides its digit separators.
LEXEME = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
      |(?P<include>^[ \t]*\#[ \t]*include[ \t]*["<][^">\n]*[">])
      |(?P<literal>\bu?8?L?U?R"(?P<fence>[^\s()\\]{0,16})\(.*?\)(?P=fence)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')
      |(?P<number>\b\d(?:'?\w|\.)*)""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)


def code_of(text):
    """The text without comments and literals, line for line; the paths of #include stay."""

    def blank(match):
        if match["include"] or match["number"]:
            return match[0]
        return " " + "\n" * match[0].count("\n")

    return LEXEME.sub(blank, text)


def folder_of(path, folders):
    """The longest of `folders` that holds `path`, or None."""
    holders = [folder for folder in folders if path.startswith(folder + "/")]
    return max(holders, key=len, default=None)


def reachable(folder):
    """What `folder` may include: itself, its grants, and theirs."""
    seen, todo = set(), [folder]
    while todo:
        granted = todo.pop()
        if granted not in seen:
            seen.add(granted)
            todo += MAY_INCLUDE.get(granted, [])
    return seen


def exists(root, included):
    """protoc's output counts as there if its .proto is."""
    generated = re.fullmatch(r"(.*?)(\.grpc)?\.pb\.h", included)
    return (root / (generated[1] + ".proto" if generated else included)).is_file()


def include_faults(root, path, folder, quote, included):
    ours = folder_of(included, ["core", "bench", "viz", "tests"])
    if quote == "<":
        if ours:
            yield f"<{included}> is ours: write it in quotes"
        if DRAWING.search(included) and folder not in MAY_DRAW:
            yield f"<{included}>: only {', '.join(MAY_DRAW)} may draw"
        return
    if not ours:
        yield f'"{included}" is not a path from the root (a foreign header goes in <>)'
    elif not exists(root, included):
        yield f'"{included}" does not exist'
    elif path in FOR_ANYONE:
        yield f'"{included}": {path} may include nothing of ours'
    elif included not in FOR_ANYONE and not folder_of(included, reachable(folder)):
        granted = ", ".join(MAY_INCLUDE[folder]) or "nothing else of ours"
        yield f'"{included}": {folder} may include itself and {granted}'


def source_faults(root, path, text):
    folder = folder_of(path, MAY_INCLUDE)
    if not folder and path not in FOR_ANYONE:
        yield 1, "this folder has no row in the table of tests/structure/structure.py"
        return
    for number, line in enumerate(code_of(text).split("\n"), 1):
        include = re.match(r'\s*#\s*include\s*(["<])([^">]*)', line)
        if include:
            for fault in include_faults(root, path, folder, include[1], include[2]):
                yield number, fault
        if folder == "core/paxos":
            for word in re.findall(r"[A-Za-z_]\w*", line):
                if word in IMPURE_WHOLE or IMPURE & set(word.split("_")):
                    yield number, f"core/paxos may not name '{word}'"


def readme_faults(root):
    """Whatever of ours the README names is there; a name that ends like a script can be run."""
    readme = root / "README.md"
    if not readme.is_file():
        return
    for number, line in enumerate(readme.read_text().split("\n"), 1):
        for name in re.findall(r"(?<![\w./-])(?:\./)?((?:\.ci|core|bench|viz|tests|third_party)/[\w./*-]*)", line):
            name = name.rstrip("./")
            found = list(root.glob(name))
            if not found:
                yield f"README.md:{number}: {name} does not exist"
            elif found[0].name in ("run", "install") and not found[0].stat().st_mode & 0o100:
                yield f"README.md:{number}: {name} is not executable"


def package_faults(root):
    """What CMake tells the user to install is what third_party/install installs."""
    cmake, install = root / "third_party/CMakeLists.txt", root / "third_party/install"
    if not cmake.is_file() or not install.is_file():
        return
    known = set(re.findall(r"[\w.+-]+", install.read_text()))
    for package in re.findall(r"\blib[\w.+-]+-dev\b", cmake.read_text()):
        if package not in known:
            yield f"third_party/CMakeLists.txt: {package} is in no group of third_party/install"


def faults(root):
    """Every breach below `root`, one line each."""
    root = pathlib.Path(root)
    paxos_lines = 0
    for top in ("core", "bench", "viz", "tests"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in TEXT or not file.is_file():
                continue
            path, text = file.relative_to(root).as_posix(), file.read_text()
            lines = text.count("\n")
            if lines > LINES_PER_FILE:
                yield f"{path}: {lines} lines; at most {LINES_PER_FILE}"
            if file.suffix in CPP:
                paxos_lines += lines if path.startswith("core/paxos/") else 0
                for number, fault in source_faults(root, path, text):
                    yield f"{path}:{number}: {fault}"
    if paxos_lines > LINES_OF_PAXOS:
        yield f"core/paxos: {paxos_lines} lines in all; at most {LINES_OF_PAXOS}"
    yield from readme_faults(root)
    yield from package_faults(root)


def main():
    found = list(faults(sys.argv[1] if len(sys.argv) > 1 else "."))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

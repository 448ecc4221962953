"""The structure check is itself checked: each rule catches what it forbids and lets pass what it allows."""

import pathlib
import tempfile
import unittest

import structure


class Tree(unittest.TestCase):
    """A tree of its own for each test."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.root = pathlib.Path(self.directory.name)
        for header in ("core/error.h", "core/nanos.h", "core/random.h", "core/paxos/ballot.h", "core/node/node.h",
                       "core/stats/histogram.h", "bench/plot.h", "viz/model/model.h", "viz/view/view.h"):
            self.write(header, "#pragma once\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def assert_clean(self):
        self.assertEqual(list(structure.faults(self.root)), [])

    def assert_fault(self, *words):
        """Exactly one fault, and it says all of `words`."""
        found = list(structure.faults(self.root))
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])


class Includes(Tree):
    def test_the_untouched_tree_is_clean(self):
        self.assert_clean()

    def test_each_row_allows_itself_its_grants_and_theirs(self):
        self.write("core/threads/a.h", '#include "core/threads/b.h"\n#include "core/node/node.h"\n'
                   '#include "core/paxos/ballot.h"\n#include "core/nanos.h"\n#include <thread>\n')
        self.write("core/threads/b.h", "")
        self.write("core/experiment/a.h", '#include "core/stats/histogram.h"\n')
        self.write("tests/unit/a_test.cpp", '#include "viz/view/view.h"\n#include "bench/plot.h"\n')
        self.write("viz/view/a.cpp", '#include "viz/model/model.h"\n#include <imgui.h>\n')
        self.assert_clean()

    def test_every_row_refuses_every_folder_that_it_was_not_granted(self):
        headers = {folder: folder + "/x.h" for folder in structure.MAY_INCLUDE}
        for header in headers.values():
            self.write(header, "")
        for folder in structure.MAY_INCLUDE:
            for other, header in headers.items():
                allowed = bool(structure.folder_of(header, structure.reachable(folder)))
                file = self.write(folder + "/planted.cpp", f'#include "{header}"\n')
                found = list(structure.faults(self.root))
                self.assertEqual(found == [], allowed, (folder, other, found))
                file.unlink()

    def test_bench_and_viz_do_not_meet_and_core_knows_neither(self):
        for path, included in (("bench/a.cpp", "viz/model/model.h"), ("viz/app/a.cpp", "bench/plot.h"),
                               ("core/experiment/a.cpp", "bench/plot.h"), ("core/node/a.cpp", "viz/model/model.h"),
                               ("core/paxos/a.h", "core/node/node.h"), ("viz/model/a.h", "viz/view/view.h"),
                               ("core/nanos.h", "core/error.h")):
            file = self.write(path, f'\n  #  include "{included}" // why\n')
            self.assert_fault(f"{path}:2:", included)
            file.write_text(f'// #include "{included}"\n/*\n#include "{included}"\n*/\n')
            self.assert_clean()
            file.unlink()

    def test_a_path_is_from_the_root_and_exists(self):
        for included, word in (("ballot.h", "from the root"), ("../node/node.h", "from the root"),
                               ("gtest/gtest.h", "from the root"), ("core/node/gone.h", "does not exist")):
            self.write("core/node/a.cpp", f'#include "{included}"\n')
            self.assert_fault(word)
        self.write("core/node/a.cpp", "#include <core/node/node.h>\n")
        self.assert_fault("in quotes")

    def test_generated_headers_stand_for_their_proto(self):
        self.write("core/wire/a.cpp", '#include "core/wire/kv.pb.h"\n#include "core/wire/kv.grpc.pb.h"\n')
        self.assertEqual(len(list(structure.faults(self.root))), 2)
        self.write("core/wire/kv.proto", "")
        self.assert_clean()

    def test_only_view_and_app_draw(self):
        for header in ("imgui.h", "imgui/imgui.h", "GLFW/glfw3.h", "GL/gl.h", "GLES3/gl3.h"):
            for path in ("viz/model/a.h", "bench/a.cpp", "core/trace/a.h"):
                file = self.write(path, f"#include <{header}>\n")
                self.assert_fault(header, "may draw")
                file.unlink()
        self.write("viz/model/a.h", "#include <algorithm>\n#include <array>\n")
        self.assert_clean()

    def test_a_folder_without_a_row_is_a_fault(self):
        for path in ("core/misc/a.h", "core/a.h", "viz/a.cpp", "viz/misc/a.h"):
            file = self.write(path, "")
            self.assert_fault(path, "no row")
            file.unlink()


class Purity(Tree):
    def test_what_core_paxos_may_not_name(self):
        for line in ("std::thread t;", "#include <mutex>", "std::shared_mutex m;", "std::atomic_ref<int> a(b);",
                     "std::chrono::seconds s;", '#include "core/random.h"', "#include <iostream>",
                     "auto p = new int;", "virtual void f();", "int n = 1'000; std::jthread t; int m = 2'000;"):
            self.write("core/paxos/a.h", line + "\n")
            self.assert_fault("core/paxos/a.h:1:", "may not name")

    def test_comments_literals_and_longer_words_are_free(self):
        self.write("core/paxos/a.h", "// a new thread\n/* virtual\n mutex */ int new_state, synchronous;\n"
                   'const char* s = "new \\" atomic"; auto r = R"(new " thread)"; char c = \'"\'; // new\n')
        self.assert_clean()

    def test_other_folders_may_name_them(self):
        self.write("core/threads/a.h", "#include <atomic>\nvirtual void f();\n")
        self.assert_clean()


class Lengths(Tree):
    def test_a_long_file_is_caught_and_long_data_is_not(self):
        self.write("tests/scenario/golden.txt", "\n" * 501)
        for path in ("bench/a.cpp", "tests/run", "viz/view/a.h", "tests/CMakeLists.py"):
            file = self.write(path, "\n" * 500)
            self.assert_clean()
            file.write_text("\n" * 501)
            self.assert_fault(path, "501 lines")
            file.unlink()

    def test_core_paxos_is_counted_as_a_whole(self):
        self.write("core/paxos/a.h", "\n" * 200)
        self.write("core/paxos/b.h", "\n" * 198)
        self.assert_clean()  # ballot.h is the 399th
        self.write("core/paxos/b.h", "\n" * 199)
        self.assert_fault("core/paxos", "400 lines")


class Names(Tree):
    def test_the_readme_names_what_is_there(self):
        self.write("tests/scenario/duel.txt", "")
        self.write("bench/run", "").chmod(0o755)
        self.write("README.md", "`bench/run`, core/node/ and `tests/scenario/*.txt`; build/bench/x is not ours.\n")
        self.assert_clean()
        self.write("README.md", "Fine.\nRun `./viz/run`.\n")
        self.assert_fault("README.md:2", "viz/run does not exist")
        self.write("viz/run", "").chmod(0o644)
        self.assert_fault("not executable")

    def test_cmake_names_packages_that_the_installer_knows(self):
        self.write("third_party/install", "libfmt-dev\n")
        self.write("third_party/CMakeLists.txt", "paxoscope_require(fmt libfmt-dev)\n")
        self.assert_clean()
        self.write("third_party/CMakeLists.txt", "sudo apt-get install libfmt9-dev\n")
        self.assert_fault("libfmt9-dev")


if __name__ == "__main__":
    unittest.main()

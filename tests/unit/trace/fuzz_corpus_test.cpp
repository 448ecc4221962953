// The fuzzer's entry, on its corpus and on what a small seeded mutation makes of it, in every build. The corpus is
// written by WRITE_CORPUS=1 unit_tests --gtest_filter='*FuzzCorpus*'.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/trace/file_format.h"
#include "tests/support/small_cluster.h"
#include "tests/unit/trace/trace_testing.h"

int fuzz_trace_file(const std::uint8_t* data, std::size_t size);

namespace paxoscope {
namespace {

const std::filesystem::path kCorpus = std::filesystem::path(PAXOSCOPE_TESTS_DIR) / "fuzz/corpus/trace_file";

void run(const std::string& bytes) {
  fuzz_trace_file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::map<std::string, std::string> make_corpus() {
  const std::vector<Event> events = test::events_of({.operations = 2});
  std::string payload;
  for (const Event& event : events) trace_format::put(payload, pack(event));
  const std::string whole = test::file_of(events, {}, 8);
  return {{"empty.trace", test::file_of({}, {})},
          {"whole.trace", whole},
          {"cut.trace", whole.substr(0, whole.size() - 700)},
          {"payload.bin", payload.substr(0, 40 * trace_format::kEventBytes)},
          {"metadata.json", R"({"acceptors":3,"quorums":[2,2],"proposers":2,"seed":1,"command":"paxos"})"}};
}

TEST(FuzzCorpus, IsWhatThisFormatVersionWrites) {
  for (const auto& [name, bytes] : make_corpus()) {
    if (std::getenv("WRITE_CORPUS") != nullptr) {
      std::filesystem::create_directories(kCorpus);
      std::ofstream(kCorpus / name, std::ios::binary) << bytes;
    }
    std::ifstream in(kCorpus / name, std::ios::binary);
    ASSERT_TRUE(in) << name;
    EXPECT_TRUE(bytes == std::string(std::istreambuf_iterator<char>(in), {})) << name << " differs: rewrite it";
  }
}

TEST(FuzzCorpus, NoMutationOfItBreaksAPromise) {
  Random random(1);
  for (const auto& [name, original] : make_corpus()) {
    run(original);
    for (int i = 0; i < 40; ++i) {
      std::string bytes = original;
      for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
        bytes[random.below(bytes.size())] = static_cast<char>(random.next());
      }
      if (random.below(2) == 0) bytes.resize(random.below(bytes.size()));
      if (random.below(2) == 0) bytes.insert(random.below(bytes.size() + 1), original, 0, 90);
      run(bytes);
    }
  }
}

}  // namespace
}  // namespace paxoscope

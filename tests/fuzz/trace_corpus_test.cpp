// The corpus of trace files is what this version of the format writes: WRITE_CORPUS=1 fuzz_tests rewrites it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/trace/file_format.h"
#include "tests/support/small_cluster.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

const std::filesystem::path kCorpus = std::filesystem::path(PAXOSCOPE_CORPUS) / "trace_file";

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

}  // namespace
}  // namespace paxoscope

// The fuzzers' entries, on their corpora and on what small seeded mutations make of them, in every build. What a fuzzer
// finds goes into tests/fuzz/corpus and is tried for ever after. `tests/fuzz/run` looks for more.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/random.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope {
namespace {

struct Target {
  const char* name;
  int (*run)(const std::uint8_t* data, std::size_t size);
};
constexpr Target kTargets[] = {{"trace_file", fuzz::trace_file},
                               {"experiment_json", fuzz::experiment_json},
                               {"strategy_text", fuzz::strategy_text},
                               {"command_line", fuzz::command_line},
                               {"wire_bytes", fuzz::wire_bytes}};

std::vector<std::string> corpus_of(const Target& target) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(PAXOSCOPE_CORPUS + std::string("/") + target.name)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream in(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return corpus;
}

std::string mutated(std::string bytes, const std::string& other, Random& random) {
  for (std::uint64_t flips = random.below(4); flips > 0 && !bytes.empty(); --flips) {
    bytes[random.below(bytes.size())] = static_cast<char>(random.next());
  }
  const std::size_t cut = other.empty() ? 0 : random.below(other.size());
  if (random.below(2) == 0) bytes.insert(random.below(bytes.size() + 1), other, cut, 1 + random.below(90));
  if (random.below(2) == 0 && !bytes.empty()) bytes.resize(random.below(bytes.size()));
  return bytes;
}

TEST(FuzzCorpus, NoMutationOfItBreaksAPromise) {
  for (const Target& target : kTargets) {
    SCOPED_TRACE(target.name);
    const auto run = [&](const std::string& bytes) {
      EXPECT_EQ(target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
    };
    const std::vector<std::string> corpus = corpus_of(target);
    ASSERT_GE(corpus.size(), 5U);
    Random random(1);
    for (const std::string& bytes : corpus) run(bytes);
    for (int i = 0; i < 300; ++i) {
      const std::string& bytes = corpus[random.below(corpus.size())];
      run(mutated(bytes, corpus[random.below(corpus.size())], random));
    }
  }
}

}  // namespace
}  // namespace paxoscope

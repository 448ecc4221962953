// Every play in this folder is played, and its story compared with the golden one beside it. With PAXOSCOPE_REWRITE=1
// in the environment the golden stories are written anew instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/scenario/play.h"

namespace paxoscope {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(PAXOSCOPE_SCENARIOS);
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> plays() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, TellsItsGoldenStory) {
  const auto story = play(read(folder() / (GetParam() + ".txt")));
  ASSERT_TRUE(story) << GetParam() << ".txt, " << story.error().message;
  EXPECT_EQ(story->violation, "");
  const std::filesystem::path golden = folder() / (GetParam() + ".golden");
  if (std::getenv("PAXOSCOPE_REWRITE") != nullptr) {
    std::ofstream(golden) << story->text();
    return;
  }
  ASSERT_TRUE(std::filesystem::exists(golden)) << "write it with PAXOSCOPE_REWRITE=1";
  EXPECT_EQ(story->text(), read(golden));
}

INSTANTIATE_TEST_SUITE_P(Plays, Scenario, testing::ValuesIn(plays()),
                         [](const auto& instance) { return instance.param; });

TEST(ScenarioFolder, HasTheWorkedExamplesAndTheClassics) {
  const auto names = plays();
  for (const char* name : {"example_1_single_proposer", "example_2_two_proposers", "example_3_key_value", "duel",
                           "lost_reply", "stale_reply", "duplicated_reply", "read_repair", "flexible_quorums",
                           "stale_leader", "partition", "crash_and_recovery"}) {
    EXPECT_TRUE(std::binary_search(names.begin(), names.end(), name)) << name;
  }
}

}  // namespace
}  // namespace paxoscope

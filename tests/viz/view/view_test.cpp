// The view with nobody looking: every panel and scenario, by keyboard and by mouse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "tests/viz/view/null_window.h"
#include "viz/model/contest.h"
#include "viz/view/commands.h"

namespace paxoscope::viz {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr auto kExample2 = "example_2_two_proposers";
constexpr auto kLive = "livelock";

TEST(View, DrawsEveryScenarioInEveryPanelThemeAndSize) {
  for (const Scenario& scenario : all_scenarios()) {
    NullWindow window(scenario.name, {1280, 720});
    const Nanos end = window.scope().is_live() ? 3 * kSecond : window.scope().take().history.last();
    for (int step = 0; step <= 4; ++step) {
      window.scope().jump(end * step / 4);
      for (const SidePanel side : {SidePanel::inspect, SidePanel::meters, SidePanel::experiment}) {
        window.settings().side = side;
        window.settings().lower = static_cast<LowerPanel>(step % 3);
        window.settings().dark = step % 2 == 0;
        window.draw();
        EXPECT_GT(NullWindow::vertices(), 1000) << scenario.name << " at step " << step;
      }
    }
  }
}

TEST(View, EveryPictureNamesTheAgentsAndSaysWhetherSafetyHolds) {
  for (const Scenario& scenario : all_scenarios()) {
    NullWindow window(scenario.name);
    window.scope().jump(window.scope().is_live() ? 2 * kSecond : window.scope().take().history.last());
    window.draw();
    const std::string svg = window.svg();
    for (const std::uint32_t id : window.scope().decree().proposers())
      EXPECT_THAT(svg, HasSubstr(">P" + std::to_string(id) + "<"));
    for (const std::uint32_t id : window.scope().decree().acceptors())
      EXPECT_THAT(svg, HasSubstr(">A" + std::to_string(id) + "<"));
    const bool holds = window.scope().moment().safety.holds;
    EXPECT_EQ(holds, scenario.kind != Scenario::Kind::planted_bug) << scenario.name;
    EXPECT_THAT(svg, HasSubstr(holds ? ">safety holds<" : ">SAFETY BROKEN<")) << scenario.name;
    EXPECT_THAT(svg, Not(HasSubstr("nan"))) << scenario.name;
  }
}

TEST(View, SaysWhoFightsWhoIsAheadAndWhoHasWon) {
  NullWindow window(kExample2);
  const Moment& moment = window.scope().moment();
  EXPECT_THAT(contest_of(moment).text, HasSubstr("P10 asks"));
  window.scope().jump(window.scope().take().prose[3].at + kStep);
  EXPECT_THAT(contest_of(window.scope().moment()).text, HasSubstr("P10 and P11 are fighting. P11"));
  window.press(keys::end);
  EXPECT_THAT(contest_of(window.scope().moment()).text, HasSubstr("P11 has won"));
  EXPECT_THAT(contest_of(window.scope().moment()).text, HasSubstr("voted for 200 in (2,11)"));
}

TEST(View, ARecordingShowsAllOfItAndALiveRunOnlyWhatHasHappened) {
  const auto shows = [](NullWindow& window, std::string_view words) {
    return window.svg().find(words) != std::string::npos;
  };
  NullWindow recorded(kExample2);
  recorded.draw();
  EXPECT_TRUE(shows(recorded, ">chosen 200 at (2,11)<")) << "in the ladder, though the cursor is at the start";
  NullWindow live("backing_off");
  live.draw();
  EXPECT_FALSE(shows(live, ">chosen "));
  live.press(' ');
  for (int i = 0; i < 1000 && live.scope().moment().knowledge.kind != Knowledge::Kind::chosen; ++i) live.draw(0.05);
  EXPECT_TRUE(shows(live, ">chosen "));
  live.press(keys::home);
  EXPECT_TRUE(shows(live, ">chosen ")) << "what was seen stays";
}

TEST(View, ACaptureIsArmedByKeyboardAndByMouseAndShowsItsTrigger) {
  NullWindow window("duel");
  const auto until_caught = [&] {
    for (int i = 0; i < 100'000 && window.scope().name() != kCaptured; ++i) {
      window.draw(0.001);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(window.scope().name(), kCaptured);
  };
  window.press('c');
  window.press(keys::left);  // the trigger before the first is the last: at once
  window.press(keys::enter);
  EXPECT_THAT(window.scope().said(), HasSubstr("armed: at once"));
  until_caught();
  EXPECT_THAT(window.scope().said(), HasSubstr("events kept"));
  ASSERT_EQ(window.scope().notes.annotations.size(), 1U);
  EXPECT_EQ(window.scope().notes.annotations.front().at, window.scope().now());
  window.screen().open_scenario("duel");
  ASSERT_TRUE(window.click("mode +"));  // normal: it goes on until it is stopped
  ASSERT_TRUE(window.click("Arm"));
  until_caught();
  EXPECT_TRUE(window.scope().playing());
  ASSERT_TRUE(window.click("Stop"));
  window.press(keys::end);
  window.draw(1);
  EXPECT_FALSE(window.screen().busy());
}

TEST(View, ACaptureOfACrashHasOneToWaitFor) {
  NullWindow window("duel");
  window.press('c');
  window.press(keys::left);
  window.press(keys::left);  // the trigger before the last
  window.press(keys::enter);
  EXPECT_THAT(window.scope().said(), HasSubstr("armed: first crash"));
  for (int i = 0; i < 100'000 && window.scope().name() != kCaptured; ++i) {
    window.draw(0.001);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(window.scope().notes.annotations.size(), 1U);
  EXPECT_THAT(window.scope().notes.annotations.front().text, HasSubstr("crashed"));
}

// A wait for the crash is nothing that stays: with another trigger nobody crashes, unless it is chosen.
TEST(View, TheFormOfACaptureCrashesWhatItSays) {
  CaptureForm form;
  const auto step = [&](std::string_view name, int by) {
    for (const auto& field : CaptureForm::fields()) {
      if (field.name == name) field.step(form, by);
    }
  };
  const auto crashes = [&] { return form.asked().experiment.validated()->threads().crashes; };
  EXPECT_TRUE(crashes().empty());
  while (form.options.trigger.kind != Trigger::Kind::first_crash) step("trigger", 1);
  ASSERT_EQ(crashes().size(), 1U);
  EXPECT_EQ(crashes()[0].at, 50 * kMillisecond);
  EXPECT_EQ(crashes()[0].until - crashes()[0].at, 500 * kMicrosecond);
  step("trigger", 1);
  EXPECT_TRUE(crashes().empty());
  step("A0 crashes after", 1);
  step("A0 crashes after", 1);
  step("it is down for", 1);
  ASSERT_EQ(crashes().size(), 1U);
  EXPECT_EQ(crashes()[0].at, 2 * kMillisecond);
  EXPECT_EQ(crashes()[0].until, 3 * kMillisecond);
  for (int i = 0; i < 2; ++i) step("A0 crashes after", -1);
  EXPECT_TRUE(crashes().empty());
}

TEST(View, TracesOfAFolderAreOfferedAndOpened) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "paxoscope_file_list";
  std::filesystem::create_directories(folder / "deeper");
  std::ofstream(folder / "b.trace") << "no trace at all";
  std::ofstream(folder / "a.trace") << "no trace either";
  std::ofstream(folder / "other.txt") << "other";
  std::vector<std::string> names;
  for (const FileEntry& entry : list_traces(folder.string())) names.push_back(entry.name);
  EXPECT_THAT(names, testing::ElementsAre("..", "deeper/", "a.trace", "b.trace"));
  EXPECT_TRUE(list_traces((folder / "deeper").string()).size() == 1);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(list_traces(folder.string()).size(), 1U) << "a folder that is gone has only the one above";
  NullWindow window(kExample2);
  window.press('o');
  EXPECT_EQ(window.screen().overlay(), Screen::Overlay::open);
  window.press(keys::escape);
  EXPECT_EQ(window.screen().overlay(), Screen::Overlay::none);
}

TEST(View, NothingChangesWhileItIsPaused) {
  NullWindow window("duel");
  window.scope().jump(3 * kSecond);
  for (int i = 0; i < 40; ++i) window.draw(0.05);
  const std::uint64_t before = NullWindow::hash();
  for (int i = 0; i < 5; ++i) window.draw(0.05);
  EXPECT_EQ(NullWindow::hash(), before);
  window.press(' ');
  window.draw(0.3);
  EXPECT_NE(NullWindow::hash(), before);
}

TEST(View, TheSameMomentIsTheSamePicture) {
  const auto hash_of = [] {
    NullWindow window("ten_way_duel");
    window.scope().jump(2 * kSecond);
    for (int i = 0; i < 4; ++i) window.draw();
    return NullWindow::hash();
  };
  EXPECT_EQ(hash_of(), hash_of());
}

TEST(View, EveryKeyDoesWhatItsLineSaysWithoutHarm) {
  NullWindow window(kLive);
  for (const Command& command : all_commands()) {
    window.press(command.key.key, command.key.shift);
    window.draw(0.1);
  }
  EXPECT_GT(NullWindow::vertices(), 1000);
}

TEST(View, EveryKeyIsBoundOnce) {
  const auto commands = all_commands();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(commands[i].key == commands[j].key) << commands[i].name;
  }
}

TEST(View, KeysStepForwardAndBack) {
  NullWindow window(kExample2);
  const Nanos first = window.scope().now();
  window.press(keys::right);
  EXPECT_GT(window.scope().now(), first);
  window.press(keys::left);
  EXPECT_EQ(window.scope().now(), first);
  window.press(keys::end);
  EXPECT_EQ(window.scope().now(), window.scope().take().history.last());
  window.press(keys::home);
  EXPECT_EQ(window.scope().now(), first);
}

TEST(View, SpacePlaysAndPauses) {
  NullWindow window(kExample2);
  const Nanos first = window.scope().now();
  window.press(' ');
  window.draw(0.5);
  EXPECT_GT(window.scope().now(), first);
  window.press(' ');
  const Nanos paused = window.scope().now();
  window.draw(0.5);
  EXPECT_EQ(window.scope().now(), paused);
}

TEST(View, ALinkOrAnAcceptorBreaksByClickAndMendsByClick) {
  NullWindow window(kLive);
  window.scope().jump(kSecond);
  window.draw();
  ASSERT_TRUE(window.click("power A1"));
  EXPECT_FALSE(window.scope().moment().acceptors[1].up);
  EXPECT_THAT(window.scope().said(), HasSubstr("A1 crashed"));
  ASSERT_TRUE(window.click("power A1"));
  EXPECT_TRUE(window.scope().moment().acceptors[1].up);
}

TEST(View, AnythingCanBeDoneByName) {
  NullWindow window(kLive);
  window.scope().jump(kSecond);
  window.press('/');
  window.type("crash A2");
  window.press(keys::enter);
  EXPECT_FALSE(window.scope().moment().acceptors[2].up);
  window.press('/');
  window.type("link P1 A0");
  window.press(keys::enter);
  EXPECT_TRUE(window.scope().is_cut(1, 0));
  window.press('/');
  window.type("strategy lease");
  window.press(keys::enter);
  EXPECT_EQ(window.scope().live()->experiment().strategy, "lease:length=6R");
  window.press('/');
  window.type("acceptors 5");
  window.press(keys::enter);
  EXPECT_EQ(window.scope().moment().acceptors.size(), 5U);
  window.press('/');
  window.type("acceptors 999");
  window.press(keys::enter);
  EXPECT_EQ(window.scope().moment().acceptors.size(), 5U);
  EXPECT_THAT(window.scope().said(), HasSubstr("999"));
}

TEST(View, TheSearchFindsWhatHappenedAndGoesThere) {
  NullWindow window(kExample2);
  window.press('/');
  window.type("A1 rejects (1,10)");
  window.press(keys::enter);
  EXPECT_THAT(window.scope().moment().last, HasSubstr("A1 rejects (1,10)"));
}

TEST(View, ARecordingIsNotChangedAndSaysWhy) {
  NullWindow window(kExample2);
  window.press(keys::tab);
  window.press('x');
  EXPECT_THAT(window.scope().said(), HasSubstr("recording"));
}

TEST(View, TheTourTellsTheThreeExamplesByKeyboardAndByMouse) {
  NullWindow window(kLive);
  window.press('g');
  ASSERT_TRUE(window.screen().touring());
  std::set<std::string> seen;
  int steps = 0;
  while (window.screen().touring() && ++steps < 100) {
    seen.insert(window.scope().name());
    for (int i = 0; i < 200 && window.scope().playing(); ++i) window.draw(0.25);
    EXPECT_FALSE(window.scope().playing()) << "a step pauses where the next one begins";
    if (steps % 2 == 0) {
      window.press(keys::enter);
    } else {
      ASSERT_TRUE(window.click("Next"));
    }
  }
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_GT(steps, 10);
  EXPECT_THAT(window.scope().said(), HasSubstr("That was the tour"));
}

TEST(View, TheFormChangesTheClusterByArrowKeys) {
  NullWindow window(kLive);
  const auto proposers = window.scope().live()->experiment().proposers;
  window.press('e');
  window.draw();
  window.press(keys::down);  // other half
  window.press(keys::left);
  window.press(keys::down);  // proposers
  window.press(keys::right);
  window.press(keys::enter);
  EXPECT_EQ(window.scope().live()->experiment().proposers, proposers + 1);
  EXPECT_EQ(window.scope().live()->experiment().strategy, "none/random_rank:most=1000");
  window.press(keys::up);
  window.press(keys::right);  // around to "the same"
  window.press(keys::enter);
  EXPECT_EQ(window.scope().live()->experiment().strategy, "none");
}

TEST(View, ComparedClustersAreChangedAddedAndRemovedByMouse) {
  NullWindow window(kLive);
  window.settings().lower = LowerPanel::compare;
  window.draw();
  EXPECT_THAT(window.svg(), HasSubstr(">rebackoff<"));
  ASSERT_TRUE(window.click("One more cluster 2"));
  EXPECT_THAT(window.svg(), HasSubstr(">lease<"));
  ASSERT_TRUE(window.click("Compare without it 2"));
  EXPECT_THAT(window.svg(), Not(HasSubstr(">rebackoff<")));
  ASSERT_TRUE(window.click("Compare without it 0"));
  EXPECT_FALSE(window.places().contains("Compare without it 0")) << "two are left to compare";
  ASSERT_TRUE(window.click("The next strategy 1"));
  EXPECT_THAT(window.svg(), Not(HasSubstr(">lease<")));
}

TEST(View, ClustersCompareWhereWidthIsShort) {
  NullWindow window(kLive, {1600, 1000}, 2);
  window.settings().lower = LowerPanel::compare;
  window.draw();
  EXPECT_THAT(window.svg(), HasSubstr(">rebackoff<"));
}

TEST(View, ScenariosOpenFromTheMenu) {
  NullWindow window(kLive);
  window.press('s');
  EXPECT_EQ(window.screen().overlay(), Screen::Overlay::scenarios);
  window.press(keys::down);
  window.press(keys::enter);
  EXPECT_EQ(window.scope().name(), all_scenarios()[1].name);
}

TEST(View, RecolouringByValueChangesColoursOnly) {
  NullWindow window(kExample2);
  window.press(keys::end);
  const auto places = window.places();
  window.press('v');
  EXPECT_EQ(window.places().size(), places.size());
  EXPECT_EQ(window.settings().colour_by, ColourBy::value);
}

TEST(Settings, SurviveTheWayThroughAFileAndADamagedOne) {
  Settings settings;
  settings.dark = false;
  settings.lower = LowerPanel::ballots;
  settings.split = 0.6F;
  settings.width = 1280;
  const Settings back = Settings::from_text(settings.to_text());
  EXPECT_EQ(back.to_text(), settings.to_text());
  EXPECT_EQ(Settings::from_text("split 9\nlower 77\nwidth -3\nnonsense").to_text().find("nan"), std::string::npos);
  EXPECT_LE(Settings::from_text("split 9").split, 0.75F);
  EXPECT_EQ(Settings::from_text("\xff\xfe").width, Settings{}.width);
}

TEST(Fonts, AreThePackagedOnesAndStaySharpAtEveryScale) {
  for (const float scale : {1.0F, 1.5F, 2.0F}) {
    NullWindow window(kExample2, {1600, 1000}, scale);
    EXPECT_TRUE(window.fonts_as_meant);
    EXPECT_EQ(font_of(Type::normal)->FontSize, std::round(15 * scale));
    window.draw();
    EXPECT_GT(NullWindow::vertices(), 1000);
  }
}

}  // namespace
}  // namespace paxoscope::viz

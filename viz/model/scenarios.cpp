#include "viz/model/scenarios.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "core/scenario/play.h"
#include "core/trace/reader.h"
#include "viz/model/judge.h"
#include "viz/model/live.h"
#include "viz/model/replay.h"
#include "viz/model/scripts.h"

namespace paxoscope::viz {

namespace {

using Kind = Scenario::Kind;

constexpr std::array kMenu = {
    Scenario{"example_1_single_proposer", "Example 1: a single proposer",
             "Two promises, two votes, one decision: what it looks like when nobody is in the way."},
    Scenario{"example_2_two_proposers", "Example 2: two proposers",
             "The first comes too late: its votes are refused, and it carries on the other's value."},
    Scenario{"example_3_key_value", "Example 3: a key with versions",
             "Each version of a key is an instance of its own; a read is a proposer without a value."},
    Scenario{"duel", "A duel",
             "Two proposers void each other's promises just before the votes arrive; waiting longer ends it."},
    Scenario{"livelock", "Livelock: six proposers that never wait",
             "Nobody backs off, and a round ends at its first refusal: for six seconds everybody preempts everybody.",
             Kind::live},
    Scenario{
        "backing_off", "The same six, backing off",
        "The same messages would take as long: random waits pull the proposers apart, and one has time for two phases.",
        Kind::live},
    Scenario{"ten_way_duel", "A ten-way duel", "Ten proposers, five acceptors, one instance after the other.",
             Kind::live},
    Scenario{"read_repair", "Read repair",
             "Two votes in different ballots and one acceptor out of reach: a read must finish what it finds."},
    Scenario{"read_of_nothing", "A read of nothing", "Nobody has voted, so there is nothing to carry on."},
    Scenario{"partition", "A partition", "Three on one side and two on the other: only the larger side decides."},
    Scenario{"crash_and_recovery", "Crash and recovery",
             "An acceptor votes, crashes and comes back: its promise and its vote are still there."},
    Scenario{"stale_leader", "A stale leader", "A proposer pauses between its phases, and somebody takes over."},
    Scenario{"flexible_quorums", "Flexible quorums", "Three promises and two votes of four acceptors are enough."},
    Scenario{"lost_reply", "A lost reply", "Silence is no refusal: the vote was cast all the same."},
    Scenario{"stale_reply", "A stale reply", "A promise for an earlier ballot promises nothing for this one."},
    Scenario{"duplicated_reply", "A duplicated reply", "Two copies of one promise are one promise."},
};

Experiment experiment_of(std::string_view name) {
  Experiment experiment = live_experiment();
  experiment.operations_max = 1;
  if (name == "ten_way_duel") {
    experiment.acceptors = 5;
    experiment.proposers = 10;
    experiment.operations_max = 0;
  } else {
    experiment.strategy = name == "livelock" ? "none" : "full_jitter";
    experiment.proposers = 6;
    experiment.give_up = GiveUp::first_nack;
    experiment.seed = 17;  // most seeds let one through within a second or two
  }
  return experiment;
}

constexpr std::string_view kBugTitle = "Planted bug: ";

// A counterexample: a trace whose metadata names the bug and, where no rule of a trace breaks, what a client saw.
struct Planted {
  std::string name, bug, breaks;  // "bug_quorum_n_2", "quorum n/2", "R5: ..."
  std::string_view bytes;
};

Expected<Take> take_of_planted(std::string_view bytes) {
  std::istringstream in{std::string(bytes)};
  const auto trace = read_trace(in);
  if (!trace) return tl::unexpected(trace.error());
  const auto metadata = nlohmann::json::parse(trace->metadata, nullptr, false);
  Take take{.title = std::string(kBugTitle) + metadata.value("bug", std::string())};
  Nanos last = 0;
  for (Event event : trace->events) {
    last = event.at = (event.at + 1) * kStep;
    take.history.add(event);
  }
  take.history.finish();
  read_metadata(trace->metadata, take);
  judge(take);
  const std::string client = metadata.value("client", std::string());
  if (take.findings.empty()) take.findings.push_back({.at = last, .rule = 0, .sentence = client});
  return take;
}

const std::vector<Planted>& planted() {
  static const std::vector<Planted> kPlanted = [] {
    std::vector<Planted> all;
    for (const auto& [name, bytes] : planted_traces()) {
      const auto take = take_of_planted(bytes);
      if (!take) continue;  // a test reads every one of them
      const Finding& finding = take->findings.front();
      const std::string rule = finding.rule == 0 ? "" : fmt::format("R{}: ", finding.rule);
      all.push_back({std::string(name), take->title.substr(kBugTitle.size()), rule + finding.sentence, bytes});
    }
    return all;
  }();
  return kPlanted;
}

std::string known_names() {
  std::string names;
  for (const Scenario& scenario : all_scenarios())
    names += fmt::format("{}{}", names.empty() ? "" : ", ", scenario.name);
  return names;
}

}  // namespace

std::span<const Scenario> all_scenarios() {
  static const std::vector<Scenario> kAll = [] {
    std::vector<Scenario> all(kMenu.begin(), kMenu.end());
    for (const Planted& bug : planted()) all.push_back({bug.name, bug.bug, bug.breaks, Kind::planted_bug});
    return all;
  }();
  return kAll;
}

const Scenario* find_scenario(std::string_view name) {
  const auto all = all_scenarios();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Scenario& s) { return s.name == name; });
  return found == all.end() ? nullptr : &*found;
}

Expected<Take> take_of_play(std::string_view title, std::string_view script) {
  auto story = play(script);
  if (!story) return tl::unexpected(story.error());
  Take take{.title = std::string(title), .history = {}, .asks_everybody = false};
  take.cast = story->cast;
  take.quorums = story->quorums;
  for (Event& event : story->events) {
    event.at *= kStep;
    take.history.add(event);
  }
  take.history.finish();
  // A line is prose, the end of a paragraph, or the sentence of the next event.
  std::size_t event = 0;
  bool goes_on = false;
  const auto here = [&] {
    return story->events.empty() ? Nanos{0} : story->events[std::min(event, story->events.size() - 1)].at;
  };
  for (const std::string& line : story->lines) {
    if (line.starts_with("# ")) {
      if (goes_on) {
        take.prose.back().text.append(" ").append(line, 2);
      } else {
        take.prose.push_back({here(), line.substr(2)});
      }
      goes_on = true;
      continue;
    }
    goes_on = false;
    if (line.starts_with("the network splits") || line.starts_with("the network is whole")) {
      // No event of anybody. What the author says before it is not to be pushed aside by it.
      if (take.prose.empty() || take.prose.back().at != here()) take.prose.push_back({here(), line});
    } else if (!line.empty()) {
      ++event;
    }
  }
  judge(take);
  // R8 judges how proposers choose their ballots, and R10 counts messages by them; here the script chooses, and example
  // 3 uses one twice on purpose.
  std::erase_if(take.findings, [](const Finding& finding) { return finding.rule == 8 || finding.rule == 10; });
  return take;
}

Expected<std::unique_ptr<Source>> open_scenario(std::string_view name) {
  const Scenario* scenario = find_scenario(name);
  if (scenario == nullptr) return fail(fmt::format("there is no scenario '{}'; there are {}", name, known_names()));
  if (scenario->kind == Kind::live) {
    auto live = LiveSource::start(experiment_of(name));
    if (!live) return tl::unexpected(live.error());
    return std::unique_ptr<Source>(std::move(*live));
  }
  const auto of_name = [&](const Planted& bug) { return bug.name == name; };
  const auto bug = std::find_if(planted().begin(), planted().end(), of_name);
  auto take = bug == planted().end() ? take_of_play(scenario->title, script_of(name)) : take_of_planted(bug->bytes);
  if (!take) return tl::unexpected(take.error());
  return std::unique_ptr<Source>(std::make_unique<Recorded>(std::move(*take)));
}

}  // namespace paxoscope::viz

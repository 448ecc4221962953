// The exporters, on traces of real runs.
#include "core/trace/export.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/trace/event_names.h"
#include "tests/support/small_cluster.h"
#include "tests/unit/trace/trace_testing.h"

namespace paxoscope {
namespace {

using nlohmann::json;

std::string exported(std::string_view format, std::span<const Event> events, std::size_t per_block = 1000) {
  std::istringstream in(test::file_of(events, {}, per_block));
  std::ostringstream out;
  EXPECT_TRUE(convert_trace(in, format, out));
  return out.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

test::SmallClusterOptions contended() {
  return {.proposers = 3,
          .operations = 10,
          .window = 2,
          .learning = Learning::announcement,
          .duplicate_one_in = 4,
          .seed = 11};
}

TEST(Export, AnUnknownFormatIsRefusedAndTheKnownOnesNamed) {
  std::istringstream in;
  std::ostringstream out;
  EXPECT_EQ(convert_trace(in, "xml", out).error().message, "unknown trace format xml: allowed are csv, chrome, shiviz");
}

TEST(Export, CsvHasARowPerEventAndAFieldPerColumn) {
  const std::vector<Event> events = test::events_of(contended());
  const std::vector<std::string> lines = lines_of(exported("csv", events));
  ASSERT_EQ(lines.size(), events.size() + 1);
  const auto fields = std::count(lines[0].begin(), lines[0].end(), ',');
  for (const std::string& line : lines) EXPECT_EQ(std::count(line.begin(), line.end(), ','), fields) << line;
}

TEST(Export, CsvWritesEveryFieldOfAnEvent) {
  const Event event{.at = 1,
                    .instance = {2, 3},
                    .ballot = Ballot(4, 5),
                    .value = -6,
                    .last_bal = Ballot(7, 8),
                    .v_bal = Ballot(9, 10),
                    .vote = 11,
                    .agent = 12,
                    .peer = 13,
                    .sequence = 14,
                    .round = 15,
                    .kind = EventKind::answered,
                    .agent_kind = AgentKind::acceptor,
                    .phase = Phase::accept,
                    .read = false,
                    .granted = true};
  EXPECT_EQ(lines_of(exported("csv", std::vector<Event>{event}))[1],
            "1,acceptor,12,14,answered,accept,3,2,4,5,15,-6,13,7,8,9,10,11,0,1");
}

// Every slice that begins ends, on its own track, in time order; every arrow's end has a beginning before it.
TEST(Export, ChromeTraceIsValidJsonWithClosedSlicesAndMatchedArrows) {
  const std::vector<Event> events = test::events_of(contended());
  const json trace = json::parse(exported("chrome", events));
  EXPECT_EQ(trace["otherData"]["acceptors"], 3);
  std::map<std::pair<int, int>, int> depth;
  std::map<std::pair<int, int>, double> time;
  std::map<std::string, double> arrows;
  std::map<std::string, int> count;
  for (const json& entry : trace["traceEvents"]) {
    const std::pair<int, int> track{entry["pid"], entry["tid"]};
    const std::string phase = entry["ph"];
    const double at = entry["ts"];
    ++count[phase];
    if (phase == "B") ++depth[track];
    if (phase == "E") --depth[track];
    EXPECT_GE(depth[track], 0);
    if (phase == "B" || phase == "E") {
      EXPECT_GE(at, time[track]);
      time[track] = at;
    }
    if (phase == "s") arrows.try_emplace(entry["id"].get<std::string>(), at);
    if (phase == "f") {
      ASSERT_TRUE(arrows.contains(entry["id"].get<std::string>()));
      EXPECT_LE(arrows[entry["id"].get<std::string>()], at);
    }
  }
  for (const auto& [track, open] : depth) EXPECT_EQ(open, 0);
  const auto sum = [&](auto of) { return std::count_if(events.begin(), events.end(), of); };
  const auto of_kind = [](EventKind kind) { return [kind](const Event& event) { return event.kind == kind; }; };
  const auto operations = sum(of_kind(EventKind::proposed));
  const auto rounds = sum(of_kind(EventKind::sent));
  const auto waits = sum(of_kind(EventKind::backed_off));
  EXPECT_EQ(operations, 30);
  EXPECT_GT(waits, 0);
  EXPECT_EQ(count["B"], operations + rounds + waits);
  EXPECT_EQ(count["X"], sum(of_kind(EventKind::answered)) + sum(of_kind(EventKind::refused)));
}

// A trace that was cut anywhere still becomes valid JSON whose slices are closed.
TEST(Export, ChromeClosesWhatACutTraceLeavesOpen) {
  const std::vector<Event> events = test::events_of({.operations = 2});
  for (std::size_t from = 0; from < events.size(); from += 3) {
    for (std::size_t to = from; to <= events.size(); to += 2) {
      const json trace = json::parse(exported("chrome", std::span(events).subspan(from, to - from)));
      int open = 0;
      for (const json& entry : trace["traceEvents"]) open += entry["ph"] == "B" ? 1 : entry["ph"] == "E" ? -1 : 0;
      EXPECT_EQ(open, 0);
    }
  }
}

TEST(Export, ChromeAndShivizShowWhereEventsAreMissing) {
  std::vector<Event> events = test::events_of({.operations = 4});
  const auto victim = [](const Event& event) {
    return event.agent_kind == AgentKind::proposer && event.agent == 1 && event.sequence >= 3 && event.sequence < 8;
  };
  ASSERT_EQ(std::erase_if(events, victim), 5U);
  EXPECT_NE(exported("chrome", events).find("\"5 events missing\""), std::string::npos);
  EXPECT_NE(exported("shiviz", events).find("[5 events before it are missing]"), std::string::npos);
}

// One entry of a ShiViz log.
struct Clocked {
  std::string event, host;
  std::map<std::string, std::uint64_t> clock;

  bool operator<=(const Clocked& other) const {
    return std::all_of(clock.begin(), clock.end(), [&](const auto& entry) {
      const auto found = other.clock.find(entry.first);
      return found != other.clock.end() && entry.second <= found->second;
    });
  }
};

std::vector<Clocked> parse_shiviz(const std::string& text) {
  const std::vector<std::string> lines = lines_of(text);
  EXPECT_EQ(lines.at(0), R"((?<event>.*)\n(?<host>\S*) (?<clock>{.*}))");
  EXPECT_EQ(lines.at(1), "");
  std::vector<Clocked> entries;
  for (std::size_t i = 2; i + 1 < lines.size(); i += 2) {
    const std::size_t space = lines[i + 1].find(' ');
    entries.push_back({lines[i], lines[i + 1].substr(0, space), json::parse(lines[i + 1].substr(space + 1))});
  }
  return entries;
}

// What ShiViz asks for: an agent's own entry counts its events from 1.
void expect_own_entries_count_up(const std::vector<Clocked>& entries) {
  std::map<std::string, std::uint64_t> next;
  for (const Clocked& entry : entries) EXPECT_EQ(entry.clock.at(entry.host), ++next[entry.host]) << entry.event;
}

// The happened-before relation, found another way: in the order of the cluster's single thread, an event knows what
// the one before it at the same agent knew, and what the broadcast or answer it received knew.
std::vector<std::set<std::size_t>> causes_of(const std::vector<Event>& events) {
  std::vector<std::set<std::size_t>> causes(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    const bool request = event.kind == EventKind::answered || event.kind == EventKind::refused;
    const bool reply = event.kind == EventKind::used || event.kind == EventKind::ignored;
    const auto add_first = [&](auto is_cause) {
      const auto cause = std::find_if(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(i), is_cause);
      const auto k = static_cast<std::size_t>(cause - events.begin());
      causes[i].insert(causes[k].begin(), causes[k].end());
      causes[i].insert(k);
    };
    for (std::size_t k = i; k-- > 0;) {
      if (events[k].agent_kind != event.agent_kind || events[k].agent != event.agent) continue;
      causes[i] = causes[k];
      causes[i].insert(k);
      break;
    }
    const auto same_round = [&](const Event& other) {
      return other.instance == event.instance && other.ballot == event.ballot && other.round == event.round;
    };
    if (request) add_first([&](const Event& other) { return other.kind == EventKind::sent && same_round(other); });
    if (reply && event.round > 0) {
      add_first([&](const Event& other) {
        return other.agent_kind == AgentKind::acceptor && other.agent == event.peer && same_round(other);
      });
    }
    if (reply && event.round == 0) {
      add_first([&](const Event& other) {
        return other.kind == EventKind::decided && other.instance == event.instance && other.ballot == event.ballot;
      });
    }
  }
  return causes;
}

TEST(Export, ShivizClocksAreExactlyHappenedBefore) {
  const std::vector<Event> events = test::events_of(contended());
  const std::vector<Clocked> entries = parse_shiviz(exported("shiviz", events));
  ASSERT_EQ(entries.size(), events.size());
  expect_own_entries_count_up(entries);

  // The log may be in another order: find each event by its agent and number.
  std::map<std::pair<std::string, std::uint64_t>, const Clocked*> by_name;
  for (const Clocked& entry : entries) by_name[{entry.host, entry.clock.at(entry.host)}] = &entry;
  const auto entry_of = [&](const Event& event) {
    return by_name.at({agent_name(event.agent_kind, event.agent), event.sequence + 1});
  };
  const std::vector<std::set<std::size_t>> causes = causes_of(events);
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (std::size_t k = 0; k < events.size(); ++k) {
      if (i == k) continue;
      EXPECT_EQ(*entry_of(events[k]) <= *entry_of(events[i]), causes[i].contains(k))
          << describe(events[k]) << " before " << describe(events[i]);
    }
  }
}

// Rings are drained one after the other, so the file's order is not that of the run. The clocks are.
TEST(Export, ShivizClocksDoNotDependOnHowAgentsAreMixed) {
  const std::vector<Event> events = test::events_of(contended());
  std::vector<Event> by_agent = events;
  std::stable_sort(by_agent.begin(), by_agent.end(), [](const Event& a, const Event& b) {
    return std::pair(a.agent_kind, a.agent) < std::pair(b.agent_kind, b.agent);
  });
  const auto clocks = [](const std::vector<Clocked>& entries) {
    std::map<std::pair<std::string, std::uint64_t>, std::map<std::string, std::uint64_t>> by_name;
    for (const Clocked& entry : entries) by_name[{entry.host, entry.clock.at(entry.host)}] = entry.clock;
    return by_name;
  };
  EXPECT_EQ(clocks(parse_shiviz(exported("shiviz", by_agent))), clocks(parse_shiviz(exported("shiviz", events))));
}

TEST(Export, ShivizSaysWhereACauseWasLostAndWritesTheRest) {
  std::vector<Event> events = test::events_of({.operations = 4});
  const auto lost =
      std::find_if(events.begin(), events.end(), [](const Event& event) { return event.kind == EventKind::sent; });
  events.erase(lost);
  const std::vector<Clocked> entries = parse_shiviz(exported("shiviz", events));
  EXPECT_EQ(entries.size(), events.size());
  expect_own_entries_count_up(entries);
  const auto remarks = std::count_if(entries.begin(), entries.end(), [](const Clocked& entry) {
    return entry.event.find("its cause is missing") != std::string::npos;
  });
  EXPECT_EQ(remarks, 3);  // one at each acceptor
}

TEST(Export, EveryEventHasAOneLineDescription) {
  Random random(3);
  for (int i = 0; i < 1000; ++i) {
    const std::string text = describe(test::random_event(random));
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(text.find_first_of("\n\"\\"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace paxoscope

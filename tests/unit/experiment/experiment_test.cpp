// An Experiment survives the way through JSON, and everything that it may not be is refused in one line.
#include "core/experiment/experiment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "core/backoff/registry.h"
#include "core/experiment/fields.h"
#include "core/random.h"

namespace paxoscope {
namespace {

using nlohmann::json;

// The line of a refusal.
std::string refusal(const Expected<Experiment>& result) {
  EXPECT_FALSE(result);
  const std::string line = result ? "" : result.error().message;
  EXPECT_NE(line, "");
  EXPECT_EQ(line.find('\n'), std::string::npos) << line;
  return line;
}

// Sets every member to something it may be.
struct RandomMembers {
  Random& random;
  template <class T>
  void operator()(std::string_view, std::string_view, T& value, T low, T high) {
    if constexpr (std::is_floating_point_v<T>) {
      value = low + (high - low) * random.unit();
    } else {
      const auto span = static_cast<std::uint64_t>(high - low);
      value = static_cast<T>(low + static_cast<T>(span == ~std::uint64_t{0} ? random.next() : random.below(span + 1)));
    }
    if (random.below(8) == 0) value = random.below(2) == 0 ? low : high;
  }
  template <class T>
  void operator()(std::string_view name, std::string_view, T& value) {
    if constexpr (std::is_enum_v<T>) {
      value = names<T>()[random.below(names<T>().size())].first;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = random.below(2) == 0;
    } else if (name == "network") {
      value = random.below(2) == 0 ? "zones" : "normal:10us,2us";
    } else if (name == "faults") {
      value = "none";
    } else if (name == "peers") {
      value = "";
    } else {
      value = all_strategies()[random.below(all_strategies().size())].default_text();
    }
  }
};

TEST(Experiment, IsTheSameAfterTheWayThroughJson) {
  int valid = 0;
  for (std::uint64_t seed = 0; seed < 3'000; ++seed) {
    Random random(seed);
    Experiment experiment;
    visit_fields(experiment, RandomMembers{random});
    if (random.below(4) != 0) experiment.quorum1 = experiment.quorum2 = 0;
    if (random.below(4) != 0) experiment.audit = true;
    if (random.below(4) != 0) experiment.keys = KeyChoice::zipf;
    if (random.below(4) != 0) experiment.workers = 1;
    if (experiment.engine == Engine::wire) {
      experiment.peers = "127.0.0.1:3333,[::1]:3334,host:1";
      experiment.acceptors = 3;
    }
    const auto checked = experiment.validated();
    const auto back = parse_experiment(to_json(experiment).dump());
    ASSERT_EQ(back.has_value(), checked.has_value()) << to_json(experiment).dump();
    if (!checked) continue;
    ASSERT_EQ(*back, *checked);
    ASSERT_EQ(*checked, experiment) << "a canonical strategy stays as it is";
    ++valid;
  }
  EXPECT_GT(valid, 500);
}

TEST(Experiment, MissingMembersAreDefaultsAndTheDefaultsAreValid) {
  const auto empty = parse_experiment("{}");
  ASSERT_TRUE(empty);
  ASSERT_TRUE(Experiment().validated());
  EXPECT_EQ(*empty, *Experiment().validated());
  EXPECT_EQ(empty->strategy, find_strategy("full_jitter")->default_text()) << "spelled out";
}

// For every number: just outside is refused by name, the ends are not out of range.
struct Ranges {
  template <class T>
  void operator()(std::string_view name, std::string_view help, T&, T low, T high) {
    EXPECT_FALSE(help.empty());
    std::vector<json> bad;
    if constexpr (std::is_floating_point_v<T>) {
      bad = {std::nextafter(low, -1e300), std::nextafter(high, 1e300), -1.0, std::numeric_limits<T>::quiet_NaN(),
             std::numeric_limits<T>::infinity()};
    } else {
      if (low > 0) bad.emplace_back(low - 1);
      if (high < std::numeric_limits<T>::max()) bad.emplace_back(high + 1);
      bad.emplace_back(-1);
      bad.emplace_back(std::numeric_limits<std::int64_t>::min());
      bad.emplace_back(1.5);
      if (sizeof(T) < 8) bad.emplace_back(std::numeric_limits<std::uint64_t>::max());
      if (sizeof(T) < 8) bad.emplace_back((std::uint64_t{1} << 32) + high);
    }
    for (const json& value : {json("7"), json(nullptr), json(true), json::array({1}), json::object()}) {
      bad.push_back(value);
    }
    for (const json& value : bad) {
      const std::string line = refusal(experiment_from_json(json{{std::string(name), value}}));
      EXPECT_EQ(line.find(std::string(name) + " is "), 0U) << line;
      EXPECT_NE(line.find("; allowed: "), std::string::npos) << line;
    }
    for (const T end : {low, high}) {
      Experiment experiment;
      visit_fields(experiment, [&]<class... Rest>(std::string_view other, std::string_view, auto& member, Rest...) {
        if constexpr (std::is_same_v<std::remove_reference_t<decltype(member)>, T>) {
          if (other == name) member = end;
        }
      });
      const auto checked = experiment.validated();
      EXPECT_TRUE(checked || checked.error().message.find(std::string(name) + " is ") != 0 ||
                  checked.error().message.find("thread") != std::string::npos)
          << checked.error().message;
    }
  }
  template <class T>
  void operator()(std::string_view name, std::string_view help, T&) {
    EXPECT_FALSE(help.empty());
    std::vector<json> bad{json(3), json(nullptr), json::array({1}), json("no such thing"), json("two\nlines"),
                          json("")};
    bad.push_back(std::is_same_v<T, bool> ? json("true") : json(true));
    for (const json& value : bad) {
      if ((name == "faults" || name == "peers") && value == json("")) continue;  // none
      const std::string line = refusal(experiment_from_json(json{{std::string(name), value}}));
      EXPECT_NE(line.find(name == "strategy" ? "strateg" : std::string(name)), std::string::npos) << line;
    }
  }
};

TEST(Experiment, RefusesEveryMembersWrongTypesAndRanges) {
  Experiment experiment;
  visit_fields(experiment, Ranges());
}

TEST(Experiment, RefusesUnknownMembersAndNamesTheKnown) {
  const std::string line = refusal(parse_experiment(R"({"proposer": 8})"));
  EXPECT_NE(line.find("\"proposer\""), std::string::npos);
  EXPECT_NE(line.find("proposers"), std::string::npos);
  refusal(parse_experiment("{\"two\\nlines\": 8}"));
}

TEST(Experiment, RefusesWhatIsNoExperimentAtAll) {
  for (const std::string text :
       {"", "{", "[]", "null", "7", "\"x\"", "{\"seed\": 1e999}", "{\"seed\": NaN}", "{\"seed\": 18446744073709551616}",
        "{\"seed\": -1}", "{\"strategy\": \"\xff\"}", "{\"seed\": 1} x", "{\"seed\": 0x10}", "\xff\xfe"}) {
    refusal(parse_experiment(text));
  }
  std::string deep = "{\"acceptors\": ";
  for (int i = 0; i < 200'000; ++i) deep += '[';
  for (int i = 0; i < 200'000; ++i) deep += ']';
  EXPECT_LT(refusal(parse_experiment(deep + "}")).size(), 200U);
  refusal(experiment_from_json(json{{"acceptors", "\xff"}}));
}

TEST(Experiment, EveryTruncationAndChangedByteIsRefusedOrValid) {
  const std::string text = to_json(Experiment()).dump();
  for (std::size_t length = 0; length < text.size(); ++length) refusal(parse_experiment(text.substr(0, length)));
  Random random(1);
  for (int i = 0; i < 5'000; ++i) {
    std::string changed = text;
    changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    const auto parsed = parse_experiment(changed);
    if (!parsed) refusal(parsed);
  }
}

TEST(Experiment, RefusesQuorumsThatCouldMissEachOther) {
  for (std::uint32_t n = 1; n <= 6; ++n) {
    for (std::uint32_t q1 = 0; q1 <= n + 1; ++q1) {
      for (std::uint32_t q2 = 0; q2 <= n + 1; ++q2) {
        Experiment experiment;
        experiment.acceptors = n;
        experiment.quorum1 = q1;
        experiment.quorum2 = q2;
        const std::uint32_t a = q1 == 0 ? n / 2 + 1 : q1, b = q2 == 0 ? n / 2 + 1 : q2;
        const bool legal = a <= n && b <= n && a + b > n;
        ASSERT_EQ(experiment.validated().has_value(), legal) << n << " " << q1 << " " << q2;
        if (!legal) continue;
        const Quorums quorums = experiment.cluster(1'000).rules.quorums;
        EXPECT_EQ(quorums.acceptors(), static_cast<int>(n));
        EXPECT_EQ(quorums.size(Phase::prepare), static_cast<int>(a));
        EXPECT_EQ(quorums.size(Phase::accept), static_cast<int>(b));
      }
    }
  }
}

TEST(Experiment, RefusesWhatItsKeysMakeNothingOf) {
  EXPECT_NE(refusal(parse_experiment(R"({"key_count": 5})")).find("key_count 5"), std::string::npos);
  EXPECT_NE(refusal(parse_experiment(R"({"keys": "disjoint", "key_count": 5})")).find("disjoint"), std::string::npos);
  EXPECT_NE(refusal(parse_experiment(R"({"keys": "uniform", "zipf_theta": 2})")).find("zipf_theta 2"),
            std::string::npos);
  EXPECT_TRUE(parse_experiment(R"({"keys": "zipf", "key_count": 5, "zipf_theta": 2})"));
}

TEST(Experiment, RefusesAnEmptyHistogramByShowingIt) {
  for (const char* steps : {"[]", "[[5000,0]]"}) {
    const json network{{"latency", {{"histogram", json::parse(steps)}}}};
    const std::string line = refusal(experiment_from_json(json{{"network", network}}));
    EXPECT_NE(line.find(std::string("histogram is ") + steps), std::string::npos) << line;
  }
}

TEST(Experiment, TellsTheHostsWhatItSays) {
  Experiment e;
  e.proposers = 7;
  e.window = 3;
  e.keys = KeyChoice::zipf;
  e.key_count = 50;
  e.read_share = 0.25;
  e.warm_up_s = 0.25;
  e.duration_s = 1.5;
  e.rounds_max = 12;
  e.operations_max = 13;
  e.decisions_max = 14;
  e.seed = 15;
  e.workers = 2;
  e.wait = WaitKind::yield;
  const ClusterOptions c = e.cluster(2'000);
  EXPECT_EQ(c.proposers, 7U);
  EXPECT_EQ(c.window, 3U);
  EXPECT_EQ(c.workload.choice, KeyChoice::zipf);
  EXPECT_EQ(c.workload.keys, 50U);
  EXPECT_EQ(c.workload.read_share, 0.25);
  EXPECT_EQ(c.warm_up, kSecond / 4);
  EXPECT_EQ(c.measure, 3 * kSecond / 2);
  EXPECT_EQ(c.rounds_max, 12U);
  EXPECT_EQ(c.operations_max, 13U);
  EXPECT_EQ(c.decisions_max, 14U);
  EXPECT_EQ(c.seed, 15U);
  EXPECT_EQ(c.round_trip, 2'000);
  EXPECT_EQ(c.timeout, kSecond);
  e.engine = Engine::simulation;
  EXPECT_EQ(e.cluster(2'000).timeout, 40'000);
  e.timeout_us = 0.5;
  EXPECT_EQ(e.cluster(2'000).timeout, 500);
  e.timeout_us = 1e-9;
  EXPECT_EQ(e.cluster(2'000).timeout, 1) << "never nothing";
  EXPECT_EQ(e.threads().workers, 2U);
  EXPECT_EQ(e.threads().wait, WaitKind::yield);
}

TEST(Experiment, TellsThreadsWhichNodesCrashAndRefusesWhatElseGoesWrongByName) {
  Experiment e;
  e.proposers = 2;
  e.faults = R"({"heal_at_us": 90, "faults": [
    {"kind": "crash", "at_us": 10, "for_us": 5, "nodes": ["A0", "P2"], "durable": false},
    {"kind": "crash", "at_us": 20, "nodes": ["A1"]}, {"kind": "crash", "at_us": 95, "nodes": ["A2"]}]})";
  ASSERT_TRUE(e.validated());
  const std::vector<Crash> crashes = e.threads().crashes;
  ASSERT_EQ(crashes.size(), 3U) << "the last would begin after the healing";
  const auto is = [](const Crash& crash, AgentKind kind, std::uint32_t id, Nanos at, Nanos until) {
    return crash.kind == kind && crash.id == id && crash.at == at && crash.until == until;
  };
  EXPECT_TRUE(is(crashes[0], AgentKind::acceptor, 0, 10'000, 15'000));
  EXPECT_TRUE(is(crashes[1], AgentKind::proposer, 2, 10'000, 15'000));
  EXPECT_FALSE(crashes[1].durable);
  EXPECT_TRUE(is(crashes[2], AgentKind::acceptor, 1, 20'000, 90'000));
  EXPECT_TRUE(crashes[2].durable);
  EXPECT_TRUE(Experiment().threads().crashes.empty());

  for (const auto& [name, faults] : std::map<std::string, std::string>{
           {"swarm", "swarm"},
           {"forgetful", "forgetful"},
           {"liveness_us", R"({"heal_at_us": 9, "liveness_us": 9})"},
           {"pause", R"({"faults": [{"kind": "pause", "nodes": ["A0"]}]})"},
           {"partition", R"({"faults": [{"kind": "partition", "from": ["A0"], "to": ["P1"]}]})"},
           {"loss", R"({"faults": [{"kind": "crash", "nodes": ["A0"]}, {"kind": "loss", "rate": 0.5}]})"}}) {
    e.engine = Engine::threads;
    e.operations_max = 1;
    e.faults = faults;
    EXPECT_NE(refusal(e.validated()).find("faults has " + name + ","), std::string::npos);
    e.engine = Engine::simulation;
    EXPECT_TRUE(e.validated()) << name;
  }
}

template <class Enum>
void expect_names() {
  std::vector<std::string_view> seen;
  for (const auto& [value, name] : names<Enum>()) {
    EXPECT_EQ(name_of(value), name);
    EXPECT_EQ(*parse_name<Enum>("x", name), value);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), name), 0);
    seen.push_back(name);
  }
  const auto unknown = parse_name<Enum>("x", "nonsense");
  ASSERT_FALSE(unknown);
  for (const std::string_view name : seen) {
    EXPECT_NE(unknown.error().message.find(name), std::string::npos) << "what is allowed is named";
  }
}

TEST(Names, OfEveryEnumerationGoBothWays) {
  expect_names<Engine>();
  expect_names<GiveUp>();
  expect_names<Learning>();
  expect_names<KeyChoice>();
  expect_names<WaitKind>();
  expect_names<StopReason>();
}

}  // namespace
}  // namespace paxoscope

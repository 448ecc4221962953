// Text chooses a strategy, a strategy prints its text, and bad text gets one line that says what is allowed.
#include "core/backoff/registry.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "tests/unit/backoff/support.h"

namespace paxoscope::backoff_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

struct Assignment {
  std::string name;
  std::string value;
};

// The parameters of "name:a=1,b=2".
std::vector<Assignment> assignments(const std::string& text) {
  std::vector<Assignment> result;
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    for_each_between_commas(std::string_view(text).substr(colon + 1), [&](std::string_view piece) {
      const std::size_t equals = piece.find('=');
      result.push_back({std::string(piece.substr(0, equals)), std::string(piece.substr(equals + 1))});
    });
  }
  return result;
}

// Another legal value for a parameter whose default is `value`.
std::string another_value(Random& random, const std::string& value) {
  if (value.ends_with('R')) {
    return std::to_string(64 + random.below(36)) + (random.below(2) == 0 ? ".25R" : "R");
  }
  for (const auto& words :
       {std::vector<std::string>{"never", "win", "decided"}, {"uniform", "qexp"}, {"now", "slot"}}) {
    if (std::find(words.begin(), words.end(), value) != words.end()) {
      return words[random.below(words.size())];
    }
  }
  return value == "step" ? "never" : value == "0.2" ? "0.75" : "2";  // numbers
}

TEST(Registry, HoldsEveryStrategyOfTheTable) {
  std::vector<std::string> names;
  for (const StrategyInfo& info : all_strategies()) {
    names.emplace_back(info.name);
    EXPECT_FALSE(info.description.empty()) << info.name;
  }
  EXPECT_THAT(names, ElementsAre("none", "yield", "constant", "linear", "exponential", "full_jitter", "equal_jitter",
                                 "decorrelated_jitter", "fixed_window", "proportional_jitter", "slotted", "rebackoff",
                                 "percentile", "aimd", "ranked", "tdma", "lease", "random_rank"));
}

TEST(Registry, SaysWhatAStrategyTakesForGranted) {
  std::set<std::string_view> proposers, clock, threads;
  for (const StrategyInfo& info : all_strategies()) {
    if (info.needs.proposers) proposers.insert(info.name);
    if (info.needs.common_clock) clock.insert(info.name);
    if (info.needs.threads) threads.insert(info.name);
  }
  EXPECT_THAT(proposers, ElementsAre("ranked", "tdma"));
  EXPECT_THAT(clock, ElementsAre("tdma"));
  EXPECT_THAT(threads, ElementsAre("yield"));
}

// The splitter tells a parameter from a strategy by its name.
TEST(Registry, NoParameterIsNamedLikeAStrategy) {
  for (const StrategyInfo& info : all_strategies()) {
    for (const Assignment& parameter : assignments(info.default_text())) {
      EXPECT_EQ(find_strategy(parameter.name), nullptr) << info.name << " " << parameter.name;
    }
  }
}

TEST(Registry, DefaultsAreLegalAndCanonical) {
  for (const StrategyInfo& info : all_strategies()) {
    EXPECT_EQ(strategy(std::string(info.name))->to_string(), info.default_text());
    EXPECT_EQ(strategy(info.default_text())->to_string(), info.default_text());
  }
}

TEST(Registry, EveryParameterIsReadAndPrinted) {
  for (const StrategyInfo& info : all_strategies()) {
    for (const Assignment& parameter : assignments(info.default_text())) {
      EXPECT_THAT(refusal(std::string(info.name) + ":" + parameter.name + "=@"),
                  AllOf(HasSubstr(std::string(info.name)), HasSubstr(parameter.name + "=\"@\"")));
    }
  }
}

// A random choice of parameters, some with another value than their default.
std::string any_text(Random& random, const StrategyInfo& info) {
  std::string text(info.name);
  char separator = ':';
  for (const Assignment& parameter : assignments(info.default_text())) {
    if (random.below(2) == 0) {
      text += fmt::format("{}{}={}", separator, parameter.name,
                          random.below(3) == 0 ? parameter.value : another_value(random, parameter.value));
      separator = ',';
    }
  }
  return text;
}

TEST(Registry, PrintedTextParsesBackToAnEqualStrategy) {
  Random random(2);
  int equal = 0;
  for (const StrategyInfo& info : all_strategies()) {
    for (int i = 0; i < 200; ++i) {
      const std::string text = any_text(random, info);
      const auto first = parse_strategy(text);
      if (!first) {  // the only way to fail here: a base above its cap
        EXPECT_THAT(first.error().message, HasSubstr("must not be below")) << text;
        continue;
      }
      const std::unique_ptr<Backoff> second = strategy((*first)->to_string());
      EXPECT_EQ(second->to_string(), (*first)->to_string());
      Random left(3), right(3);
      for (int call = 0; call < 20; ++call) {
        const Retry one = (*first)->on_preempted(context(), left);
        const Retry two = second->on_preempted(context(), right);
        ASSERT_TRUE(one.wait == two.wait && one.yields == two.yields && one.ballot_skip == two.ballot_skip) << text;
      }
      ++equal;
    }
  }
  EXPECT_GT(equal, 18 * 100);
}

TEST(Registry, OverridesOnlyWhatIsNamedAndPrintsItCanonically) {
  EXPECT_EQ(strategy("full_jitter:cap=16.0R")->to_string(), "full_jitter:base=1R,cap=16R,reset=win");
  EXPECT_EQ(strategy("full_jitter:reset=step,base=1000ns,cap=2ms")->to_string(),
            "full_jitter:base=1us,cap=2ms,reset=step");
  EXPECT_EQ(strategy("proportional_jitter:factor=2.50")->to_string(),
            "proportional_jitter:base=1R,cap=50R,factor=2.5,jitter=0.2,reset=win");
}

TEST(Registry, UnknownStrategyNamesTheNearestAndAllThatAreAllowed) {
  EXPECT_THAT(refusal("ful_jitter"), AllOf(HasSubstr("\"ful_jitter\"; did you mean full_jitter?"),
                                           HasSubstr("allowed: none, yield"), HasSubstr("random_rank")));
  EXPECT_THAT(refusal("leese:length=1R"), HasSubstr("did you mean lease?"));
  EXPECT_THAT(refusal("Constant"), HasSubstr("did you mean constant?"));
  for (const std::string& text : {std::string(), std::string("zzzzzzzz"), std::string(100'000, 'x'), std::string("=1"),
                                  std::string(":"), std::string("a\nb\0c", 5), std::string("\xff\xfe")}) {
    const std::string line = refusal(text);
    EXPECT_THAT(line, AllOf(HasSubstr("unknown strategy"), Not(HasSubstr("did you mean"))));
    EXPECT_LT(line.size(), 500U);
    EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

TEST(Registry, BadParametersGetOneClearLine) {
  const std::pair<const char*, const char*> refusals[] = {
      {"none:x=1", "none takes no parameters, but \"x=1\" was given"},
      {"full_jitter:bass=1R", "full_jitter has no parameter \"bass\"; allowed: base, cap, reset"},
      {"full_jitter:base=1R,base=1R", "full_jitter: base is given more than once"},
      {"full_jitter:base", "full_jitter: base has no value; the default is base=1R"},
      {"full_jitter:base=", "full_jitter: base has no value; the default is base=1R"},
      {"full_jitter:base=1R,", "full_jitter has no parameter \"\""},
      {"full_jitter:,base=1R", "full_jitter has no parameter \"\""},
      {"full_jitter:", "parameters are written name:parameter=value"},
      {"full_jitter,cap=8R", "parameters are written name:parameter=value"},
      {"full_jitter=1R", "parameters are written name:parameter=value"},
      {"full_jitter:base=nan", "base=\"nan\" must be a duration such as 1R"},
      {"full_jitter:base=-1R", "base=\"-1R\" must be a duration such as 1R"},
      {"full_jitter:cap=inf", "cap=\"inf\" must be a duration such as 1R"},
      {"full_jitter:cap=99999999999999999999R", "must be a duration such as 1R"},
      {"full_jitter:base=0R", "base=\"0R\" must be above zero"},
      {"full_jitter:cap=0.5R", "cap=\"0.5R\" must not be below base=1R"},
      {"full_jitter:base=2ms,cap=1ms", "cap=\"1ms\" must not be below base=2ms"},
      {"full_jitter:reset=sometimes", "reset=\"sometimes\" must be one of never, win, decided, step"},
      {"decorrelated_jitter:reset=step", "must be one of never, win, decided"},
      {"yield:yields=0", "must be a whole number from 1 to 1000000"},
      {"yield:yields=1.5", "must be a whole number from 1 to 1000000"},
      {"slotted:doublings=31", "must be a whole number from 1 to 30"},
      {"slotted:doublings=4294967297", "must be a whole number from 1 to 30"},
      {"random_rank:most=-1", "must be a whole number from 1 to 1000000"},
      {"proportional_jitter:jitter=1.1", "must be a number from 0 to 1"},
      {"proportional_jitter:factor=0.9", "must be a number from 1 to 10"},
      {"proportional_jitter:factor=nan", "must be a number from 1 to 10"},
      {"percentile:low=0", "must be a number from 1 to 100"},
      {"percentile:high=100.000001", "must be a number from 1 to 100"},
      {"aimd:min=2R,cap=1R", "cap=\"1R\" must not be below min=2R"},
      {"lease:length=0s", "length=\"0s\" must be above zero"}};
  for (const auto& [text, message] : refusals) {
    EXPECT_THAT(refusal(text), HasSubstr(message)) << text;
  }
}

TEST(Registry, ZeroIsAllowedWhereASweepBeginsThere) {
  Random random(1);
  EXPECT_EQ(strategy("constant:wait=0R")->on_preempted(context(), random).wait, 0);
  EXPECT_EQ(strategy("fixed_window:window=0us")->on_preempted(context(), random).wait, 0);
}

TEST(Registry, ListSplitsBetweenStrategiesNotBetweenParameters) {
  EXPECT_THAT(*split_strategies("none,full_jitter:base=1R,cap=8R,lease"),
              ElementsAre("none", "full_jitter:base=1R,cap=8R", "lease"));
  EXPECT_THAT(*split_strategies("constant:wait=1R,constant:wait=2R"),
              ElementsAre("constant:wait=1R", "constant:wait=2R"));
  EXPECT_THAT(*split_strategies("lease:length=4R,aimd:min=1R,cap=2R,decrease=1R"),
              ElementsAre("lease:length=4R", "aimd:min=1R,cap=2R,decrease=1R"));
  // A strategy's name starts a strategy, even with a wrong sign behind it: parse_strategy then says what is wrong.
  EXPECT_THAT(*split_strategies("none,lease=1R"), ElementsAre("none", "lease=1R"));
  EXPECT_THAT(*split_strategies("base=1R"), ElementsAre("base=1R"));
}

TEST(Registry, GroupsOfProposersEachHaveTheirOwnStrategy) {
  const auto strategy = parse_strategy("none/constant:wait=3R/constant");
  ASSERT_TRUE(strategy) << strategy.error().message;
  EXPECT_EQ((*strategy)->to_string(), "none/constant:wait=3R/constant:wait=1R");
  EXPECT_EQ((*parse_strategy((*strategy)->to_string()))->to_string(), (*strategy)->to_string());
  Random random(1);
  const auto fresh = (*strategy)->fresh();
  const auto wait_of = [&](std::uint32_t rank, std::uint32_t proposers) {
    RetryContext context;
    context.rank = rank;
    context.proposers = proposers;
    context.round_trip = 10;
    return fresh->on_preempted(context, random).wait;
  };
  std::vector<Nanos> waits;
  for (std::uint32_t rank = 0; rank < 7; ++rank) waits.push_back(wait_of(rank, 7));
  EXPECT_EQ(waits, (std::vector<Nanos>{0, 0, 0, 30, 30, 30, 10}));
  EXPECT_EQ(wait_of(1, 2), 30) << "fewer proposers than groups";
  for (const char* bad : {"/", "none/", "/none", "none//none", "none/nonsense"})
    EXPECT_FALSE(parse_strategy(bad)) << bad;
}

TEST(Registry, ListOfAllIsEveryStrategyOnce) {
  const auto all = split_strategies("all");
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), all_strategies().size());
  std::string joined;
  for (const std::string& name : *all) {
    joined += fmt::format("{}{}", joined.empty() ? "" : ",", strategy(name)->to_string());
  }
  const auto split = split_strategies(joined);  // with every parameter written out
  ASSERT_TRUE(split);
  ASSERT_EQ(split->size(), all->size());
  for (std::size_t i = 0; i < all->size(); ++i) {
    EXPECT_EQ((*split)[i], all_strategies()[i].default_text());
  }
}

TEST(Registry, ListWithAnEmptyPlaceIsRefused) {
  for (const char* list : {"", ",", "none,", ",none", "none,,lease", "lease:length=1R,,none"}) {
    const auto split = split_strategies(list);
    ASSERT_FALSE(split) << list;
    EXPECT_THAT(split.error().message, HasSubstr("empty place")) << list;
  }
}

TEST(Registry, RandomTextNeverCrashesAndNeverAnswersInTwoLines) {
  Random random(4);
  const std::string_view alphabet = "full_jitter:base=1R,cap8.5usn\n\0-e,";
  for (int i = 0; i < 20'000; ++i) {
    std::string text(all_strategies()[random.below(all_strategies().size())].default_text());
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      text[random.below(text.size())] = alphabet[random.below(alphabet.size())];
    }
    if (const auto parsed = parse_strategy(text)) {
      EXPECT_EQ(strategy((*parsed)->to_string())->to_string(), (*parsed)->to_string());
    } else {
      EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace paxoscope::backoff_test

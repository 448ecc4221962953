#include "core/scenario/play.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "core/scenario/stage.h"

namespace paxoscope {

namespace {

using Done = Stage::Done;
using Words = std::span<const std::string>;

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Role> role(std::string_view text) {
  if (text.size() < 2 || (text[0] != 'P' && text[0] != 'A')) return std::nullopt;
  const auto id = number<std::uint32_t>(text.substr(1));
  const bool acceptor = text[0] == 'A';
  if (!id || *id > (acceptor ? kMaxAcceptors - 1 : Ballot::kMaxProposer)) return std::nullopt;
  return Role{acceptor ? AgentKind::acceptor : AgentKind::proposer, *id};
}

// One script on one stage.
class Player {
 public:
  Done line(const std::vector<std::string>& words);
  const Quorums& quorums() const { return rules_.quorums; }
  Stage* stage() { return stage_ ? &*stage_ : nullptr; }
  const Cast& cast() const { return cast_; }

 private:
  struct Command {
    std::string_view name, usage;
    std::size_t words_min, words_max;  // after the name
    Done (Player::*run)(Words);
  };
  static const std::array<Command, 17> kCommands;

  Done acceptors(Words words);
  Done quorums(Words words);
  Done learning(Words words);
  Done give_up(Words words);
  Done propose(Words words) { return begin(words, true); }
  Done read(Words words) { return begin(words, false); }
  Done begin(Words words, bool with_value);
  Done exchange(Words words);
  Done deliver(Words words) { return along(words, &Stage::deliver); }
  Done drop(Words words) { return along(words, &Stage::drop); }
  Done duplicate(Words words) { return along(words, &Stage::duplicate); }
  Done along(Words words, Done (Stage::*step)(Role, Role));
  Done timeout(Words words);
  Done retry(Words words);
  Done crash(Words words);
  Done restart(Words words);
  Done partition(Words words);
  Done heal(Words);
  Done expect(Words words);
  Done expect_proposer(ProposerId id, Words what);
  Done expect_acceptor(AcceptorId id, Words what);

  Stage& open();
  static Expected<std::vector<AcceptorId>> acceptor_list(Words words);
  static Expected<ProposerId> proposer_id(const std::string& word);

  ProposerRules rules_;
  std::optional<Stage> stage_;
  Cast cast_;
  InstanceId last_;
};

const std::array<Player::Command, 17> Player::kCommands{{
    {"acceptors", "acceptors 3", 1, 1, &Player::acceptors},
    {"quorums", "quorums 2 2", 2, 2, &Player::quorums},
    {"learning", "learning own_round, or visible", 1, 1, &Player::learning},
    {"give_up", "give_up first_nack, majority_out_of_reach, or all_replies", 1, 1, &Player::give_up},
    {"propose", "propose P10 n=1 key=i version=0 value=10 at A0 A1", 5, 256, &Player::propose},
    {"read", "read P10 n=1 key=i version=0 at A0 A1", 4, 256, &Player::read},
    {"exchange", "exchange P10 A0 A1", 1, 256, &Player::exchange},
    {"deliver", "deliver P10 -> A0", 3, 3, &Player::deliver},
    {"drop", "drop P10 -> A0", 3, 3, &Player::drop},
    {"duplicate", "duplicate P10 -> A0", 3, 3, &Player::duplicate},
    {"timeout", "timeout P10", 1, 1, &Player::timeout},
    {"retry", "retry P10, or retry P10 skip=3", 1, 2, &Player::retry},
    {"crash", "crash A0", 1, 1, &Player::crash},
    {"restart", "restart A0", 1, 1, &Player::restart},
    {"partition", "partition P10 A0 | P11 A1 A2", 1, 256, &Player::partition},
    {"heal", "heal", 0, 0, &Player::heal},
    {"expect", "expect P10 decided 100, or expect A0 promised (1,10)", 2, 4, &Player::expect},
}};

Done Player::line(const std::vector<std::string>& words) {
  const auto command = std::find_if(kCommands.begin(), kCommands.end(),
                                    [&](const Command& known) { return known.name == words.front(); });
  if (command == kCommands.end()) {
    return fail(fmt::format("\"{}\" is no step of a play", words.front()));
  }
  const Words rest = Words(words).subspan(1);
  if (rest.size() < command->words_min || rest.size() > command->words_max) {
    return fail(fmt::format("write it as: {}", command->usage));
  }
  return (this->*command->run)(rest);
}

Stage& Player::open() {
  if (!stage_) stage_.emplace(rules_);
  return *stage_;
}

Done Player::acceptors(Words words) {
  const auto count = number<int>(words[0]);
  if (stage_) return fail("the play has begun");
  if (!count || *count < 1 || *count > kMaxAcceptors) return fail("allowed: 1 to 128 acceptors");
  rules_.quorums = Quorums::majority(*count);
  return {};
}

Done Player::quorums(Words words) {
  const int acceptors = rules_.quorums.acceptors();
  const auto quorums = Quorums::make(acceptors, number<int>(words[0]).value_or(0), number<int>(words[1]).value_or(0));
  if (stage_) return fail("the play has begun");
  if (!quorums) return fail(fmt::format("these could miss each other; allowed: together more than {}", acceptors));
  rules_.quorums = *quorums;
  return {};
}

Done Player::learning(Words words) {
  if (words[0] != "own_round" && words[0] != "visible") return fail("allowed: own_round, visible");
  rules_.learning = words[0] == "visible" ? Learning::visible : Learning::own_round;
  return stage_ ? Done(fail("the play has begun")) : Done();
}

Done Player::give_up(Words words) {
  if (stage_) return fail("the play has begun");
  for (const auto& [name, rule] : {std::pair("first_nack", GiveUp::first_nack),
                                   {"majority_out_of_reach", GiveUp::majority_out_of_reach},
                                   {"all_replies", GiveUp::all_replies}}) {
    if (words[0] == name) return rules_.give_up = rule, Done();
  }
  return fail("allowed: first_nack, majority_out_of_reach, all_replies");
}

Expected<ProposerId> Player::proposer_id(const std::string& word) {
  const auto parsed = role(word);
  if (!parsed || parsed->kind != AgentKind::proposer) return fail(fmt::format("\"{}\" is no proposer's name", word));
  return parsed->id;
}

Expected<std::vector<AcceptorId>> Player::acceptor_list(Words words) {
  std::vector<AcceptorId> list;
  for (const std::string& word : words) {
    const auto parsed = role(word);
    if (!parsed || parsed->kind != AgentKind::acceptor) return fail(fmt::format("\"{}\" is no acceptor's name", word));
    const auto id = static_cast<AcceptorId>(parsed->id);
    if (std::find(list.begin(), list.end(), id) != list.end()) return fail(fmt::format("{} is named twice", word));
    list.push_back(id);
  }
  return list;
}

Done Player::begin(Words words, bool with_value) {
  const auto id = proposer_id(words[0]);
  if (!id) return tl::unexpected(id.error());
  std::optional<std::uint64_t> n, version;
  std::optional<std::string> key;
  std::optional<Value> value;
  std::size_t i = 1;
  for (; i < words.size() && words[i] != "at"; ++i) {
    const std::size_t equals = words[i].find('=');
    if (equals == std::string::npos) return fail(fmt::format("\"{}\": write name=value", words[i]));
    const std::string name = words[i].substr(0, equals), text = words[i].substr(equals + 1);
    bool good = false;
    if (name == "n") good = (n = number<std::uint64_t>(text)).has_value();
    if (name == "version") good = (version = number<std::uint64_t>(text)).has_value();
    if (name == "value" && with_value) good = (value = number<Value>(text)).has_value();
    if (name == "key") good = !(key = text)->empty();
    if (!good) return fail(fmt::format("\"{}\" makes no sense here", words[i]));
  }
  if (!n || !version || !key || value.has_value() != with_value) {
    return fail(fmt::format("needed: n=, key=, version={}", with_value ? ", value=" : ""));
  }
  const auto to = acceptor_list(words.subspan(std::min(i + 1, words.size())));
  if (!to) return tl::unexpected(to.error());
  const auto known = std::find(cast_.keys.begin(), cast_.keys.end(), *key);
  const auto key_number = static_cast<std::uint32_t>(known - cast_.keys.begin());
  if (known == cast_.keys.end()) cast_.keys.push_back(*key);
  last_ = {*version, key_number};
  return open().propose(*id, last_, value, *n, *to);
}

Done Player::exchange(Words words) {
  const auto id = proposer_id(words[0]);
  if (!id) return tl::unexpected(id.error());
  const auto with = acceptor_list(words.subspan(1));
  if (!with) return tl::unexpected(with.error());
  return open().exchange(*id, *with);
}

Done Player::along(Words words, Done (Stage::*step)(Role, Role)) {
  const auto from = role(words[0]), to = role(words[2]);
  if (!from || !to || words[1] != "->" || from->kind == to->kind) {
    return fail("write it as: P10 -> A0, or A0 -> P10");
  }
  return (open().*step)(*from, *to);
}

Done Player::timeout(Words words) {
  const auto id = proposer_id(words[0]);
  return id ? open().timeout(*id) : Done(tl::unexpected(id.error()));
}

Done Player::retry(Words words) {
  const auto id = proposer_id(words[0]);
  if (!id) return tl::unexpected(id.error());
  std::uint64_t skip = 0;
  if (words.size() > 1) {
    const auto parsed = words[1].starts_with("skip=") ? number<std::uint64_t>(words[1].substr(5)) : std::nullopt;
    if (!parsed) return fail("write it as: retry P10 skip=3");
    skip = *parsed;
  }
  return open().retry(*id, skip);
}

Done Player::crash(Words words) {
  const auto who = role(words[0]);
  return who ? open().crash(*who) : Done(fail(fmt::format("nobody is called \"{}\"", words[0])));
}

Done Player::restart(Words words) {
  const auto who = role(words[0]);
  return who ? open().restart(*who) : Done(fail(fmt::format("nobody is called \"{}\"", words[0])));
}

Done Player::partition(Words words) {
  std::set<Role> sides[2];
  int side = 0;
  for (const std::string& word : words) {
    if (word == "|" && side == 0) {
      side = 1;
      continue;
    }
    const auto who = role(word);
    if (!who) return fail(fmt::format("nobody is called \"{}\"", word));
    sides[side].insert(*who);
    if (sides[1 - side].contains(*who)) return fail(fmt::format("{} cannot be on both sides", word));
  }
  if (sides[0].empty()) return fail("one side is empty");
  open().partition(sides[0]);
  return {};
}

Done Player::heal(Words) {
  open().partition({});
  return {};
}

Done Player::expect(Words words) {
  const auto who = role(words[0]);
  if (!who) return fail(fmt::format("nobody is called \"{}\"", words[0]));
  if (who->kind == AgentKind::proposer) return expect_proposer(who->id, words.subspan(1));
  return expect_acceptor(static_cast<AcceptorId>(who->id), words.subspan(1));
}

std::string join(Words words) {
  return fmt::format("{}", fmt::join(words, " "));
}

Done Player::expect_proposer(ProposerId id, Words what) {
  using State = Proposer::State;
  const Proposer* proposer = open().proposer(id);
  if (proposer == nullptr) return fail(fmt::format("P{} has not begun", id));
  std::string state;
  switch (proposer->state()) {
    case State::idle: state = "idle"; break;
    case State::preparing: state = "preparing"; break;
    case State::accepting: state = fmt::format("accepting {}", proposer->value()); break;
    case State::backing_off: state = "backing_off"; break;
    case State::decided: state = fmt::format("decided {}", proposer->value()); break;
    case State::empty: state = "empty"; break;
    case State::retired: state = "retired"; break;
    case State::exhausted: state = "exhausted"; break;
  }
  const std::string longer =
      state + " " + text_of(proposer->state() == State::backing_off ? proposer->beaten_by() : proposer->ballot());
  const std::string expected = join(what);
  if (expected == state || expected == longer) return {};
  return fail(fmt::format("P{} should be {}, but is {}", id, expected, longer));
}

Done Player::expect_acceptor(AcceptorId id, Words what) {
  const auto state = open().acceptor(id, last_);
  if (!state) return fail(fmt::format("there is no A{}", id));
  const std::string promised = "promised " + text_of(state->last_bal);
  const std::string voted =
      state->v_bal.is_none() ? "voted nothing" : fmt::format("voted {} {}", state->value, text_of(state->v_bal));
  const std::string expected = join(what);
  if (expected == promised || expected == voted) return {};
  return fail(fmt::format("A{} should have {}, but has {} and {}", id, expected, promised, voted));
}

}  // namespace

std::string Story::text() const {
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

Expected<Story> play(std::string_view script) {
  Player player;
  Story story;
  std::size_t number = 0, told = 0;
  while (!script.empty()) {
    const std::size_t end = std::min(script.find('\n'), script.size());
    const std::string_view line = script.substr(0, end);
    script.remove_prefix(std::min(end + 1, script.size()));
    ++number;
    const auto words = words_of(line);
    if (words.empty() || words.front().starts_with('#')) {
      story.lines.emplace_back(words.empty() ? "" : line);
      continue;
    }
    if (const Done done = player.line(words); !done) {
      return fail(fmt::format("line {}: {}", number, done.error().message));
    }
    if (words.front() == "partition") {
      story.lines.push_back(fmt::format("the network splits: {}", join(Words(words).subspan(1))));
    }
    if (words.front() == "heal") story.lines.emplace_back("the network is whole again");
    if (player.stage() == nullptr) continue;
    const std::span<const Event> events = player.stage()->events();
    for (; told < events.size(); ++told) {
      story.lines.push_back(narrate(events[told], events.first(told), player.cast()));
    }
  }
  story.cast = player.cast();
  story.quorums = player.quorums();
  if (Stage* stage = player.stage()) {
    story.events = stage->events();
    story.violation = stage->verdict();
  }
  if (!story.violation.empty()) story.lines.push_back("VIOLATION: " + story.violation);
  return story;
}

}  // namespace paxoscope

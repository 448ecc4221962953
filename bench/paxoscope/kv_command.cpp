// paxoscope kv: the key-value store, as a command or a small shell.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iostream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/terminal.h"
#include "core/backoff/registry.h"
#include "core/experiment/kv_links.h"
#include "core/kv/store.h"

namespace paxoscope::cli {

namespace {

using kv::Outcome;
using Words = std::vector<std::string>;

struct KvOptions {
  std::string peers, acceptors, deadline = "5s";
  Words words;
};

// What a word does: prints its result, and gives back what came of it.
struct Verb {
  std::string_view name;
  std::string_view arguments;
  std::string_view meaning;
  std::size_t least, most;  // arguments
  Outcome (*run)(kv::Store& store, const Words& words);
};

// 0 to 2^63 - 1.
bool parse_word(const std::string& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >> 63U == 0;
}

Outcome set(kv::Store& store, const Words& words) {
  const kv::TextResult result = store.set_text(words[1], words[2]);
  if (result.outcome == Outcome::ok) fmt::print("version {}\n", result.ver);
  return result.outcome;
}

Outcome get(kv::Store& store, const Words& words) {
  std::uint64_t ver = 0;
  if (words.size() == 3 && !parse_word(words[2], ver)) return Outcome::refused;
  const kv::TextResult result = words.size() == 3 ? store.get_text(words[1], ver) : store.get_text(words[1]);
  if (result.outcome == Outcome::ok) fmt::print("{}\n", result.text);
  return result.outcome;
}

// paxoskv's set(key, ver, value): says what was decided, whoever proposed it.
Outcome propose(kv::Store& store, const Words& words) {
  std::uint64_t ver = 0, value = 0;
  if (!parse_word(words[2], ver) || !parse_word(words[3], value)) return Outcome::refused;
  const kv::Result result = store.set(words[1], ver, static_cast<Value>(value));
  const bool decided = result.outcome == Outcome::ok || result.outcome == Outcome::lost;
  if (decided) fmt::print("{}\n", result.value);
  return result.outcome;
}

Outcome list(kv::Store& store, const Words&) {
  Words keys;
  const Outcome outcome = store.list(keys);
  for (const std::string& key : keys) fmt::print("{}\n", key);
  return outcome;
}

constexpr auto kVerbs = std::to_array<Verb>({
    {"set", "KEY TEXT", "write the next version", 2, 2, set},
    {"get", "KEY [VERSION]", "read the latest version, or that one", 1, 2, get},
    {"list", "", "the keys that were set", 0, 0, list},
    {"propose", "KEY VERSION NUMBER", "settle one version, and say what it is", 3, 3, propose},
});

std::string_view in_words(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::lost: return "another value was decided there";
    case Outcome::absent: return "there is no such version";
    case Outcome::late: return "no quorum within the deadline: a value that was to be set may be, now or later";
    case Outcome::spent: return "too many lost rounds: a value that was to be set may be, now or later";
    case Outcome::forgotten: return "decided, and no longer kept";
    case Outcome::refused:
      return "allowed: a key of 1 to 1024 bytes that does not begin with ~, a text of at most 65536 bytes, versions "
             "and numbers from 0 to 9223372036854775807";
  }
  return "?";
}

// So much of what was typed as fits on a line.
std::string start_of(const std::string& text) {
  constexpr std::size_t kMost = 60;
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

std::string verbs_usage() {
  std::string text;
  for (const Verb& verb : kVerbs) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", verb.name, verb.arguments);
    if (text.back() == ' ') text.pop_back();
  }
  return text;
}

int perform(kv::Store& store, const Words& words) {
  for (const Verb& verb : kVerbs) {
    if (verb.name != words.front()) continue;
    if (words.size() - 1 < verb.least || words.size() - 1 > verb.most) {
      return complain(fmt::format("{} takes {}", verb.name, verb.arguments.empty() ? "nothing" : verb.arguments));
    }
    const Outcome outcome = verb.run(store, words);
    std::fflush(stdout);
    if (outcome == Outcome::ok) return kOk;
    const bool refused = outcome == Outcome::refused;
    return complain(fmt::format("{}: {}", refused ? start_of(fmt::format("{}", fmt::join(words, " "))) : words.front(),
                                in_words(outcome)),
                    refused ? kBadInput : kFailed);
  }
  return complain(fmt::format("no such command: {}; allowed: {}", start_of(words.front()), verbs_usage()));
}

Words split(const std::string& line) {
  std::istringstream in(line);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  // The text of a set is the rest of the line.
  if (words.size() > 3 && words.front() == "set") {
    const std::size_t key = line.find(words[1], line.find("set") + 3);
    words.resize(3);
    words[2] = line.substr(line.find_first_not_of(" \t", key + words[1].size()));
  }
  return words;
}

int shell(kv::Store& store) {
  const bool person = ::isatty(STDIN_FILENO) == 1;
  if (person) fmt::print("{}; help, quit\n", verbs_usage());
  int worst = kOk;
  while (!interrupted()) {
    if (person) fmt::print("> ");
    std::fflush(stdout);
    std::string line;
    if (!std::getline(std::cin, line)) break;
    const Words words = split(line);
    if (words.empty()) continue;
    if (words.front() == "quit") break;
    if (words.front() == "help") {
      for (const Verb& verb : kVerbs) fmt::print("{:<8} {:<20} {}\n", verb.name, verb.arguments, verb.meaning);
      fmt::print("{:<29} leave; so does the end of the input\n", "quit");
      continue;
    }
    const int code = perform(store, words);
    if (worst == kOk) worst = code;
  }
  return person ? static_cast<int>(kOk) : worst;
}

int run(const KvOptions& options) {
  const auto seconds = parse_number("deadline_s", options.deadline);
  if (!seconds || *seconds <= 0 || *seconds > 3600) {
    return complain(fmt::format("--deadline is \"{}\"; allowed: above 0 to 3600s", options.deadline));
  }
  const auto deadline = static_cast<Nanos>(*seconds * 1e9);
  std::unique_ptr<KvCluster> local;
  std::unique_ptr<kv::Link> link;
  kv::ClientOptions client_options;
  if (options.peers.empty()) {
    const auto acceptors =
        parse_count("--acceptors", options.acceptors.empty() ? "3" : options.acceptors, 1, kMaxAcceptors);
    if (!acceptors) return complain(acceptors.error().message);
    local = std::make_unique<KvCluster>(static_cast<int>(*acceptors), 1);
    link = local->link(0);
    client_options.rules.quorums = Quorums::majority(static_cast<int>(*acceptors));
  } else {
    if (!options.acceptors.empty())
      return complain("--acceptors is for acceptors in this process; allowed: without --peers");
    const auto peers = wire::parse_peers(options.peers);
    if (!peers) return complain("--peers: " + peers.error().message);
    // Whoever gives an operation little time will not wait long for a connection either, but that takes its own.
    auto connected = connect_kv(*peers, std::clamp(deadline, kSecond / 2, 3 * kSecond));
    if (!connected) return complain(connected.error().message, kFailed);
    link = std::move(connected->link);
    client_options = connected->options;
  }
  const auto strategy = parse_strategy("full_jitter");
  kv::Client client(*link, **strategy, client_options);
  std::random_device random;
  kv::Store store(client, {.deadline = deadline, .nonce = std::uint64_t{random()} << 32U | random()});
  if (!options.words.empty()) return perform(store, options.words);
  return shell(store);
}

}  // namespace

Job add_kv(CLI::App& app) {
  auto options = std::make_shared<KvOptions>();
  app.add_option("words", options->words, verbs_usage() + "; nothing: a shell that reads such lines");
  app.add_option("--peers", options->peers, "acceptors that outlive this command: HOST:PORT,HOST:PORT,...");
  app.add_option("--acceptors", options->acceptors, "without --peers: acceptors in this process, 1 to 128 [3]");
  app.add_option("--deadline", options->deadline, "of each operation [5s]");
  return [options] { return run(*options); };
}

}  // namespace paxoscope::cli

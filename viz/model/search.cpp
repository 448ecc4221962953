#include "viz/model/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <sstream>
#include <vector>

#include "viz/model/inspector.h"

namespace paxoscope::viz {

namespace {

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lowered;
}

std::vector<std::string> words_of(const std::string& query) {
  std::istringstream in(query);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// "1.2s", "340 us".
std::optional<Nanos> time_of(const std::string& query) {
  double number = 0;
  std::string unit, more;
  std::istringstream in(query);
  if (!(in >> number >> unit) || in >> more || number < 0) return std::nullopt;
  const std::pair<const char*, double> units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}};
  for (const auto& [name, nanos] : units) {
    if (unit == name && number * nanos < 9e18) return static_cast<Nanos>(std::llround(number * nanos));
  }
  return std::nullopt;
}

std::optional<InstanceId> instance_of(const std::vector<std::string>& words) {
  const auto number = [](const std::string& word) {
    const bool digits = !word.empty() && word.size() < 19 &&
                        std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
    return digits ? std::optional(std::stoull(word)) : std::nullopt;
  };
  if (words.size() == 2 && words[0] == "version") {
    if (const auto version = number(words[1])) return InstanceId{*version, 0};
  }
  if (words.size() == 4 && words[0] == "key" && words[2] == "version") {
    const auto key = number(words[1]), version = number(words[3]);
    if (key && version && *key <= ~std::uint32_t{0}) return InstanceId{*version, static_cast<std::uint32_t>(*key)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Found> search(const Decree& decree, std::string_view query, Nanos from, bool forward) {
  const std::string lowered = lower(query);
  const auto words = words_of(lowered);
  if (words.empty()) return std::nullopt;
  if (const auto at = time_of(lowered)) return Found{*at, decree.instance(), Decree::kNone, "the time"};
  if (const auto id = instance_of(words)) {
    const InstanceInfo* info = decree.take().history.find(*id);
    if (info == nullptr) return std::nullopt;
    return Found{info->began, *id, Decree::kNone, decree.take().cast.instance(*id)};
  }
  const auto count = static_cast<std::uint32_t>(decree.events().size());
  // Forward: from the first event after `from`; back: from the last one before it; and once around.
  std::uint32_t at = forward ? decree.events_before(from) : decree.events_before(from - 1) + count - 1;
  for (std::uint32_t tried = 0; tried < count; ++tried, at += forward ? 1 : count - 1) {
    const std::string sentence = sentence_of(decree, at % count);
    const std::string in = lower(sentence);
    const bool all = std::all_of(words.begin(), words.end(),
                                 [&](const std::string& word) { return in.find(word) != std::string::npos; });
    if (all) return Found{decree.events()[at % count].at, decree.instance(), at % count, sentence};
  }
  return std::nullopt;
}

}  // namespace paxoscope::viz

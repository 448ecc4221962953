// Any text as a strategy, and as a list of strategies: refused in one line, or the text it prints parses to the same.
#include "core/backoff/registry.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::fuzz {

namespace {

void parse_one(const std::string& text) {
  const auto parsed = parse_strategy(text);
  if (!parsed) return require_line(parsed.error());
  const std::string printed = (*parsed)->to_string();
  const auto again = parse_strategy(printed);
  require(again.has_value());
  require((*again)->to_string() == printed);
}

}  // namespace

int strategy_text(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  parse_one(text);
  const auto list = split_strategies(text);
  if (!list) {
    require_line(list.error());
    return 0;
  }
  require(!list->empty());
  for (const std::string& one : *list) parse_one(one);
  return 0;
}

}  // namespace paxoscope::fuzz

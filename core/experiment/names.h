// Enumerations by name: one table each, used by options, JSON and help.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/experiment/experiment.h"

namespace paxoscope {

template <class Enum>
using NameTable = std::span<const std::pair<Enum, std::string_view>>;

// names<GiveUp>() and so on: every value with its name, in the order in which help shows them.
template <class Enum>
NameTable<Enum> names();

template <class Enum>
std::string allowed_names() {
  std::string text;
  for (const auto& [value, name] : names<Enum>()) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

template <class Enum>
std::string_view name_in_table(Enum value) {
  for (const auto& [known, name] : names<Enum>()) {
    if (known == value) return name;
  }
  return "?";
}

template <class Enum>
Expected<Enum> parse_name(std::string_view what, std::string_view text) {
  for (const auto& [value, name] : names<Enum>()) {
    if (name == text) return value;
  }
  return fail(fmt::format("{} is \"{}\"; allowed: {}", what, text, allowed_names<Enum>()));
}

}  // namespace paxoscope

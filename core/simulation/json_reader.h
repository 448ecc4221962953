// Reads the members of a JSON object one by one, and notes the first thing that is wrong, in one line.
#pragma once

#include <fmt/format.h>
#include <cmath>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/nanos.h"

namespace paxoscope {

class JsonReader {
 public:
  // what: the kind of thing that `in` describes, for messages, such as "network".
  JsonReader(const nlohmann::json& in, std::string_view what) : in_(in), what_(what) {
    if (!in.is_object()) wrong(fmt::format("{} is {}; allowed: a JSON object", what, in.dump()));
  }

  // Null when the member is missing, or something was wrong before.
  const nlohmann::json* find(std::string_view name) {
    known_.emplace_back(name);
    if (!problem_.empty()) return nullptr;
    const auto at = in_.find(std::string(name));
    return at == in_.end() ? nullptr : &*at;
  }
  void number(std::string_view name, double& value, double low, double high) {
    const nlohmann::json* found = find(name);
    if (found == nullptr) return;
    const double given = found->is_number() ? found->get<double>() : -1;
    if (!found->is_number() || !(given >= low && given <= high)) {
      return wrong(fmt::format("{} of a {} is {}; allowed: {} to {}", name, what_, found->dump(), low, high));
    }
    value = given;
  }
  // Given in microseconds; up to 1e9 of them.
  void micros(std::string_view name, Nanos& value) {
    double us = static_cast<double>(value) / 1e3;
    number(name, us, 0, 1e9);
    value = std::llround(us * 1e3);
  }
  void truth(std::string_view name, bool& value) {
    const nlohmann::json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_boolean())
      return wrong(fmt::format("{} of a {} is {}; allowed: true, false", name, what_, found->dump()));
    value = found->get<bool>();
  }
  void text(std::string_view name, std::string& value) {
    const nlohmann::json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_string()) return wrong(fmt::format("{} of a {} is {}; allowed: a text", name, what_, found->dump()));
    value = found->get<std::string>();
  }
  void texts(std::string_view name, std::vector<std::string>& value) {
    const nlohmann::json* found = find(name);
    if (found == nullptr) return;
    value.clear();
    bool fits = found->is_array();
    for (const auto& entry : fits ? *found : nlohmann::json::array()) {
      fits = fits && entry.is_string();
      if (fits) value.push_back(entry.get<std::string>());
    }
    if (!fits) wrong(fmt::format("{} of a {} is {}; allowed: a list of texts", name, what_, found->dump()));
  }

  void wrong(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  bool fine() const { return problem_.empty(); }

  // After all members were asked for: what was wrong, a member that nobody asked for included. Empty: nothing.
  std::string finish() {
    if (!problem_.empty()) return problem_;
    for (const auto& [name, value] : in_.items()) {
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        return fmt::format("a {} has no member \"{}\"; allowed: {}", what_, name, fmt::join(known_, ", "));
      }
    }
    return "";
  }

 private:
  const nlohmann::json& in_;
  std::string what_;
  std::vector<std::string> known_;
  std::string problem_;
};

// The document, or one line that says where it stops being JSON. what: as above.
inline Expected<nlohmann::json> parse_json(std::string_view text, std::string_view what) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    return fail(fmt::format("the {} is not JSON, at byte {}", what, error.byte));
  } catch (const nlohmann::json::out_of_range&) {
    return fail(fmt::format("the {} is not JSON: a number is beyond any range", what));
  }
}

}  // namespace paxoscope

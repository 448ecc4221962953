#include "viz/model/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace paxoscope::viz {

using nlohmann::json;

void Notes::annotate(Nanos at, std::string text) {
  auto place = std::lower_bound(annotations.begin(), annotations.end(), at,
                                [](const Annotation& a, Nanos time) { return a.at < time; });
  if (place != annotations.end() && place->at == at) place = annotations.erase(place);
  if (!text.empty()) annotations.insert(place, {at, std::move(text)});
}

std::string notes_path(const std::string& trace_path) {
  return trace_path + ".notes.json";
}

Expected<Notes> load_notes(const std::string& path) {
  std::ifstream in(path);
  if (!in) return Notes{};
  const json read = json::parse(in, nullptr, false);
  const auto wrong = [&] { return fail(fmt::format("{}: not notes of a trace; delete it to begin anew", path)); };
  if (!read.is_object()) return wrong();
  try {
    Notes notes;
    notes.cursor = read.at("cursor").get<Nanos>();
    notes.view_from = read.at("view").at(0).get<Nanos>();
    notes.view_to = read.at("view").at(1).get<Nanos>();
    notes.focus = {read.at("version").get<std::uint64_t>(), read.at("key").get<std::uint32_t>()};
    notes.follows = read.at("follows").get<bool>();
    for (const json& item : read.at("annotations")) {
      notes.annotate(item.at("at").get<Nanos>(), item.at("text").get<std::string>());
    }
    return notes;
  } catch (const json::exception&) {
    return wrong();
  }
}

Expected<void> save_notes(const std::string& path, const Notes& notes) {
  json annotations = json::array();
  for (const Annotation& a : notes.annotations) annotations.push_back({{"at", a.at}, {"text", a.text}});
  const json out = {
      {"annotations", annotations}, {"cursor", notes.cursor},     {"view", {notes.view_from, notes.view_to}},
      {"key", notes.focus.key},     {"version", notes.focus.ver}, {"follows", notes.follows}};
  std::ofstream file(path);
  file << out.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  file.close();
  if (!file) return fail(fmt::format("{}: cannot be written: {}", path, std::generic_category().message(errno)));
  return {};
}

}  // namespace paxoscope::viz

#include "core/experiment/trace_setting.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/experiment/names.h"
#include "core/experiment/replay.h"

namespace paxoscope {

namespace {

using nlohmann::json;

// A number of `from` within the range, if there is one of that name; else what it was before. False: out of range.
template <class Integer>
bool read_number(const json& from, const char* name, std::uint64_t low, std::uint64_t high, Integer& value) {
  const auto found = from.find(name);
  if (found == from.end()) return true;
  if (!found->is_number_unsigned()) return false;
  const auto number = found->get<std::uint64_t>();
  value = static_cast<Integer>(number);
  return number >= low && number <= high;
}

template <class Enum>
bool read_name(const json& from, const char* name, Enum& value) {
  const auto found = from.find(name);
  if (found == from.end()) return true;
  const auto parsed = found->is_string() ? parse_name<Enum>(name, found->get<std::string>()) : fail("not a name");
  if (parsed) value = *parsed;
  return parsed.has_value();
}

void read_text(const json& from, const char* name, std::string& value) {
  const auto found = from.find(name);
  if (found != from.end() && found->is_string()) value = found->get<std::string>();
}

}  // namespace

TraceSetting TraceSetting::of(const Experiment& experiment) {
  return {.engine = std::string(name_of(experiment.engine)),
          .rules = experiment.cluster(1).rules,
          .proposers = experiment.proposers,
          .seed = experiment.seed,
          .command = replay_command(experiment),
          .experiment = experiment};
}

std::string trace_metadata(const TraceSetting& setting) {
  const Quorums& quorums = setting.rules.quorums;
  json out{{"engine", setting.engine},
           {"acceptors", quorums.acceptors()},
           {"quorums", {quorums.size(Phase::prepare), quorums.size(Phase::accept)}},
           {"give_up", name_of(setting.rules.give_up)},
           {"learning", name_of(setting.rules.learning)},
           {"proposers", setting.proposers},
           {"seed", setting.seed},
           {"command", setting.command}};
  if (setting.experiment) out["experiment"] = to_json(*setting.experiment);
  return out.dump(-1, ' ', false, json::error_handler_t::replace);  // a command may hold any bytes
}

Expected<TraceSetting> parse_trace_metadata(std::string_view metadata) {
  const json in = json::parse(metadata, nullptr, false);
  if (!in.is_object()) return fail("the trace's metadata is not a JSON object");
  TraceSetting setting;
  int acceptors = 0;
  if (!read_number(in, "acceptors", 1, kMaxAcceptors, acceptors) || acceptors == 0) {
    return fail(fmt::format("the trace's metadata has no acceptors; allowed: 1 to {}", kMaxAcceptors));
  }
  setting.rules.quorums = Quorums::majority(acceptors);
  if (const auto sizes = in.find("quorums"); sizes != in.end()) {
    const bool two = sizes->is_array() && sizes->size() == 2 && (*sizes)[0].is_number_unsigned() &&
                     (*sizes)[1].is_number_unsigned() && (*sizes)[0] <= kMaxAcceptors && (*sizes)[1] <= kMaxAcceptors;
    const auto quorums =
        two ? Quorums::make(acceptors, (*sizes)[0].get<int>(), (*sizes)[1].get<int>()) : std::optional<Quorums>();
    if (!quorums) {
      return fail(fmt::format("the trace's metadata has no two quorums of {} acceptors that always meet", acceptors));
    }
    setting.rules.quorums = *quorums;
  }
  if (!read_number(in, "proposers", 0, Ballot::kMaxProposer, setting.proposers) ||
      !read_number(in, "seed", 0, ~std::uint64_t{0}, setting.seed) ||
      !read_name(in, "give_up", setting.rules.give_up) || !read_name(in, "learning", setting.rules.learning)) {
    return fail("the trace's metadata has a member out of range: proposers, seed, give_up or learning");
  }
  read_text(in, "engine", setting.engine);
  read_text(in, "command", setting.command);
  return setting;
}

}  // namespace paxoscope

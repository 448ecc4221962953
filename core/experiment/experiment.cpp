#include "core/experiment/experiment.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>

#include "core/backoff/registry.h"
#include "core/experiment/fields.h"
#include "core/wire/address.h"

namespace paxoscope {

namespace {

using nlohmann::json;

constexpr std::uint32_t kThreadsMax = 4'096;

Nanos nanos(double value, double unit) {
  return static_cast<Nanos>(std::llround(value * unit));
}

// Notes the first member that is out of range.
struct RangeCheck {
  std::string problem;

  template <class T>
  void operator()(std::string_view name, std::string_view, const T& value, T low, T high) {
    bool inside = value >= low && value <= high;  // false for NaN, too
    if (!inside && problem.empty()) problem = fmt::format("{} is {}; allowed: {} to {}", name, value, low, high);
  }
  template <class T>
  void operator()(std::string_view, std::string_view, const T&) {}
};

struct Writer {
  json& out;

  template <class T>
  void operator()(std::string_view name, std::string_view, const T& value, T, T) {
    out[std::string(name)] = value;
  }
  template <class T>
  void operator()(std::string_view name, std::string_view, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      out[std::string(name)] = name_in_table(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      // A text that is a JSON object is that object.
      out[std::string(name)] = value.starts_with('{') ? json::parse(value) : json(value);
    } else {
      out[std::string(name)] = value;
    }
  }
};

// A value of a file in one line, whatever it is: lists and objects can be long, or nested deeper than the stack.
std::string shown(const json& value) {
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

struct Reader {
  const json& in;
  std::set<std::string, std::less<>> known = {};
  std::string problem = {};

  const json* find(std::string_view name) {
    known.emplace(name);
    const auto at = in.find(std::string(name));
    return at == in.end() || !problem.empty() ? nullptr : &*at;
  }
  void wrong(std::string_view name, const json& value, std::string_view allowed) {
    problem = fmt::format("{} is {}; allowed: {}", name, shown(value), allowed);
  }

  template <class T>
  void operator()(std::string_view name, std::string_view, T& value, T low, T high) {
    const json* found = find(name);
    if (found == nullptr) return;
    bool fits = found->is_number();
    if constexpr (std::is_integral_v<T>) {
      fits = found->is_number_unsigned() && found->get<std::uint64_t>() <= std::numeric_limits<T>::max();
    }
    if (!fits) return wrong(name, *found, fmt::format("a number, {} to {}", low, high));
    value = found->get<T>();
  }
  template <class T>
  void operator()(std::string_view name, std::string_view, T& value) {
    const json* found = find(name);
    if (found == nullptr) return;
    if constexpr (std::is_same_v<T, bool>) {
      if (!found->is_boolean()) return wrong(name, *found, "true, false");
      value = found->get<bool>();
    } else {
      const bool object = std::is_same_v<T, std::string> && found->is_object();
      if (!found->is_string() && !object) return wrong(name, *found, "a text");
      const std::string text = object ? found->dump() : found->get<std::string>();
      if constexpr (std::is_enum_v<T>) {
        const auto parsed = parse_name<T>(name, text);
        if (!parsed) return wrong(name, *found, allowed_names<T>());
        value = *parsed;
      } else {
        value = text;
      }
    }
  }
};

// With peers the engine is the wire, and there are as many acceptors as they are.
Expected<Experiment> with_peers(const Experiment& experiment) {
  if (experiment.peers.empty()) {
    if (experiment.engine == Engine::wire) return fail("engine is wire; it needs peers: HOST:PORT,HOST:PORT,...");
    return experiment;
  }
  const auto peers = wire::parse_peers(experiment.peers);
  if (!peers) return fail("peers: " + peers.error().message);
  Experiment clean = experiment;
  clean.acceptors = static_cast<std::uint32_t>(peers->size());
  if (experiment.acceptors != clean.acceptors && experiment.acceptors != Experiment{}.acceptors) {
    return fail(
        fmt::format("acceptors is {} and peers names {}; allowed: the same", experiment.acceptors, clean.acceptors));
  }
  if (experiment.engine == Engine::simulation) return fail("engine is simulation, which has no peers; allowed: wire");
  clean.engine = Engine::wire;
  return clean;
}

}  // namespace

Experiment Experiment::duel() {
  Experiment experiment;
  experiment.engine = Engine::simulation;
  experiment.proposers = 2;
  experiment.warm_up_s = 0;
  experiment.duration_s = 3'600;
  experiment.operations_max = 1;
  experiment.rounds_max = 1'000;
  return experiment;
}

Expected<Experiment> Experiment::validated() const {
  const auto connected = with_peers(*this);
  if (!connected) return connected;
  return connected->validated_alone();
}

Expected<Experiment> Experiment::validated_alone() const {
  RangeCheck ranges;
  visit_fields(*this, ranges);
  if (!ranges.problem.empty()) return fail(ranges.problem);
  const auto parsed = parse_strategy(strategy);
  if (!parsed) return tl::unexpected(parsed.error());
  const std::uint32_t majority = acceptors / 2 + 1;
  const std::uint32_t q1 = quorum1 == 0 ? majority : quorum1;
  const std::uint32_t q2 = quorum2 == 0 ? majority : quorum2;
  if (!Quorums::make(static_cast<int>(acceptors), static_cast<int>(q1), static_cast<int>(q2))) {
    return fail(
        fmt::format("quorum1 {} and quorum2 {} of {} acceptors could miss each other; allowed: both at most {} "
                    "and together more than {}",
                    q1, q2, acceptors, acceptors, acceptors));
  }
  if (const auto parsed_network = parse_network(network); !parsed_network) {
    return tl::unexpected(parsed_network.error());
  }
  const auto parsed_faults = parse_faults(faults, acceptors, proposers);
  if (!parsed_faults) return tl::unexpected(parsed_faults.error());
  if (parsed_faults->liveness_within != kNever && operations_max == 0) {
    return fail("liveness_us is about operations that end: it needs operations_max above 0");
  }
  if (const std::string other = other_than_crashes(*parsed_faults); engine == Engine::threads && !other.empty()) {
    return fail(fmt::format("faults has {}, and engine is threads, which only crash; allowed: crash, or another engine",
                            other));
  }
  if (key_count > 1 && (keys == KeyChoice::hot || keys == KeyChoice::disjoint)) {
    return fail(fmt::format("keys is {}, which makes nothing of key_count {}; allowed: uniform, zipf", name_of(keys),
                            key_count));
  }
  if (zipf_theta != Experiment{}.zipf_theta && keys != KeyChoice::zipf) {
    return fail(
        fmt::format("keys is {}, which makes nothing of zipf_theta {}; allowed: zipf", name_of(keys), zipf_theta));
  }
  if (decisions_max > 0 && !audit) {
    return fail("decisions_max needs the audit, which counts the decisions; allowed: decisions_max 0, or audit true");
  }
  if (engine == Engine::threads && workers == 0 && proposers > kThreadsMax) {
    return fail(fmt::format("proposers is {}; allowed: up to {} with a thread each, more with workers", proposers,
                            kThreadsMax));
  }
  Experiment clean = *this;
  clean.strategy = (*parsed)->to_string();
  return clean;
}

ClusterOptions Experiment::cluster(Nanos round_trip) const {
  const int majority = static_cast<int>(acceptors / 2 + 1);
  const int q1 = quorum1 == 0 ? majority : static_cast<int>(quorum1);
  const int q2 = quorum2 == 0 ? majority : static_cast<int>(quorum2);
  ClusterOptions options;
  options.proposers = proposers;
  options.rules = {Quorums::make(static_cast<int>(acceptors), q1, q2).value(), give_up, learning};
  options.window = window;
  options.workload = {keys, key_count, zipf_theta, read_share, arrivals_per_second};
  options.limits.retain = retain;
  options.round_trip = round_trip;
  const Nanos timeout = engine == Engine::simulation ? 20 * round_trip : kSecond;
  options.timeout = timeout_us > 0 ? std::max<Nanos>(nanos(timeout_us, 1e3), 1) : timeout;
  options.rounds_max = rounds_max;
  options.operations_max = operations_max;
  options.decisions_max = decisions_max;
  options.warm_up = nanos(warm_up_s, 1e9);
  options.measure = std::max<Nanos>(nanos(duration_s, 1e9), 1);
  options.seed = seed;
  options.audit = audit;
  return options;
}

wire::WireOptions Experiment::wire_options() const {
  return {.peers = wire::parse_peers(peers).value(), .keys = wire::fresh_keys()};
}

SimulationOptions Experiment::simulation() const {
  return {.network = parse_network(network).value(), .faults = parse_faults(faults, acceptors, proposers).value()};
}

ThreadOptions Experiment::threads() const {
  ThreadOptions options{.workers = workers, .wait = wait, .pin = pin};
  const FaultPlan plan = parse_faults(faults, acceptors, proposers).value();
  for (const Fault& fault : plan.faults) {
    if (fault.kind != Fault::Kind::crash || fault.at >= plan.heal_at) continue;
    for (const NodeName& node : fault.a) {
      options.crashes.push_back({node.kind, node.id, fault.at, fault.end(plan.heal_at), fault.durable});
    }
  }
  return options;
}

json to_json(const Experiment& experiment) {
  json out = json::object();
  visit_fields(experiment, Writer{out});
  return out;
}

Expected<Experiment> experiment_from_json(const json& in) {
  if (!in.is_object())
    return fail("an experiment is a JSON object, such as {\"strategy\": \"lease\", \"proposers\": 8}");
  Experiment experiment;
  Reader reader{in};
  visit_fields(experiment, reader);
  if (!reader.problem.empty()) return fail(reader.problem);
  for (const auto& [name, value] : in.items()) {
    if (reader.known.contains(name)) continue;
    std::string allowed;
    for (const std::string& known : reader.known) allowed += (allowed.empty() ? "" : ", ") + known;
    return fail(fmt::format("an experiment has no member {}; allowed: {}", shown(json(name)), allowed));
  }
  return experiment.validated();
}

Expected<Experiment> parse_experiment(std::string_view text) {
  try {
    return experiment_from_json(json::parse(text));
  } catch (const json::parse_error& error) {
    return fail(fmt::format("not JSON, at byte {}", error.byte));
  } catch (const json::out_of_range&) {
    return fail("not JSON: a number is beyond any range");
  }
}

}  // namespace paxoscope

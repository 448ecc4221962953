#include "core/simulation/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/random.h"
#include "core/simulation/json_reader.h"
#include "core/trace/event_names.h"

namespace paxoscope {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<Fault::Kind, std::string_view>, 6> kKinds{{{Fault::Kind::crash, "crash"},
                                                                          {Fault::Kind::pause, "pause"},
                                                                          {Fault::Kind::partition, "partition"},
                                                                          {Fault::Kind::loss, "loss"},
                                                                          {Fault::Kind::duplication, "duplication"},
                                                                          {Fault::Kind::reordering, "reordering"}}};
constexpr std::size_t kFaultsMax = 10'000;

std::string_view name_of(Fault::Kind kind) {
  return kKinds[static_cast<std::size_t>(kind)].second;
}

bool has_nodes(Fault::Kind kind) {
  return kind == Fault::Kind::crash || kind == Fault::Kind::pause;
}

struct ClusterSize {
  std::uint32_t acceptors, proposers;
};

std::optional<NodeName> parse_node(std::string_view text, ClusterSize size) {
  if (text.size() < 2 || (text[0] != 'A' && text[0] != 'P')) return std::nullopt;
  NodeName node{text[0] == 'A' ? AgentKind::acceptor : AgentKind::proposer, 0};
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, node.id);
  if (error != std::errc() || rest != end) return std::nullopt;
  const bool exists =
      node.kind == AgentKind::acceptor ? node.id < size.acceptors : node.id >= 1 && node.id <= size.proposers;
  return exists ? std::optional(node) : std::nullopt;
}

void read_nodes(JsonReader& reader, std::string_view name, ClusterSize size, std::vector<NodeName>& nodes) {
  std::vector<std::string> names;
  reader.texts(name, names);
  for (const std::string& text : names) {
    const auto node = parse_node(text, size);
    if (!node) {
      return reader.wrong(fmt::format("a fault names the node \"{}\"; allowed: A0 to A{}, P1 to P{}", text,
                                      size.acceptors - 1, size.proposers));
    }
    nodes.push_back(*node);
  }
  if (nodes.empty()) reader.wrong(fmt::format("a fault lacks {}: a list of nodes such as [\"A0\", \"P1\"]", name));
}

Expected<Fault> fault_from_json(const json& in, ClusterSize size) {
  JsonReader reader(in, "fault");
  std::string kind;
  reader.text("kind", kind);
  const auto known =
      std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.second == kind; });
  if (known == kKinds.end()) {
    reader.wrong(fmt::format(
        "kind of a fault is \"{}\"; allowed: crash, pause, partition, loss, duplication, reordering", kind));
    return fail(reader.finish());
  }
  Fault fault{.kind = known->first};
  reader.micros("at_us", fault.at);
  if (reader.find("for_us") != nullptr) {
    fault.lasts = 0;
    reader.micros("for_us", fault.lasts);
  }
  if (has_nodes(fault.kind)) {
    read_nodes(reader, "nodes", size, fault.a);
    if (fault.kind == Fault::Kind::crash) reader.truth("durable", fault.durable);
  } else if (fault.kind == Fault::Kind::partition) {
    read_nodes(reader, "from", size, fault.a);
    read_nodes(reader, "to", size, fault.b);
    reader.truth("one_way", fault.one_way);
  } else {
    reader.number("rate", fault.rate, 0, 1);
    if (fault.kind == Fault::Kind::reordering) reader.micros("delay_us", fault.delay);
  }
  if (const std::string problem = reader.finish(); !problem.empty()) return fail(problem);
  return fault;
}

json names_of(const std::vector<NodeName>& nodes) {
  json names = json::array();
  for (const NodeName& node : nodes) names.push_back(node.to_string());
  return names;
}

json micros(Nanos nanos) {
  if (nanos % kMicrosecond == 0) return nanos / kMicrosecond;
  return static_cast<double>(nanos) / 1e3;
}

json to_json(const Fault& fault) {
  json out = {{"kind", name_of(fault.kind)}, {"at_us", micros(fault.at)}};
  if (fault.lasts != kNever) out["for_us"] = micros(fault.lasts);
  if (has_nodes(fault.kind)) {
    out["nodes"] = names_of(fault.a);
    if (!fault.durable) out["durable"] = false;
  } else if (fault.kind == Fault::Kind::partition) {
    out["from"] = names_of(fault.a);
    out["to"] = names_of(fault.b);
    if (fault.one_way) out["one_way"] = true;
  } else {
    out["rate"] = fault.rate;
    if (fault.kind == Fault::Kind::reordering) out["delay_us"] = micros(fault.delay);
  }
  return out;
}

}  // namespace

std::string NodeName::to_string() const {
  return text_of(kind, id);
}

Expected<FaultPlan> parse_faults(std::string_view text, std::uint32_t acceptors, std::uint32_t proposers) {
  FaultPlan plan;
  if (text == "none" || text.empty()) return plan;
  if (text == "swarm" || text == "forgetful") {
    plan.swarm = true;
    plan.durable = text == "swarm";
    return plan;
  }
  if (text.front() != '{') {
    return fail(fmt::format("faults is \"{}\"; allowed: none, swarm, forgetful, a JSON object", text));
  }
  const auto document = parse_json(text, "list of faults");
  if (!document) return tl::unexpected(document.error());
  JsonReader reader(*document, "schedule of faults");
  if (const json* list = reader.find("faults")) {
    if (!list->is_array() || list->size() > kFaultsMax) {
      return fail(fmt::format("faults must be a list of at most {} faults", kFaultsMax));
    }
    for (const json& entry : *list) {
      auto fault = fault_from_json(entry, {acceptors, proposers});
      if (!fault) return tl::unexpected(fault.error());
      plan.faults.push_back(*std::move(fault));
    }
  }
  for (const auto& [name, time] : {std::pair("heal_at_us", &plan.heal_at), {"liveness_us", &plan.liveness_within}}) {
    if (reader.find(name) == nullptr) continue;
    *time = 0;
    reader.micros(name, *time);
  }
  reader.truth("swarm", plan.swarm);
  reader.truth("durable", plan.durable);
  if (!plan.durable && !plan.swarm)
    reader.wrong("durable is about the crashes of a swarm: give both, or set it on each crash");
  if (plan.liveness_within != kNever && plan.heal_at == kNever && !plan.swarm) {
    reader.wrong("liveness_us counts from heal_at_us: give both");
  }
  if (const std::string problem = reader.finish(); !problem.empty()) return fail(problem);
  return plan;
}

std::string other_than_crashes(const FaultPlan& plan) {
  if (plan.swarm) return plan.durable ? "swarm" : "forgetful";
  if (plan.liveness_within != kNever) return "liveness_us";
  for (const Fault& fault : plan.faults) {
    if (fault.kind != Fault::Kind::crash) return std::string(name_of(fault.kind));
  }
  return "";
}

std::string to_text(const FaultPlan& plan) {
  if (plan == FaultPlan()) return "none";
  json out = json::object();
  if (!plan.faults.empty()) {
    out["faults"] = json::array();
    for (const Fault& fault : plan.faults) out["faults"].push_back(to_json(fault));
  }
  if (plan.heal_at != kNever) out["heal_at_us"] = micros(plan.heal_at);
  if (plan.liveness_within != kNever) out["liveness_us"] = micros(plan.liveness_within);
  if (plan.swarm) out["swarm"] = true;
  if (!plan.durable) out["durable"] = false;
  return out.dump();
}

namespace {

// Draws the faults of a swarm.
struct Swarm {
  Random random;
  std::uint32_t acceptors, proposers;
  Nanos round_trip;

  // Up to so many round trips, never 0.
  Nanos time(std::uint64_t round_trips) {
    return static_cast<Nanos>(random.below(static_cast<std::uint64_t>(round_trip) * round_trips) + 1);
  }

  // Acceptors and proposers equally often, however many there are of each.
  NodeName node() {
    if (random.below(2) == 0) return {AgentKind::acceptor, static_cast<std::uint32_t>(random.below(acceptors))};
    return {AgentKind::proposer, static_cast<std::uint32_t>(random.below(proposers)) + 1};
  }

  // One side is at most three nodes, cut off from all acceptors that are not on it.
  void partition(Fault& fault) {
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) fault.a.push_back(node());
    for (std::uint32_t id = 0; id < acceptors; ++id) {
      const NodeName acceptor{AgentKind::acceptor, id};
      if (std::find(fault.a.begin(), fault.a.end(), acceptor) == fault.a.end()) fault.b.push_back(acceptor);
    }
    fault.one_way = random.below(2) == 0;
    if (fault.one_way && random.below(2) == 0) std::swap(fault.a, fault.b);
  }
};

}  // namespace

void draw_swarm(FaultPlan& plan, std::uint64_t seed, std::uint32_t acceptors, std::uint32_t proposers,
                Nanos round_trip) {
  constexpr std::uint64_t kSwarmStream = 0x5741524d;
  constexpr std::uint64_t kSwarmRoundTrips = 60;
  Swarm swarm{Random::for_stream(seed, kSwarmStream), acceptors, proposers, round_trip};
  for (const auto& [kind, name] : kKinds) {
    if (swarm.random.below(2) == 0) continue;
    const std::uint64_t count = 1 + swarm.random.below(6);
    for (std::uint64_t i = 0; i < count; ++i) {
      Fault fault{.kind = kind, .at = swarm.time(kSwarmRoundTrips), .lasts = swarm.time(10)};
      if (has_nodes(kind)) {
        fault.a = {swarm.node()};
        fault.durable = plan.durable || kind != Fault::Kind::crash;
      } else if (kind == Fault::Kind::partition) {
        swarm.partition(fault);
        if (fault.a.empty() || fault.b.empty()) continue;
      } else {
        fault.rate = static_cast<double>(5 + swarm.random.below(50)) / 100;
        if (kind == Fault::Kind::reordering) fault.delay = swarm.time(5);
      }
      plan.faults.push_back(std::move(fault));
    }
  }
  if (plan.heal_at == kNever) plan.heal_at = static_cast<Nanos>(kSwarmRoundTrips + 10) * round_trip;
  plan.swarm = false;
  plan.durable = true;
}

}  // namespace paxoscope

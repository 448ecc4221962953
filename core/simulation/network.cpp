#include "core/simulation/network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/backoff/decimal.h"
#include "core/backoff/duration.h"
#include "core/simulation/json_reader.h"

namespace paxoscope {

namespace {

using nlohmann::json;

constexpr std::string_view kAllowedTexts =
    "rack, zones, continents, constant:10us, normal:10us,2us, lognormal:10us,0.5, exponential:10us, a JSON object";

// The presets are models, not measurements: round figures of the order that each setting is known for.
NetworkOptions rack() {
  NetworkOptions network;
  network.latency = {Latency::lognormal(25 * kMicrosecond, 0.3)};
  return network;
}

// Three zones of one region: a good tenth of a millisecond within, about half of one between.
NetworkOptions zones() {
  NetworkOptions network;
  network.regions = {"zone-a", "zone-b", "zone-c"};
  const auto within = Latency::lognormal(120 * kMicrosecond, 0.25);
  const auto between = Latency::lognormal(450 * kMicrosecond, 0.2);
  network.latency.assign(9, between);
  for (std::size_t i = 0; i < 3; ++i) network.latency[i * 3 + i] = within;
  return network;
}

// Five continents: half of the usual round trip between large data centres there.
NetworkOptions continents() {
  NetworkOptions network;
  network.regions = {"virginia", "frankfurt", "singapore", "sao-paulo", "sydney"};
  constexpr std::array<std::array<double, 5>, 5> kOneWayMs{{{0.3, 45, 110, 58, 100},
                                                            {45, 0.3, 80, 102, 145},
                                                            {110, 80, 0.3, 163, 46},
                                                            {58, 102, 163, 0.3, 156},
                                                            {100, 145, 46, 156, 0.3}}};
  network.latency.clear();
  for (const auto& row : kOneWayMs) {
    for (const double ms : row) network.latency.push_back(Latency::lognormal(ms * 1e6, ms < 1 ? 0.25 : 0.05));
  }
  return network;
}

std::optional<double> parse_nanos(std::string_view text) {
  const auto duration = Duration::parse(text);
  if (!duration || text.ends_with('R')) return std::nullopt;
  return static_cast<double>(duration->of(1));
}

std::optional<double> parse_sigma(std::string_view text) {
  const auto sigma = parse_decimal(text, 6);
  if (!sigma || *sigma > 5'000'000) return std::nullopt;
  return static_cast<double>(*sigma) / 1e6;
}

std::optional<Latency> latency_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  const std::size_t comma = rest.find(',');
  const bool has_spread = comma != std::string_view::npos;
  const auto mean = parse_nanos(rest.substr(0, comma));
  const std::string_view spread = has_spread ? rest.substr(comma + 1) : std::string_view();
  if (!mean || has_spread != (kind == "normal" || kind == "lognormal")) return std::nullopt;
  if (kind == "constant") return Latency::constant(static_cast<Nanos>(*mean));
  if (kind == "exponential") return Latency::exponential(*mean);
  if (kind == "normal") {
    const auto deviation = parse_nanos(spread);
    return deviation ? std::optional(Latency::normal(*mean, *deviation)) : std::nullopt;
  }
  const auto sigma = kind == "lognormal" ? parse_sigma(spread) : std::nullopt;
  return sigma ? std::optional(Latency::lognormal(*mean, *sigma)) : std::nullopt;
}

Expected<NetworkOptions> from_text(std::string_view text) {
  if (text == "rack") return rack();
  if (text == "zones") return zones();
  if (text == "continents") return continents();
  const auto latency = latency_of(text);
  if (!latency) return fail(fmt::format("network is \"{}\"; allowed: {}", text, kAllowedTexts));
  NetworkOptions network;
  network.latency = {*latency};
  return network;
}

Expected<Latency> histogram_from_json(const json& steps) {
  Histogram histogram;
  for (const json& step : steps) {
    const bool fits = step.is_array() && step.size() == 2 && step[0].is_number_unsigned() &&
                      step[1].is_number_unsigned() && step[0].get<std::uint64_t>() <= std::uint64_t{kSecond} * 3600 &&
                      step[1].get<std::uint64_t>() <= std::uint64_t{1} << 40;
    if (!fits) {
      return fail(fmt::format("a step of a latency's histogram is {}; allowed: [nanoseconds up to an hour, count]",
                              step.dump()));
    }
    histogram.record(step[0].get<Nanos>(), step[1].get<std::uint64_t>());
  }
  const auto latency = Latency::measured(histogram);
  if (!latency)
    return fail(fmt::format("a latency's histogram is {}; allowed: at least one count above 0", steps.dump()));
  return latency;
}

Expected<Latency> latency_from_json(const json& in) {
  if (in.is_string()) {
    if (const auto latency = latency_of(in.get<std::string>())) return *latency;
  } else if (in.is_object() && in.size() == 1 && in.contains("histogram") && in["histogram"].is_array()) {
    return histogram_from_json(in["histogram"]);
  }
  return fail(fmt::format(
      "a latency is {}; allowed: \"constant:10us\", \"normal:10us,2us\", \"lognormal:10us,0.5\", \"exponential:10us\", "
      "{{\"histogram\": [[low_ns, count], ...]}}",
      in.dump()));
}

Expected<std::vector<Latency>> matrix_from_json(const json& in, std::size_t regions) {
  const auto size_is_right = [&](const json& list) { return list.is_array() && list.size() == regions; };
  std::vector<Latency> matrix;
  if (!in.is_array()) {  // one for every link
    const auto latency = latency_from_json(in);
    if (!latency) return tl::unexpected(latency.error());
    matrix.assign(regions * regions, *latency);
    return matrix;
  }
  if (!size_is_right(in) || !std::all_of(in.begin(), in.end(), size_is_right)) {
    return fail(fmt::format("latency of a network must be one, or a list of {} lists of {}", regions, regions));
  }
  for (const json& row : in) {
    for (const json& entry : row) {
      const auto latency = latency_from_json(entry);
      if (!latency) return tl::unexpected(latency.error());
      matrix.push_back(*latency);
    }
  }
  return matrix;
}

// Region names to numbers.
void read_places(JsonReader& reader, std::string_view name, const std::vector<std::string>& regions,
                 std::vector<std::uint32_t>& places) {
  std::vector<std::string> names;
  reader.texts(name, names);
  for (const std::string& region : names) {
    const auto found = std::find(regions.begin(), regions.end(), region);
    if (found == regions.end()) {
      return reader.wrong(
          fmt::format("{} of a network live in \"{}\"; allowed: {}", name, region, fmt::join(regions, ", ")));
    }
    places.push_back(static_cast<std::uint32_t>(found - regions.begin()));
  }
}

Expected<NetworkOptions> from_json(const json& in) {
  JsonReader reader(in, "network");
  std::string base = "constant:10us";
  reader.text("base", base);
  if (!reader.fine()) return fail(reader.finish());
  auto network = from_text(base);
  if (!network) return network;
  const std::size_t regions_before = network->regions.size();
  reader.texts("regions", network->regions);
  if (network->regions.empty() || network->regions.size() > kRegionsMax) {
    reader.wrong(fmt::format("a network has {} regions; allowed: 1 to {}", network->regions.size(), kRegionsMax));
  }
  if (const json* latency = reader.find("latency")) {
    auto matrix = matrix_from_json(*latency, network->regions.size());
    if (!matrix) return tl::unexpected(matrix.error());
    network->latency = *std::move(matrix);
  } else if (network->regions.size() != regions_before) {
    reader.wrong("a network that names its regions needs the latency between them");
  }
  read_places(reader, "acceptors", network->regions, network->acceptors);
  read_places(reader, "proposers", network->regions, network->proposers);
  reader.number("loss", network->loss, 0, 1);
  reader.number("duplication", network->duplication, 0, 1);
  reader.number("reordering", network->reordering, 0, 1);
  reader.micros("reordering_us", network->reordering_delay);
  reader.micros("processing_us", network->processing);
  reader.micros("clock_offset_us", network->clock_offset);
  double drift = 0;
  reader.number("clock_drift_ppm", drift, 0, 100'000);
  network->clock_drift_ppm = static_cast<std::int64_t>(drift);
  if (const std::string problem = reader.finish(); !problem.empty()) return fail(problem);
  return network;
}

}  // namespace

Nanos NetworkOptions::round_trip(std::uint32_t acceptor_count, std::uint32_t proposer_count) const {
  // By region, since there may be a million pairs.
  std::vector<double> acceptors_in(regions.size()), proposers_in(regions.size());
  for (std::uint32_t i = 0; i < acceptor_count; ++i) acceptors_in[region_of_acceptor(i)] += 1;
  for (std::uint32_t i = 0; i < proposer_count; ++i) proposers_in[region_of_proposer(i)] += 1;
  double sum = 0;
  for (std::uint32_t p = 0; p < regions.size(); ++p) {
    for (std::uint32_t a = 0; a < regions.size(); ++a) {
      sum += proposers_in[p] * acceptors_in[a] * (between(p, a).mean() + between(a, p).mean());
    }
  }
  const double pairs = static_cast<double>(acceptor_count) * static_cast<double>(proposer_count);
  return std::max<Nanos>(std::llround(sum / pairs) + processing, 1);
}

Expected<NetworkOptions> parse_network(std::string_view text) {
  if (text.empty() || text.front() != '{') return from_text(text);
  const auto document = parse_json(text, "network");
  if (!document) return tl::unexpected(document.error());
  return from_json(*document);
}

}  // namespace paxoscope

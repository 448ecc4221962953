#include "bench/paxoscope/answer_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "bench/paxoscope/labels.h"
#include "bench/paxoscope/table.h"
#include "core/experiment/answers.h"
#include "core/experiment/names.h"
#include "core/experiment/sweep.h"

namespace paxoscope::cli {

namespace {

using nlohmann::json;

std::string around(const Estimate& e, double factor = 1) {
  return std::isfinite(e.high) ? fmt::format("±{}", short_number((e.high - e.low) / 2 * factor)) : "±?";
}

double in_round_trips(const ComparisonPoint& point) {
  return 1e3 / static_cast<double>(point.round_trip);
}

// The points that share everything that `key` keeps, in their order.
std::vector<std::vector<const ComparisonPoint*>> classes(const Comparison& comparison,
                                                         const std::function<Experiment(Experiment)>& key) {
  std::vector<std::pair<Experiment, std::vector<const ComparisonPoint*>>> found;
  for (const ComparisonPoint& point : comparison.points) {
    if (point.samples.empty()) continue;
    const Experiment own = key(point.experiment);
    const auto at = std::find_if(found.begin(), found.end(), [&](const auto& entry) { return entry.first == own; });
    if (at == found.end()) {
      found.push_back({own, {&point}});
    } else {
      at->second.push_back(&point);
    }
  }
  std::vector<std::vector<const ComparisonPoint*>> lists;
  for (auto& [experiment, points] : found) lists.push_back(std::move(points));
  return lists;
}

// --- The livelock cliff.

std::string wait_of(const Experiment& experiment) {
  const std::string key = wait_parameter(experiment.strategy) + "=";
  const std::size_t at = experiment.strategy.find(key) + key.size();
  return experiment.strategy.substr(at, experiment.strategy.find(',', at) - at);
}

struct CliffCase {
  std::vector<const ComparisonPoint*> by_wait;  // one strategy, one number of proposers, one network
  const ComparisonPoint* alone;
  Cliff cliff;
};

std::vector<CliffCase> cliffs(const Comparison& comparison) {
  const auto without_waits = [](Experiment e) {
    e.strategy = name_of_strategy(e);
    return e;
  };
  const auto lists = classes(comparison, without_waits);
  std::vector<CliffCase> cases;
  for (const auto& list : lists) {
    Experiment single = without_waits(list.front()->experiment);
    if (single.proposers == 1) continue;
    single.proposers = 1;
    const auto alone = std::find_if(lists.begin(), lists.end(), [&](const auto& other) {
      return without_waits(other.front()->experiment) == single;
    });
    if (alone == lists.end()) continue;  // interrupted before that
    cases.push_back({list, alone->front(), find_cliff(list, *alone->front())});
  }
  return cases;
}

std::string smallest_wait(const CliffCase& c) {
  return c.cliff.smallest ? wait_of(c.by_wait[*c.cliff.smallest]->experiment)
                          : "> " + wait_of(c.by_wait.back()->experiment);
}

}  // namespace

std::string cliff_text(const Comparison& comparison, const By&) {
  std::string out;
  const std::vector<CliffCase> all = cliffs(comparison);
  std::vector<std::string> strategies, networks;
  const auto note = [](std::vector<std::string>& list, const std::string& text) {
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
  };
  for (const CliffCase& c : all) {
    note(strategies, name_of_strategy(c.by_wait.front()->experiment));
    note(networks, c.by_wait.front()->experiment.network);
  }
  for (const std::string& strategy : strategies) {
    std::vector<Table::Column> columns{{"proposers", ""}};
    for (const std::string& network : networks) columns.push_back({network, ""});
    Table table(columns);
    std::map<std::uint32_t, std::map<std::string, std::string>> cells;
    std::string parameter;
    for (const CliffCase& c : all) {
      const Experiment& e = c.by_wait.front()->experiment;
      if (name_of_strategy(e) != strategy) continue;
      parameter = wait_parameter(e.strategy);
      const Estimate& shortest = c.cliff.first_decision_us.front();
      cells[e.proposers][e.network] =
          fmt::format("{} ({}x)", smallest_wait(c), short_number(shortest.value / c.cliff.uncontended_us));
    }
    for (const auto& [proposers, by_network] : cells) {
      std::vector<std::string> row{std::to_string(proposers)};
      for (const std::string& network : networks) {
        const auto at = by_network.find(network);
        row.push_back(at == by_network.end() ? "-" : at->second);
      }
      table.add(row);
    }
    out += fmt::format(
        "{}: the smallest {} from which on the first decision is within 5% of the uncontended one,\n"
        "and in parentheses how late it is with the shortest\n{}\n",
        strategy, parameter, table.to_string());
  }
  return out;
}

json cliff_json(const Comparison& comparison, const By&) {
  json answer = json::array();
  for (const CliffCase& c : cliffs(comparison)) {
    const Experiment& e = c.by_wait.front()->experiment;
    json steps = json::array();
    for (std::size_t i = 0; i < c.by_wait.size(); ++i) {
      steps.push_back(
          {{"wait", wait_of(c.by_wait[i]->experiment)}, {"first_decision_us", to_json(c.cliff.first_decision_us[i])}});
    }
    answer.push_back({{"strategy", name_of_strategy(e)},
                      {"parameter", wait_parameter(e.strategy)},
                      {"proposers", e.proposers},
                      {"network", e.network},
                      {"uncontended_us", c.cliff.uncontended_us},
                      {"smallest", c.cliff.smallest ? json(wait_of(c.by_wait[*c.cliff.smallest]->experiment)) : json()},
                      {"steps", std::move(steps)}});
  }
  return answer;
}

// --- Ballots against completion time.

std::string pareto_text(const Comparison& comparison, const By&) {
  std::string out;
  for (const Group& group : groups(comparison)) {
    const std::vector<Priced> priced = price(group.points);
    std::map<std::string, const Priced*> fastest;
    for (const Priced& p : priced) {
      const Priced*& best = fastest[name_of_strategy(p.point->experiment)];
      if (best == nullptr || p.completion_us.value < best->completion_us.value) best = &p;
    }
    Table table({{"front", "", true},
                 {"strategy", "", true},
                 {"ballots", ""},
                 {"", "95%"},
                 {"completion", "R"},
                 {"", "95%"},
                 {"first", "R"},
                 {"wasted", "%"},
                 {"fairness", "of times"}});
    std::size_t on_front = 0;
    for (const Priced& p : priced) {
      const bool best = fastest[name_of_strategy(p.point->experiment)] == &p;
      on_front += p.on_front ? 1 : 0;
      if (!p.on_front && !best) continue;
      const double r = in_round_trips(*p.point);
      const auto figure = [&](const char* name) { return p.point->figure(*find_metric(name)).value; };
      table.add({p.on_front ? "*" : "", strategy_label(comparison, p.point->experiment), short_number(p.ballots.value),
                 around(p.ballots), short_number(p.completion_us.value * r), around(p.completion_us, r),
                 short_number(figure("first_decision_us") * r), short_number(figure("wasted_percent")),
                 short_number(figure("jain_times"))});
    }
    const std::size_t cut = group.points.size() - priced.size();
    out += fmt::format("{}: {} settings, {} on the front (*); of every other strategy the fastest setting{}\n{}\n",
                       group.title, group.points.size(), on_front,
                       cut == 0 ? "" : fmt::format("; {} settings left out: some of their runs were cut off", cut),
                       table.to_string());
  }
  return out;
}

json pareto_json(const Comparison& comparison, const By&) {
  json answer = json::array();
  for (const Group& group : groups(comparison)) {
    json settings = json::array();
    for (const Priced& p : price(group.points)) {
      settings.push_back({{"strategy", p.point->experiment.strategy},
                          {"label", strategy_label(comparison, p.point->experiment)},
                          {"on_front", p.on_front},
                          {"ballots", to_json(p.ballots)},
                          {"completion_us", to_json(p.completion_us)},
                          {"round_trip_ns", p.point->round_trip}});
    }
    answer.push_back({{"group", group.title},
                      {"proposers", group.points.front()->experiment.proposers},
                      {"settings", std::move(settings)}});
  }
  return answer;
}

// --- Growth with the number of proposers.

namespace {

std::vector<std::vector<const ComparisonPoint*>> series(const Comparison& comparison) {
  return classes(comparison, [](Experiment e) {
    e.proposers = 1;
    e.warm_up_s = e.duration_s = 1;  // in virtual time these follow R, which may depend on N
    return e;
  });
}

std::string optional_number(const std::optional<double>& value) {
  return value ? short_number(*value) : "none";
}

}  // namespace

std::string fit_text(const Comparison& comparison, const By&) {
  struct Row {
    double exponent;
    std::vector<std::string> cells;
  };
  std::vector<Row> rows;
  std::string price, speed;
  for (const auto& points : series(comparison)) {
    const Scaling scaling = fit_scaling(points);
    price = scaling.price->name;
    speed = scaling.speed->name;
    const auto cut = std::count_if(points.begin(), points.end(), [](const auto* point) { return point->cut_off > 0; });
    Row row{1e9, {strategy_label(comparison, points.front()->experiment)}};
    if (points.front()->experiment.engine == Engine::threads) row.cells[0] += " (threads)";
    if (cut > 0) row.cells[0] += fmt::format(" (without {} N: cut off)", cut);
    if (scaling.ballots) {
      row.exponent = scaling.ballots->exponent.value;
      row.cells.insert(row.cells.end(), {fmt::format("{:.2f}", row.exponent), around(scaling.ballots->exponent),
                                         fmt::format("{:.3f}", scaling.ballots->r_squared)});
    } else {
      row.cells.insert(row.cells.end(), {"-", "", ""});
    }
    for (const ComparisonPoint* point : points) {
      row.cells.push_back(point->cut_off > 0 ? "-" : short_number(point->figure(*scaling.speed).value));
    }
    row.cells.push_back(std::to_string(scaling.peak));
    if (scaling.throughput) {
      row.cells.insert(
          row.cells.end(),
          {short_number(scaling.throughput->sigma), fmt::format("{:.2g}", scaling.throughput->kappa),
           optional_number(scaling.throughput->peak), fmt::format("{:.3f}", scaling.throughput->r_squared)});
    } else {
      row.cells.insert(row.cells.end(), {"-", "-", "-", ""});
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return "";
  std::vector<Table::Column> columns{{"strategy", "", true}, {"exponent", "of N"}, {"", "95%"}, {"fit", "R²"}};
  std::set<std::uint32_t> counts;
  for (const ComparisonPoint& point : comparison.points) counts.insert(point.experiment.proposers);
  for (const std::uint32_t n : counts) columns.push_back({fmt::format("N={}", n), "/s"});
  for (const auto& [heading, unit] :
       {std::pair("peak", "measured"), {"sigma", "serial"}, {"kappa", "pairs"}, {"peak", "fitted"}, {"fit", "R²"}}) {
    columns.push_back({heading, unit});
  }
  Table table(columns);
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.exponent < b.exponent; });
  for (Row& row : rows) {
    row.cells.resize(columns.size());  // interrupted: some N are missing
    table.add(row.cells);
  }
  return fmt::format(
      "{} grow as N^exponent. {}: as measured, and by the Universal Scalability Law,\n"
      "X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)). A dash: cut off, or the law cannot be fitted.\n{}\n",
      price, speed, table.to_string());
}

json fit_json(const Comparison& comparison, const By&) {
  json answer = json::array();
  for (const auto& points : series(comparison)) {
    const Scaling scaling = fit_scaling(points);
    json entry = {{"strategy", points.front()->experiment.strategy},
                  {"label", strategy_label(comparison, points.front()->experiment)},
                  {"engine", name_of(points.front()->experiment.engine)},
                  {"price", scaling.price->name},
                  {"speed", scaling.speed->name},
                  {"peak_measured", scaling.peak}};
    if (scaling.ballots) {
      entry["ballots"] = {{"factor", scaling.ballots->factor},
                          {"exponent", to_json(scaling.ballots->exponent)},
                          {"r_squared", scaling.ballots->r_squared}};
    }
    if (scaling.throughput) {
      entry["throughput"] = {{"lambda", scaling.throughput->lambda},
                             {"sigma", scaling.throughput->sigma},
                             {"kappa", scaling.throughput->kappa},
                             {"peak", scaling.throughput->peak ? json(*scaling.throughput->peak) : json()},
                             {"r_squared", scaling.throughput->r_squared}};
    }
    answer.push_back(std::move(entry));
  }
  return answer;
}

// --- Who pays.

std::string payers_text(const Comparison& comparison, const By& by) {
  struct Shown {
    const char* metric;
    const char* heading;
    const char* unit;
  };
  static constexpr Shown kShown[] = {
      {"decisions_per_s", "decisions", "/s"},  {"jain_wins", "fairness", "of wins"},
      {"top_share_percent", "top share", "%"}, {"losing_streak", "streak", "ops"},
      {"operation_p50_us", "time p50", "R"},   {"operation_p99_us", "p99", "R"},
      {"operation_max_us", "max", "R"},        {"preempted_phase1", "lost p1", "/dec"},
      {"preempted_phase2", "lost p2", "/dec"}, {"wasted_percent", "wasted", "%"},
      {"livelock_percent", "livelock", "%"},   {"waiting_percent", "waiting", "%"},
      {"queued_percent", "queued", "%"},       {"backing_off_percent", "backing off", "%"}};
  std::string out;
  for (const Group& group : groups(comparison)) {
    std::vector<Table::Column> columns{{"strategy", "", true}};
    for (const Shown& shown : kShown) columns.push_back({shown.heading, shown.unit});
    Table table(columns);
    const RankBy fairest{find_metric("jain_wins"), true};
    for (const RankedPoint& row : rank(group.points, by.value_or(fairest))) {
      std::vector<std::string> cells{strategy_label(comparison, row.point->experiment)};
      for (const Shown& shown : kShown) {
        const double factor = std::string_view(shown.unit) == "R" ? in_round_trips(*row.point) : 1;
        cells.push_back(short_number(row.point->figure(*find_metric(shown.metric)).value * factor));
      }
      table.add(cells);
    }
    out += fmt::format("{}, the fairest first\n{}\n", group.title, table.to_string());
  }
  return out;
}

// --- Virtual time against real threads.

namespace {

struct Versus {
  std::uint32_t proposers;
  Agreement agreement;
};

RankBy both_by(const By& by) {
  return by.value_or(parse_rank_by("ballots_per_decision").value());
}

std::vector<Versus> agreements(const Comparison& comparison, const RankBy& by) {
  std::map<std::uint32_t, std::map<Engine, std::vector<const ComparisonPoint*>>> points;
  for (const ComparisonPoint& point : comparison.points) {
    if (!point.samples.empty()) points[point.experiment.proposers][point.experiment.engine].push_back(&point);
  }
  std::vector<Versus> all;
  for (auto& [proposers, by_engine] : points) {
    all.push_back({proposers, compare_engines(by_engine[Engine::threads], by_engine[Engine::simulation], by)});
  }
  return all;
}

// The strategies whose ranks are farthest apart.
std::string breaks(const Comparison& comparison, const Agreement& agreement) {
  std::vector<Agreement::Pair> pairs = agreement.pairs;
  const auto apart = [](const Agreement::Pair& p) {
    return std::max(p.rank_on_threads, p.rank_in_simulation) - std::min(p.rank_on_threads, p.rank_in_simulation);
  };
  std::stable_sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) { return apart(a) > apart(b); });
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, pairs.size()) && apart(pairs[i]) > 0; ++i) {
    text += fmt::format("{}{} ({} in virtual time, {} on threads)", text.empty() ? "" : ", ",
                        strategy_label(comparison, pairs[i].simulation->experiment), pairs[i].rank_in_simulation,
                        pairs[i].rank_on_threads);
  }
  return text.empty() ? "nowhere" : text;
}

}  // namespace

std::string both_text(const Comparison& comparison, const By& given) {
  const RankBy by = both_by(given);
  std::string out;
  for (const Versus& versus : agreements(comparison, by)) {
    const std::string unit(by.metric->unit);
    Table table({{"strategy", "", true},
                 {"virtual time", "rank"},
                 {std::string(by.metric->name), unit},
                 {"", "95%"},
                 {"threads", "rank"},
                 {"", unit},
                 {"", "95%"}});
    bool oversubscribed = false;
    for (const Agreement::Pair& pair : versus.agreement.pairs) {
      const Estimate simulated = pair.simulation->figure(*by.metric), threaded = pair.threads->figure(*by.metric);
      oversubscribed = oversubscribed || pair.threads->oversubscribed;
      table.add({strategy_label(comparison, pair.simulation->experiment), std::to_string(pair.rank_in_simulation),
                 short_number(simulated.value), around(simulated), std::to_string(pair.rank_on_threads),
                 short_number(threaded.value), around(threaded)});
    }
    out +=
        fmt::format("{} proposers{}\n{}", versus.proposers,
                    oversubscribed ? "   more threads than cores: the OS scheduler is part of the threads' result" : "",
                    table.to_string());
    const auto& correlation = versus.agreement.correlation;
    out += correlation ? fmt::format("Kendall's tau {:.2f} (p = {:.2g}). The ranks are farthest apart for {}.\n\n",
                                     correlation->tau, correlation->p_value, breaks(comparison, versus.agreement))
                       : fmt::format("Kendall's tau: {}.\n\n", correlation.error().message);
  }
  return out;
}

json both_json(const Comparison& comparison, const By& given) {
  const RankBy by = both_by(given);
  json answer = json::array();
  for (const Versus& versus : agreements(comparison, by)) {
    json pairs = json::array();
    for (const Agreement::Pair& pair : versus.agreement.pairs) {
      pairs.push_back({{"strategy", pair.simulation->experiment.strategy},
                       {"label", strategy_label(comparison, pair.simulation->experiment)},
                       {"rank_in_simulation", pair.rank_in_simulation},
                       {"rank_on_threads", pair.rank_on_threads},
                       {"in_simulation", to_json(pair.simulation->figure(*by.metric))},
                       {"on_threads", to_json(pair.threads->figure(*by.metric))}});
    }
    json entry = {{"proposers", versus.proposers}, {"metric", by.metric->name}, {"pairs", std::move(pairs)}};
    if (const auto& correlation = versus.agreement.correlation) {
      entry["kendall_tau"] = correlation->tau;
      entry["p_value"] = correlation->p_value;
    }
    answer.push_back(std::move(entry));
  }
  return answer;
}

}  // namespace paxoscope::cli

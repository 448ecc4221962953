// paxoscope explore: every interleaving of a small world, over the acceptors and proposers that every run uses.
#include <fmt/format.h>

#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/table.h"
#include "bench/paxoscope/terminal.h"
#include "bench/paxoscope/trace_file.h"
#include "core/check/explorer.h"
#include "core/experiment/names.h"

namespace paxoscope::cli {

namespace {

struct ExploreOptions {
  ExplorerOptions world;
  int quorum1 = 0, quorum2 = 0;
  std::string states_max = fmt::format("{}", world.states_max);
  std::string give_up = std::string(name_of(GiveUp::majority_out_of_reach));
  std::string learning = std::string(name_of(Learning::own_round));
  std::string trace;
};

// The world asked for, or what is wrong with it.
Expected<ExplorerOptions> world_of(const ExploreOptions& options) {
  ExplorerOptions world = options.world;
  const auto give_up = parse_name<GiveUp>("--give-up", options.give_up);
  if (!give_up) return tl::unexpected(give_up.error());
  const auto learning = parse_name<Learning>("--learning", options.learning);
  if (!learning) return tl::unexpected(learning.error());
  const auto states_max = parse_count("--states-max", options.states_max, 1, std::numeric_limits<std::uint32_t>::max());
  if (!states_max) return tl::unexpected(states_max.error());
  world.states_max = *states_max;
  world.give_up = *give_up;
  world.learning = *learning;
  if (std::string error = explorer_options_error(world); !error.empty()) return fail("--" + error);
  const int majority = world.acceptors / 2 + 1;
  const int phase1 = options.quorum1 == 0 ? majority : options.quorum1;
  const int phase2 = options.quorum2 == 0 ? majority : options.quorum2;
  world.quorums = Quorums::make(world.acceptors, phase1, phase2);
  if (!world.quorums) {
    return fail(
        fmt::format("--quorum1={} and --quorum2={} of {} acceptors could miss each other; allowed: 1 to {} "
                    "each, and more than {} together",
                    phase1, phase2, world.acceptors, world.acceptors, world.acceptors));
  }
  return world;
}

std::string describe_world(const ExplorerOptions& world) {
  return fmt::format(
      "--acceptors={} --proposers={} --rounds={} --readers={} --crashes={} --duplicates={} --misrouted={} "
      "--symmetry={} --dead-messages={} --quorum1={} --quorum2={} --give-up={} --learning={} --states-max={}",
      world.acceptors, world.proposers, world.rounds, world.readers, world.crashes, world.duplicates, world.misrouted,
      world.symmetry, world.dead_messages, world.quorums->size(Phase::prepare), world.quorums->size(Phase::accept),
      name_of(world.give_up), name_of(world.learning), world.states_max);
}

Expected<std::uint64_t> write_counterexample(TraceFile& file, const std::vector<Event>& events) {
  std::map<std::pair<AgentKind, std::uint32_t>, std::uint64_t> recorded;
  for (const Event& event : events) {
    file.sink().push(event);
    ++recorded[{event.agent_kind, event.agent}];
  }
  std::vector<AgentTotal> totals;
  for (const auto& [agent, count] : recorded) totals.push_back({agent.first, agent.second, count});
  (void)file.sink().finish(totals);  // close() tells
  return file.close();
}

int explore_world(const ExploreOptions& options) {
  const auto world = world_of(options);
  if (!world) return complain(world.error().message);
  std::optional<TraceFile> trace;
  if (!options.trace.empty()) {
    auto file = TraceFile::create("--trace", options.trace,
                                  {.engine = "explorer",
                                   .rules = world->rules(),
                                   .proposers = static_cast<std::uint32_t>(world->proposers),
                                   .command = "paxoscope explore " + describe_world(*world),
                                   .experiment = {}});
    if (!file) return complain(file.error().message);
    trace.emplace(std::move(*file));
  }
  catch_interrupts();
  fmt::print("{}\n\n", describe_world(*world));
  const auto report = [&] {
    ProgressLine line;
    return explore(*world, [&](const SearchProgress& now) {
      line.show(fmt::format("{} states, {}/s, depth {}, {} MiB", short_number(static_cast<double>(now.states)),
                            short_number(now.states_per_second()), now.depth, now.bytes >> 20));
      return !interrupted();
    });
  }();
  if (!report) return complain(report.error().message);
  fmt::print("{}", to_string(*report, *world));
  if (trace) {
    const auto written = write_counterexample(*trace, report->events);
    if (!written) complain(written.error().message);
    if (!written && report->violation.empty()) return kBadInput;
  }
  if (report->rule == "limit") return complain("incomplete: " + report->violation, kIncomplete);
  if (!report->violation.empty()) {
    return complain(fmt::format("VIOLATION of {}: {}", report->rule, report->violation), kViolation);
  }
  if (interrupted()) return interrupt_exit_code();
  return report->exhausted ? kOk
                           : complain("incomplete: --states-max was reached before every state was seen", kIncomplete);
}

}  // namespace

Job add_explore(CLI::App& app) {
  auto options = std::make_shared<ExploreOptions>();
  ExplorerOptions& world = options->world;
  const auto option = [&](const char* name, auto& member, const std::string& help, const std::string& allowed) {
    using Member = std::remove_reference_t<decltype(member)>;
    const auto readable = [allowed](const std::string& text) {
      Member probe{};
      return CLI::detail::lexical_cast(text, probe) ? "" : fmt::format("\"{}\"; allowed: {}", text, allowed);
    };
    app.add_option(name, member, fmt::format("{}: {} [{}]", help, allowed, member))
        ->type_name("")
        ->check(readable, "", "");
  };
  const std::string yes_or_no = "true or false";
  option("--acceptors", world.acceptors, "how many", "1 to 5");
  option("--proposers", world.proposers, "how many", "1 to 4");
  option("--rounds", world.rounds, "ballots that each proposer may use", "1 to 8");
  option("--readers", world.readers, "how many of the proposers only read", "0 to 4");
  option("--crashes", world.crashes, "crashes with restart, of any agent, in all", "0 to 8");
  option("--duplicates", world.duplicates, "messages can be delivered again and again", yes_or_no);
  option("--misrouted", world.misrouted, "replies can also reach a proposer that they are not for", yes_or_no);
  option("--symmetry", world.symmetry, "acceptors that could change places are one state", yes_or_no);
  option("--dead-messages", world.dead_messages, "messages that can no longer matter are dropped", yes_or_no);
  option("--states-max", options->states_max, "give up after so many states", "1 to 4294967295");
  option("--quorum1", options->quorum1, "phase 1 quorum (0: a majority)", "0 to 5");
  option("--quorum2", options->quorum2, "phase 2 quorum (0: a majority)", "0 to 5");
  option("--give-up", options->give_up, "when a refused round is given up", allowed_names<GiveUp>());
  option("--learning", options->learning, "how a loser learns what was decided", allowed_names<Learning>());
  app.add_option("--trace", options->trace, "write the counterexample here, as a trace; an empty one if there is none")
      ->type_name("FILE");
  app.footer(
      "The network is a bag: a message arrives at any time after it was sent, in any order, or never; a proposer may\n"
      "time out at any time. Exit codes: 0 when every state was seen and none is wrong; 3 for a violation; 4 when\n"
      "not every state was seen. 3 acceptors, 2 proposers and 1 round have 226 acceptor states.");
  return [options] { return explore_world(*options); };
}

}  // namespace paxoscope::cli

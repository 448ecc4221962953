// Kills acceptors with SIGKILL at random moments under load, starts each again on its log, and holds the joined trace
// of all processes against the rules: the proposers' events are recorded here, the acceptors' are read from the logs
// that `paxoscope serve --history` kept.
//
// usage: wire_crash_test PAXOSCOPE KILLS [SEED]
// Then once more with an acceptor that comes back without its log: the rules must fire, or this test shows nothing.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <thread>
#include <tuple>

#include "bench/acceptor_process.h"
#include "core/backoff/registry.h"
#include "core/check/rules.h"
#include "core/random.h"
#include "core/wire/log.h"
#include "core/wire/wire_cluster.h"

namespace paxoscope {
namespace {

namespace fs = std::filesystem;

constexpr int kAcceptors = 3;
constexpr Nanos kPatience = 600 * kSecond;  // a run that is stuck ends, and fails

struct Run {
  RuleReport report;
  std::uint64_t decisions = 0;
  std::size_t compactions = 0;  // of all acceptors' logs
  std::string failure;          // of the test itself
};

using Servers = std::vector<std::unique_ptr<AcceptorProcess>>;

// What an acceptor has written down, in bytes.
std::uintmax_t logged(const AcceptorProcess& server) {
  std::uintmax_t bytes = 0;
  std::error_code ignored;  // a log may be renamed meanwhile
  for (const auto& entry : fs::directory_iterator(server.data(), ignored)) {
    const std::uintmax_t size = entry.file_size(ignored);
    if (!ignored) bytes += size;
  }
  return bytes;
}

// Bytes, of more than 400 answers: the proposers leave no more than 272 unanswered, so some of these have arrived.
constexpr std::uintmax_t kMuchToForget = 64 << 10;

// Kills until `kills` are done, now and then a majority at once. forgetful: one in the middle takes the log along, once
// there is something in it to be missed.
void kill_at_random(Servers& servers, int kills, std::uint64_t seed, bool forgetful, std::atomic<bool>& done,
                    std::string& failure) {
  Random random(seed);
  for (int i = 0; i < kills && failure.empty();) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(40'000)));
    const std::size_t first = random.below(servers.size());
    const std::size_t together = random.below(10) == 0 ? 2 : 1;
    const bool forgets = forgetful && i >= kills / 2;
    for (int waited = 0; forgets && failure.empty() && logged(*servers[first]) < kMuchToForget; ++waited) {
      if (waited == 60'000) failure = "an acceptor has had nothing to write down for a minute";
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    for (std::size_t k = 0; k < together; ++k) servers[(first + k) % servers.size()]->kill();
    if (forgets) {
      fs::remove_all(servers[first]->data());
      forgetful = false;
    }
    for (std::size_t k = 0; k < together; ++k, ++i) {
      const auto started = servers[(first + k) % servers.size()]->start();
      if (!started) failure = started.error().message;
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  done.store(true, std::memory_order_relaxed);  // what it did is ordered by the join
}

// An acceptor does not know the sender's count of rounds: filled in from what was sent in this ballot and phase.
void fill_in_rounds(const std::vector<Event>& proposers, std::vector<Event>& acceptors) {
  std::map<std::tuple<InstanceId, Ballot, Phase>, std::uint32_t> rounds;
  for (const Event& event : proposers) {
    if (event.kind == EventKind::sent) rounds[{event.instance, event.ballot, event.phase}] = event.round;
  }
  for (Event& event : acceptors) {
    const auto sent = rounds.find({event.instance, event.ballot, event.phase});
    if (sent != rounds.end()) event.round = sent->second;
    if (event.phase == Phase::prepare) event.value = 0;
  }
}

Run run(const std::string& program, const fs::path& folder, int kills, std::uint64_t seed, bool forgetful) {
  Run result;
  Servers servers;
  wire::WireOptions wire{.peers = {}, .keys = wire::fresh_keys()};
  for (int id = 0; id < kAcceptors; ++id) {
    servers.push_back(std::make_unique<AcceptorProcess>(program, id, folder / std::to_string(id),
                                                        std::vector<std::string>{"--compact-at=1", "--history"}));
    if (const auto started = servers.back()->start(); !started)
      return {.report = {}, .failure = started.error().message};
    wire.peers.push_back(servers.back()->address());
  }
  EventList events;
  wire.trace = &events;
  ClusterOptions cluster;
  cluster.proposers = 4;
  cluster.window = 16;
  cluster.workload.choice = KeyChoice::uniform;
  cluster.workload.keys = 3;
  cluster.workload.read_share = 0.2;
  cluster.round_trip = kMillisecond;
  cluster.timeout = 100 * kMillisecond;
  cluster.measure = kPatience;
  cluster.seed = seed;
  std::atomic<bool> done{false};
  std::thread killer([&] { kill_at_random(servers, kills, seed, forgetful, done, result.failure); });
  const auto strategy = parse_strategy("full_jitter");
  const auto measured = wire::run_wire(
      cluster, **strategy, wire, {.interrupted = [&] { return done.load(std::memory_order_relaxed); }, .progress = {}});
  killer.join();
  if (!measured) result.failure = measured.error().message;
  if (measured && measured->stop != StopReason::interrupted && !forgetful) result.failure = "it ended early";
  if (!result.failure.empty()) return result;
  servers.clear();
  std::vector<Event> all = events.events;
  for (int id = 0; id < kAcceptors; ++id) {
    auto history = wire::read_history((folder / std::to_string(id)).string(), static_cast<AcceptorId>(id));
    if (!history) return {.report = {}, .failure = history.error().message};
    fill_in_rounds(events.events, *history);
    all.insert(all.end(), history->begin(), history->end());
    for (const auto& entry : fs::directory_iterator(folder / std::to_string(id))) {
      result.compactions += entry.path().filename().string().starts_with("acceptor.log.") ? 1 : 0;
    }
  }
  result.decisions = measured->audit.chosen_ever;
  result.report = check_rules(all, {});
  return result;
}

int examine(const std::string& program, int kills, std::uint64_t seed) {
  std::string name = (fs::temp_directory_path() / "paxoscope-crash-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  const Run honest = run(program, folder / "honest", kills, seed, false);
  const Run forgetful = run(program, folder / "forgetful", 10, seed, true);
  const RuleCounters& saw = honest.report.counters;
  fmt::print(
      "seed {}: {} kills, {} decisions, {} events, {} retries, {} adopted, {} rejected accepts, {} compactions\n{}",
      seed, kills, honest.decisions, saw.events, saw.retries, saw.adopted, saw.rejected_accepts, honest.compactions,
      to_string(honest.report));
  fmt::print("without its log: {}", to_string(forgetful.report));
  const auto failed = [&](std::string_view what) {
    fmt::print("FAILED: {}; replay with: wire_crash_test {} {} {}; logs in {}\n", what, program, kills, seed,
               folder.string());
    return 1;
  };
  if (!honest.failure.empty()) return failed(honest.failure);
  if (!forgetful.failure.empty()) return failed(forgetful.failure);
  if (honest.report.verdict != RuleReport::Verdict::ok) return failed("a rule was broken, or the trace has a gap");
  if (forgetful.report.verdict != RuleReport::Verdict::violation) return failed("a lost log went unnoticed");
  if (kills >= 100 && honest.compactions == 0) return failed("no log was compacted");
  if (saw.retries == 0 || saw.adopted == 0 || saw.rejected_accepts == 0) return failed("nothing interesting happened");
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace paxoscope

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  try {
    const int kills = std::stoi(argv[2]);
    return paxoscope::examine(argv[1], kills, argc > 3 ? std::stoull(argv[3]) : 1);
  } catch (const std::exception& error) {
    std::fputs(error.what(), stderr);
    return 1;
  }
}

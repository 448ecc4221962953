// What the protocol itself costs, with no queue and no thread: single steps, and whole decrees by plain function calls.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "bench/instructions.h"
#include "core/node/acceptor_node.h"
#include "core/paxos/acceptor.h"
#include "core/paxos/proposer.h"

namespace paxoscope {
namespace {

constexpr ProposerId kSelf = 1;

Reply answer(Acceptor& acceptor, const Request& request, AcceptorId id) {
  const AcceptorState before = request.phase == Phase::prepare ? acceptor.on_prepare(request.ballot)
                                                               : acceptor.on_accept(request.ballot, request.value);
  return {.instance = request.instance,
          .ballot = request.ballot,
          .last_bal = before.last_bal,
          .v_bal = before.v_bal,
          .value = before.value,
          .round = request.round,
          .slot = request.slot,
          .phase = request.phase,
          .acceptor = id};
}

void acceptor_prepare(benchmark::State& state) {
  Acceptor acceptor;
  std::uint64_t n = 0;
  const InstructionCounter instructions;
  for (auto _ : state) {
    benchmark::DoNotOptimize(acceptor);
    benchmark::DoNotOptimize(acceptor.on_prepare(Ballot(++n, kSelf)));
  }
  instructions.report(state);
}
BENCHMARK(acceptor_prepare)->Name("protocol/acceptor/on_prepare");

void acceptor_accept(benchmark::State& state) {
  Acceptor acceptor;
  std::uint64_t n = 0;
  const InstructionCounter instructions;
  for (auto _ : state) {
    benchmark::DoNotOptimize(acceptor);
    benchmark::DoNotOptimize(acceptor.on_accept(Ballot(++n, kSelf), 7));
  }
  instructions.report(state);
}
BENCHMARK(acceptor_accept)->Name("protocol/acceptor/on_accept");

void acceptor_refuses(benchmark::State& state) {
  Acceptor acceptor;
  acceptor.on_prepare(Ballot(9, kSelf));
  const InstructionCounter instructions;
  for (auto _ : state) {
    benchmark::DoNotOptimize(acceptor);
    benchmark::DoNotOptimize(acceptor.on_accept(Ballot(8, kSelf), 7));
  }
  instructions.report(state);
}
BENCHMARK(acceptor_refuses)->Name("protocol/acceptor/on_accept_refused");

// The acceptor with its table of instances, its counters and its reply: both phases of ever new instances, and what it
// costs to forget the decided ones.
void acceptor_node(benchmark::State& state) {
  AcceptorNode node(0, {});
  Request request{.ballot = Ballot(1, kSelf), .value = 7, .round = 1};
  Reply reply;
  const InstructionCounter instructions;
  for (auto _ : state) {
    request.phase = request.phase == Phase::prepare ? Phase::accept : Phase::prepare;
    if (request.phase == Phase::prepare) request.decided_below = request.instance.ver++;
    benchmark::DoNotOptimize(node.on_request(request, reply));
    benchmark::DoNotOptimize(reply);
  }
  instructions.report(state);
}
BENCHMARK(acceptor_node)->Name("protocol/acceptor_node/on_request");

void proposer_propose(benchmark::State& state) {
  Proposer proposer;
  InstanceId instance;
  const InstructionCounter instructions;
  for (auto _ : state) {
    ++instance.ver;
    benchmark::DoNotOptimize(proposer.propose(instance, 7, Ballot(1, kSelf)));
    benchmark::DoNotOptimize(proposer);
  }
  instructions.report(state);
}
BENCHMARK(proposer_propose)->Name("protocol/proposer/propose");

// One reply of the kind that does not yet decide the round: the proposer is put back to before it each time, so an
// iteration is the step and a copy of a Proposer.
void proposer_reply(benchmark::State& state, bool stale) {
  const ProposerRules rules;
  Proposer before;
  before.propose({}, 7, Ballot(2, kSelf));
  Acceptor acceptor;
  Reply reply = answer(acceptor, before.request(), 0);
  if (stale) --reply.round;
  const InstructionCounter instructions;
  for (auto _ : state) {
    Proposer proposer = before;
    benchmark::DoNotOptimize(proposer);
    benchmark::DoNotOptimize(reply);
    benchmark::DoNotOptimize(proposer.on_reply(rules, reply));
    benchmark::DoNotOptimize(proposer);
  }
  instructions.report(state);
}
BENCHMARK_CAPTURE(proposer_reply, pending, false)->Name("protocol/proposer/on_reply_pending");
BENCHMARK_CAPTURE(proposer_reply, stale, true)->Name("protocol/proposer/on_reply_stale");

// Losing a round and beginning the next.
void proposer_retry(benchmark::State& state) {
  const ProposerRules rules{.give_up = GiveUp::first_nack};
  Proposer proposer;
  proposer.propose({}, 7, Ballot(1, kSelf));
  const InstructionCounter instructions;
  for (auto _ : state) {
    Acceptor rival(AcceptorState{Ballot(proposer.ballot().n(), kSelf + 1), Ballot(), 0});
    benchmark::DoNotOptimize(rival);
    benchmark::DoNotOptimize(proposer.on_reply(rules, answer(rival, proposer.request(), 0)));
    benchmark::DoNotOptimize(proposer.retry());
    benchmark::DoNotOptimize(proposer);
  }
  instructions.report(state);
  if (proposer.state() != Proposer::State::preparing) state.SkipWithError("the round was not lost");
}
BENCHMARK(proposer_retry)->Name("protocol/proposer/preempted_and_retry");

// One decree: every acceptor answers both phases and the proposer hears every reply, late ones included. A new instance
// with new acceptors each time; how many acceptors there are is not known when this is compiled.
void decree(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  const ProposerRules rules{.quorums = Quorums::majority(static_cast<int>(count))};
  Proposer proposer;
  std::array<Acceptor, 7> acceptors;
  InstanceId instance;
  const InstructionCounter instructions;
  for (auto _ : state) {
    for (std::size_t i = 0; i < count; ++i) acceptors[i] = Acceptor();
    ++instance.ver;
    Action action = proposer.propose(instance, static_cast<Value>(instance.ver), Ballot(1, kSelf));
    while (action == Action::broadcast) {
      // Taken one by one: a copy of a Request that was written a moment ago waits for its parts to reach the cache.
      const Ballot ballot = proposer.ballot();
      const Value value = proposer.value();
      const std::uint32_t round = proposer.request().round;
      const Phase phase = proposer.phase();
      action = Action::none;
      for (std::size_t i = 0; i < count; ++i) {
        const AcceptorState before =
            phase == Phase::prepare ? acceptors[i].on_prepare(ballot) : acceptors[i].on_accept(ballot, value);
        const Action asked = proposer.on_reply(rules, {.instance = instance,
                                                       .ballot = ballot,
                                                       .last_bal = before.last_bal,
                                                       .v_bal = before.v_bal,
                                                       .value = before.value,
                                                       .round = round,
                                                       .phase = phase,
                                                       .acceptor = static_cast<AcceptorId>(i)});
        if (asked != Action::none && asked != Action::ignored) action = asked;
      }
    }
    benchmark::DoNotOptimize(proposer);
    benchmark::DoNotOptimize(acceptors);
    if (!proposer.won() || proposer.value() != static_cast<Value>(instance.ver)) {
      state.SkipWithError("a decree without a rival was not decided with its own value");
      return;
    }
  }
  instructions.report(state);
  state.counters["decisions/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(decree)->Name("protocol/decree")->ArgName("acceptors")->Arg(1)->Arg(3)->Arg(5)->Arg(7);

}  // namespace
}  // namespace paxoscope

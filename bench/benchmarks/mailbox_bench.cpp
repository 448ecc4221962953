// What a message costs on its way through a mailbox: by batch size within one thread, and from several threads.
#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "core/paxos/message.h"
#include "core/threads/mailbox.h"

namespace paxoscope {
namespace {

void mailbox_batch(benchmark::State& state) {
  const auto batch = static_cast<std::size_t>(state.range(0));
  Parking owner(false);
  Mailbox<Request> mailbox(owner, 4096, 1);
  Sender<Request> sender(mailbox);
  std::array<Request, 256> received;
  Request request;
  for (auto _ : state) {
    for (std::size_t i = 0; i < batch; ++i) {
      ++request.instance.ver;
      sender.push(request);
    }
    sender.flush();
    for (std::size_t left = batch; left > 0;) left -= mailbox.receive(received);
    benchmark::DoNotOptimize(received);
  }
  state.counters["per_message"] = benchmark::Counter(
      static_cast<double>(batch), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(mailbox_batch)->Name("mailbox/one_thread")->ArgName("batch")->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Arg(256);

// A look that finds nothing, with so many threads that have ever written here.
void mailbox_empty(benchmark::State& state) {
  Parking owner(false);
  Mailbox<Request> mailbox(owner, 4096, static_cast<std::size_t>(state.range(0)));
  std::vector<std::unique_ptr<Sender<Request>>> senders;
  for (int i = 0; i < state.range(0); ++i) senders.push_back(std::make_unique<Sender<Request>>(mailbox));
  std::array<Request, 256> received;
  for (auto _ : state) benchmark::DoNotOptimize(mailbox.receive(received));
}
BENCHMARK(mailbox_empty)->Name("mailbox/empty_look")->ArgName("producers")->Arg(1)->Arg(4)->Arg(16)->Arg(64)->Arg(1024);

// Producer threads that send batches as fast as the consumer takes them; an iteration is one message received. A
// producer stays at most a few batches ahead, as the real ones do.
void mailbox_threads(benchmark::State& state) {
  const auto producers = static_cast<std::size_t>(state.range(0));
  const auto batch = static_cast<std::size_t>(state.range(1));
  Parking owner(false);
  Mailbox<Request> mailbox(owner, 16'384, producers);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> received_ever{0};
  std::atomic<std::uint64_t> sent_ever{0};
  std::vector<std::thread> threads;
  for (std::size_t p = 0; p < producers; ++p) {
    threads.emplace_back([&] {
      Sender<Request> sender(mailbox);
      const Request request;
      while (!stop.load(std::memory_order_relaxed)) {
        if (sent_ever.load(std::memory_order_relaxed) > received_ever.load(std::memory_order_relaxed) + 4'096) {
          std::this_thread::yield();
          continue;
        }
        for (std::size_t i = 0; i < batch; ++i) sender.push(request);
        sender.flush();
        sent_ever.fetch_add(batch, std::memory_order_relaxed);
      }
    });
  }
  std::array<Request, 256> received;
  std::size_t held = 0;
  std::uint64_t total = 0;
  for (auto _ : state) {
    while (held == 0) {
      held = mailbox.receive(received);
      if (held == 0) std::this_thread::yield();
      total += held;
      received_ever.store(total, std::memory_order_relaxed);
    }
    --held;
  }
  stop.store(true, std::memory_order_relaxed);
  for (std::thread& thread : threads) thread.join();
}
BENCHMARK(mailbox_threads)
    ->Name("mailbox/threads")
    ->ArgNames({"producers", "batch"})
    ->ArgsProduct({{1, 4, 16}, {1, 16, 64}})
    ->UseRealTime();

}  // namespace
}  // namespace paxoscope

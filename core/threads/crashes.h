// Part of worker.h: nodes crash and come back while their threads go on.
//
// The thread of a node that is down takes what arrives for it and loses it. News of that goes to the thread of each
// message's sender, through a mailbox of its own: the sender records the loss, as in virtual time, and a proposer is
// given back the request that will never be answered (ProposerSeat::unanswered). So nothing here is shared but queues,
// and a proposer whose acceptor is down for the whole run is held up by it no longer than the news takes.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "core/node/message_event.h"
#include "core/threads/seating.h"
#include "core/threads/thread_cluster.h"
#include "core/threads/worker.h"

namespace paxoscope {

// One thread's part of the crashes of a run. Not thread-safe: its worker's.
template <class Nodes, class Recorder>
class Crashes {
 public:
  using W = Worker<Nodes, Recorder>;
  using Acceptor = AcceptorSeat<Nodes, Recorder>;
  using Proposer = ProposerSeat<Nodes, Recorder>;

  // from: when the first node of the run crashes, and so the first news may come.
  Crashes(W& worker, Nanos from) : worker_(worker), from_(from), news_(worker.parking(), kBatch, 1) {}

  // Before the threads start. The crashes of nodes that sit here; then which thread runs each node of the run, and who
  // they are. All must outlive this.
  void add(Acceptor& seat, const Crash& crash) { add({.acceptor = &seat}, crash); }
  void add(Proposer& seat, const Crash& crash) { add({.proposer = &seat}, crash); }
  void connect(const Seating& seating, std::vector<Crashes*> threads,
               const std::vector<std::unique_ptr<Acceptor>>& acceptors,
               const std::vector<std::unique_ptr<Proposer>>& proposers) {
    seating_ = &seating;
    threads_ = std::move(threads);
    senders_.resize(threads_.size());
    acceptors_ = &acceptors;
    proposers_ = &proposers;
    std::stable_sort(deeds_.begin(), deeds_.end(), [](const Deed& a, const Deed& b) { return a.at < b.at; });
  }

  // When to look, though nothing comes.
  Nanos wake_at(Nanos now) const {
    const Nanos deed = done_ < deeds_.size() ? deeds_[done_].at : kNever;
    return now < from_ ? std::min(from_, deed) : deed;
  }
  const Measurement::Crashes& counts() const { return counts_; }  // after the join

  // From `from` on, at each look of the worker: what is due, what arrived for who is down, and news of losses.
  bool look() {
    bool worked = false;
    for (; done_ < deeds_.size() && deeds_[done_].at <= worker_.now_; ++done_) {
      const Deed& deed = deeds_[done_];
      deed.ends ? restart(nodes_[deed.node]) : crash(nodes_[deed.node], deed.durable);
      worked = true;
    }
    for (const Node& node : nodes_) {
      if (node.down > 0) worked |= lose_arrived(node);
    }
    return hear_news() || worked;
  }

 private:
  static constexpr std::size_t kBatch = 64;

  struct Node {
    Acceptor* acceptor = nullptr;  // one of the two
    Proposer* proposer = nullptr;
    std::uint32_t down = 0;  // crashes that hold
  };
  struct Deed {
    Nanos at;
    std::size_t node;
    bool ends;
    bool durable;
  };

  void add(const Node& node, const Crash& crash) {
    const auto known = std::find_if(nodes_.begin(), nodes_.end(), [&](const Node& it) {
      return it.acceptor == node.acceptor && it.proposer == node.proposer;
    });
    const auto place = static_cast<std::size_t>(known - nodes_.begin());
    if (known == nodes_.end()) nodes_.push_back(node);
    deeds_.push_back({crash.at, place, false, crash.durable});
    if (crash.until != kNever) deeds_.push_back({crash.until, place, true, crash.durable});
  }

  // What the node loses, it loses now; until restart() nothing reaches it.
  void crash(Node& node, bool durable) {
    const bool first = ++node.down == 1;
    Nanos never = kNever;  // of several at once, whoever says so first
    worker_.run_.crashed_at.compare_exchange_strong(never, worker_.now_, std::memory_order_relaxed);
    if (node.acceptor != nullptr) {
      if (!durable) node.acceptor->node.forget();
      if (!first) return;
      ++counts_.acceptors;
      std::erase(worker_.acceptors_, node.acceptor);
      record(*node.acceptor, {.kind = EventKind::crashed});
      if (worker_.audit_.on()) worker_.audit_.push(AuditRecord::crashed(node.acceptor->node.id()));
    } else {
      node.proposer->node.restart(worker_.now_, durable);
      if (!first) return;
      ++counts_.proposers;
      std::erase(worker_.proposers_, node.proposer);
      record(*node.proposer, {.kind = EventKind::crashed});
    }
    lose_arrived(node);
  }

  void restart(Node& node) {
    if (--node.down > 0) return;
    if (node.acceptor != nullptr) {
      record(*node.acceptor, {.kind = EventKind::restarted});
      if (worker_.audit_.on()) {
        worker_.audit_.push(AuditRecord::restarted(node.acceptor->node.id()));
        worker_.audit_.settle();  // before anybody can count on its votes
      }
      worker_.acceptors_.push_back(node.acceptor);
    } else {
      record(*node.proposer, {.kind = EventKind::restarted});
      worker_.proposers_.push_back(node.proposer);
      go_on(*node.proposer);
    }
  }

  // What had arrived when this began; so it ends, however fast others send.
  template <class Message, std::size_t N, class Lose>
  bool drain(Mailbox<Message>& inbox, std::array<Message, N>& batch, Lose&& lose) {
    std::size_t left = inbox.size_approx(), count = 0, all = 0;
    do {
      count = inbox.receive(batch);
      if (all == 0) worker_.note_arrival(count);
      std::for_each_n(batch.begin(), count, lose);
      all += count;
      left -= std::min(left, count);
    } while (count > 0 && left > 0);
    return all > 0;
  }

  bool lose_arrived(const Node& node) {
    const bool any = node.acceptor != nullptr ? lose_arrived(*node.acceptor) : lose_arrived(*node.proposer);
    for (const auto& sender : senders_) {
      if (any && sender) sender->flush();
    }
    return any;
  }

  bool lose_arrived(Acceptor& acceptor) {
    return drain(acceptor.inbox, worker_.requests_, [&](const Request& request) {
      ++counts_.messages;
      tell_sender(event_of_message(EventKind::dropped, request, acceptor.node.id()));
    });
  }

  bool lose_arrived(Proposer& proposer) {
    return drain(proposer.inbox, worker_.replies_, [&](const Reply& reply) {
      ++counts_.messages;
      if (reply.kind != ReplyKind::decided) proposer.unanswered.settle(reply.acceptor);
      if constexpr (Recorder::kTracing) {
        tell_sender(event_of_message(EventKind::dropped, reply, proposer.node.options().id));
      }
    });
  }

  void tell_sender(const Event& loss) {
    const std::size_t thread = seating_->of(loss.agent_kind, loss.agent);
    auto& sender = senders_[thread];
    if (!sender) sender = std::make_unique<Sender<Event>>(threads_[thread]->news_);
    sender->push(loss);
  }

  // Begins what there is to begin, unless an acceptor is far behind.
  void go_on(Proposer& proposer) {
    if (!proposer.unanswered.any_crowded()) worker_.start(proposer);
  }

  // Of messages that nodes on this thread sent.
  bool hear_news() {
    const bool any = drain(news_, batch_, [&](const Event& loss) {
      if (loss.agent_kind == AgentKind::acceptor) return record(*(*acceptors_)[loss.agent], loss);
      Proposer& proposer = *(*proposers_)[loss.agent - 1];
      const bool announcement = loss.round == 0;
      if (!announcement) proposer.unanswered.settle(loss.peer);
      record(proposer, loss);
    });
    // What held one up may have been just these; no reply and no deadline would say so.
    for (Proposer* seat : worker_.proposers_) {
      if (any) go_on(*seat);
    }
    return any;
  }

  template <class Seat>
  void record([[maybe_unused]] Seat& seat, [[maybe_unused]] const Event& event) {
    if constexpr (Recorder::kTracing) seat.recorder.record(event, worker_.now_);
  }

  W& worker_;
  Nanos from_;
  std::vector<Node> nodes_;  // those that crash here
  std::vector<Deed> deeds_;  // by time
  std::size_t done_ = 0;     // of these
  const Seating* seating_ = nullptr;
  std::vector<Crashes*> threads_;
  std::vector<std::unique_ptr<Sender<Event>>> senders_;  // by thread; null: nothing to tell it yet
  Mailbox<Event> news_;
  std::array<Event, kBatch> batch_;
  const std::vector<std::unique_ptr<Acceptor>>* acceptors_ = nullptr;
  const std::vector<std::unique_ptr<Proposer>>* proposers_ = nullptr;
  Measurement::Crashes counts_;
};

}  // namespace paxoscope

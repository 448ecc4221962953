// The state of the network at this moment of a run: which partitions hold, and how much is lost, doubled or held back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/simulation/faults.h"
#include "core/simulation/network.h"

namespace paxoscope {

// Nodes are numbered here: the acceptors, then the proposers by rank. Not thread-safe.
class Weather {
 public:
  Weather(const NetworkOptions& network, std::uint32_t acceptors, std::uint32_t proposers)
      : base_{network.loss, network.duplication, network.reordering, network.reordering_delay},
        now_(base_),
        acceptors_(acceptors),
        nodes_(acceptors + proposers) {}

  struct Rates {
    double loss = 0, duplication = 0, reordering = 0;
    Nanos delay = 0;
  };

  // False: every message arrives once, and nothing but its latency matters.
  bool stormy() const { return stormy_; }
  const Rates& rates() const { return now_; }
  std::uint32_t number(const NodeName& name) const {
    return name.kind == AgentKind::acceptor ? name.id : acceptors_ + name.id - 1;
  }

  bool blocked(std::uint32_t from, std::uint32_t to) const {
    return std::any_of(partitions_.begin(), partitions_.end(), [&](const Partition& partition) {
      return (partition.sides[from] & kA && partition.sides[to] & kB) ||
             (!partition.one_way && partition.sides[from] & kB && partition.sides[to] & kA);
    });
  }

  // Only for faults of the network; each is begun and ended once.
  void begin(const Fault& fault) {
    active_.push_back(&fault);
    if (fault.kind == Fault::Kind::partition) {
      Partition partition{&fault, std::vector<std::uint8_t>(nodes_), fault.one_way};
      for (const NodeName& node : fault.a) partition.sides[number(node)] |= kA;
      for (const NodeName& node : fault.b) partition.sides[number(node)] |= kB;
      partitions_.push_back(std::move(partition));
    }
    update();
  }
  void end(const Fault& fault) {
    std::erase(active_, &fault);
    std::erase_if(partitions_, [&](const Partition& partition) { return partition.fault == &fault; });
    update();
  }
  void heal() {
    active_.clear();
    partitions_.clear();
    base_ = {};
    update();
  }
  // To be called before the first message.
  void update() {
    now_ = base_;
    for (const Fault* fault : active_) {
      // The worst of those that hold at the same time counts.
      if (fault->kind == Fault::Kind::loss) now_.loss = std::max(now_.loss, fault->rate);
      if (fault->kind == Fault::Kind::duplication) now_.duplication = std::max(now_.duplication, fault->rate);
      if (fault->kind == Fault::Kind::reordering) {
        now_.reordering = std::max(now_.reordering, fault->rate);
        now_.delay = std::max(now_.delay, fault->delay);
      }
    }
    stormy_ = now_.loss > 0 || now_.duplication > 0 || now_.reordering > 0 || !partitions_.empty();
  }

 private:
  static constexpr std::uint8_t kA = 1, kB = 2;
  struct Partition {
    const Fault* fault;
    std::vector<std::uint8_t> sides;  // by node
    bool one_way;
  };

  Rates base_;
  Rates now_;
  std::uint32_t acceptors_;
  std::uint32_t nodes_;
  std::vector<const Fault*> active_;
  std::vector<Partition> partitions_;
  bool stormy_ = false;
};

}  // namespace paxoscope

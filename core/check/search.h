// Breadth-first search of every state of a system: the first violation found is one of the shortest.
//
// A System provides, over states written as byte strings that are equal iff the states are,
//   std::string initial();
//   template <class Emit> void successors(std::string_view state, Emit emit);   emit(std::string_view next)
//   std::string violation(std::string_view state);   what is wrong with a state that was not seen before; empty:
//   nothing
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/check/fingerprint_set.h"
#include "core/check/huge_pages.h"

namespace paxoscope {

struct SearchProgress {
  std::uint64_t states = 0;       // distinct
  std::uint64_t transitions = 0;  // steps taken, also to states that were known
  std::uint32_t depth = 0;        // steps from the start
  std::uint64_t bytes = 0;        // memory of the search
  double seconds = 0;             // wall clock
  double states_per_second() const { return seconds > 0 ? static_cast<double>(states) / seconds : 0; }
};

struct SearchReport : SearchProgress {
  bool exhausted = false;                 // every reachable state was seen
  std::string violation;                  // one sentence; empty: none
  std::vector<std::uint64_t> path;        // fingerprints from the start to the violation
  double collision_probability() const {  // that a state was taken for another one, at most
    return static_cast<double>(states) * static_cast<double>(states) * 0x1.0p-65;
  }
};

// Called some times a second; may be empty. False ends the search, which is then not exhausted.
using ProgressCallback = std::function<bool(const SearchProgress&)>;

template <class System>
class BreadthFirstSearch {
 public:
  BreadthFirstSearch(System& system, std::uint64_t states_max, const ProgressCallback& progress)
      : system_(system), states_max_(states_max), progress_(progress) {}

  SearchReport run() {
    began_ = std::chrono::steady_clock::now();
    const std::string start = system_.initial();
    offer(start, 0);
    flush();
    while (!next_.empty() && goes_on()) {
      level_.swap(next_);
      next_.clear();
      expand_level();
      flush();
      ++report_.depth;
    }
    report_.exhausted = next_.empty() && report_.violation.empty() && !stopped_;
    measure();
    return std::move(report_);
  }

 private:
  static constexpr std::uint64_t kStatesPerLook = 1 << 18;
  static constexpr std::size_t kPending = 64;  // states offered and not looked up, while their cache lines are fetched

  struct Pending {
    std::uint64_t fingerprint;
    std::uint32_t parent;
    std::uint32_t begin, size;  // in pending_bytes_
  };
  struct Seen {
    std::uint64_t fingerprint;
    std::uint32_t parent;  // its index in seen_
  };

  bool goes_on() const { return report_.violation.empty() && report_.states < states_max_ && !stopped_; }

  void expand_level() {
    const auto first = static_cast<std::uint32_t>(seen_.size() - level_states_);
    std::uint32_t index = first;
    level_states_ = 0;
    for (std::size_t at = 0; at < level_.size() && goes_on(); ++index) {
      std::uint16_t size = 0;
      std::memcpy(&size, level_.data() + at, sizeof size);
      at += sizeof size;
      const std::string_view state(level_.data() + at, size);
      at += size;
      system_.successors(state, [this, index](std::string_view next) { offer(next, index); });
    }
  }

  void offer(std::string_view state, std::uint32_t parent) {
    const std::uint64_t mark = fingerprint(state);
    visited_.prefetch(mark);
    pending_.push_back(
        {mark, parent, static_cast<std::uint32_t>(pending_bytes_.size()), static_cast<std::uint32_t>(state.size())});
    pending_bytes_.append(state);
    if (pending_.size() >= kPending) flush();
  }

  void flush() {
    for (const Pending& pending : pending_) {
      ++report_.transitions;
      if (!report_.violation.empty() || !visited_.insert(pending.fingerprint)) continue;
      const std::string_view state(pending_bytes_.data() + pending.begin, pending.size);
      seen_.push_back({pending.fingerprint, pending.parent});
      ++level_states_;
      ++report_.states;
      const auto size = static_cast<std::uint16_t>(state.size());
      next_.append(reinterpret_cast<const char*>(&size), sizeof size).append(state);
      report_.violation = system_.violation(state);
      if (!report_.violation.empty()) trace_back();
      if (progress_ && report_.states % kStatesPerLook == 0) {
        measure();
        stopped_ |= !progress_(report_);
      }
    }
    pending_.clear();
    pending_bytes_.clear();
  }

  void trace_back() {
    std::uint32_t at = static_cast<std::uint32_t>(seen_.size() - 1);
    while (true) {
      report_.path.insert(report_.path.begin(), seen_[at].fingerprint);
      if (at == 0) return;
      at = seen_[at].parent;
    }
  }

  void measure() {
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    report_.bytes = visited_.bytes() + seen_.capacity() * sizeof(Seen) + level_.capacity() + next_.capacity();
  }

  System& system_;
  std::uint64_t states_max_;
  const ProgressCallback& progress_;
  std::chrono::steady_clock::time_point began_;
  SearchReport report_;
  FingerprintSet visited_;
  using Bytes = std::basic_string<char, std::char_traits<char>, HugePageAllocator<char>>;
  std::vector<Seen, HugePageAllocator<Seen>> seen_;  // in the order of discovery, for the way back
  Bytes level_, next_;
  std::size_t level_states_ = 0;  // states in next_
  bool stopped_ = false;
  std::vector<Pending> pending_;
  std::string pending_bytes_;
};

// At most 2^32 states.
template <class System>
SearchReport search(System& system, std::uint64_t states_max, const ProgressCallback& progress = {}) {
  return BreadthFirstSearch<System>(system, std::min<std::uint64_t>(states_max, 0xffffffffU), progress).run();
}

}  // namespace paxoscope

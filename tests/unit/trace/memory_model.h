// A model of C++ atomics that tries every outcome the memory orders allow, for a writer thread and a reader thread.
//
// It is the usual operational view of release and acquire (Lahav, Giannarakis, Vafeiadis: "Taming release-acquire
// consistency", POPL 2016), with relaxed accesses: each location keeps all values it ever had, each thread knows how
// new a value of each location it must at least see. A load takes any value that is not too old; an acquire load of a
// release store learns all that the storing thread knew. Not modelled: a load that sees a store which depends on it.
//
// The writer's whole operations are run first, or in between the reader's single accesses; that they may be seen half
// done comes from loads of old values. A depth-first search over all choices makes it exhaustive.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace paxoscope::test {

class MemoryModel {
 public:
  enum class Thread : std::uint8_t { writer, reader };
  enum class Access : std::uint8_t { load, store };

  // Runs `execution` once for each combination of choices, until it returns false. Returns how many there were.
  template <class Execution>
  static std::size_t explore(Execution execution) {
    std::vector<Choice> choices;
    std::size_t executions = 0;
    do {
      MemoryModel model;
      model.choices_ = std::move(choices);
      current = &model;
      ++executions;
      const bool go_on = execution(model);
      current = nullptr;
      choices = std::move(model.choices_);
      if (!go_on) break;
      while (!choices.empty() && choices.back().taken + 1 == choices.back().options) choices.pop_back();
      if (!choices.empty()) ++choices.back().taken;
    } while (!choices.empty());
    return executions;
  }

  // One of 0 .. options - 1, each in its own execution.
  std::size_t choose(std::size_t options) {
    if (options == 1) return 0;
    if (depth_ == choices_.size()) choices_.push_back({0, options});
    return choices_[depth_++].taken;
  }

  // The order an access really has: where a test weakens it.
  std::function<std::memory_order(const void* location, Access, std::memory_order)> weaken;
  // The value a load returns: where a test breaks the protocol.
  std::function<std::uint64_t(const void* location, std::memory_order, std::uint64_t value)> distort;
  // Called before every access of the reader.
  std::function<void()> before_reader;
  Thread thread = Thread::writer;

  // The reader learns all that the writer did, as by joining its thread.
  void join_writer() { join(view_of(Thread::reader), view_of(Thread::writer)); }

  std::size_t add_location(std::uint64_t initial) {
    locations_.push_back({{initial, {}}});
    return locations_.size() - 1;
  }

  std::uint64_t load(std::size_t location, const void* address, std::memory_order order) {
    if (thread == Thread::reader && before_reader) before_reader();
    if (weaken) order = weaken(address, Access::load, order);
    const std::vector<Store>& stores = locations_[location];
    std::size_t& oldest = entry(view_of(thread), location);
    oldest += choose(stores.size() - oldest);
    const Store& seen = stores[oldest];
    if (order == std::memory_order_acquire) join(view_of(thread), seen.known);
    return distort ? distort(address, order, seen.value) : seen.value;
  }

  void store(std::size_t location, const void* address, std::uint64_t value, std::memory_order order) {
    if (thread == Thread::reader && before_reader) before_reader();
    if (weaken) order = weaken(address, Access::store, order);
    entry(view_of(thread), location) = locations_[location].size();
    locations_[location].push_back({value, order == std::memory_order_release ? view_of(thread) : View()});
  }

  inline static MemoryModel* current = nullptr;

 private:
  using View = std::vector<std::size_t>;  // by location: the oldest store that may still be seen
  struct Store {
    std::uint64_t value;
    View known;  // what an acquire load of it learns
  };
  struct Choice {
    std::size_t taken, options;
  };

  View& view_of(Thread which) { return views_[static_cast<std::size_t>(which)]; }
  static std::size_t& entry(View& view, std::size_t location) {
    if (location >= view.size()) view.resize(location + 1);
    return view[location];
  }
  static void join(View& view, const View& other) {
    for (std::size_t i = 0; i < other.size(); ++i) entry(view, i) = std::max(entry(view, i), other[i]);
  }

  std::vector<std::vector<Store>> locations_;
  View views_[2];
  std::vector<Choice> choices_;
  std::size_t depth_ = 0;
};

// Stands in for std::atomic.
template <class T>
class ModelAtomic {
 public:
  ModelAtomic() : ModelAtomic(T{}) {}
  explicit ModelAtomic(T initial) : location_(model().add_location(static_cast<std::uint64_t>(initial))) {}
  T load(std::memory_order order) const { return static_cast<T>(model().load(location_, this, order)); }
  void store(T value, std::memory_order order) {
    model().store(location_, this, static_cast<std::uint64_t>(value), order);
  }

 private:
  static MemoryModel& model() { return *MemoryModel::current; }
  std::size_t location_;
};

}  // namespace paxoscope::test

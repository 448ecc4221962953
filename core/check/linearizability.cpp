#include "core/check/linearizability.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "core/random.h"

namespace paxoscope {

namespace {

struct Cell {
  std::optional<Value> value;     // what was returned
  std::uint32_t returned_to = 0;  // to whom first
  Nanos first_return = kNever;    // the earliest end of an operation that returned it
  Nanos proposed = kNever;        // the earliest begin of a write of it
  Nanos last_empty_began = -1;    // the latest begin of a read that found nothing
};

struct CellHash {
  std::size_t operator()(const InstanceId& id) const {
    return static_cast<std::size_t>(Random::mix(id.ver) ^ (std::uint64_t{id.key} << 32U | id.key));
  }
};

std::string check_cell(const CellOperation& operation, Cell& cell) {
  const auto at = fmt::format("key {} version {}: ", operation.cell.key, operation.cell.ver);
  if (operation.empty) cell.last_empty_began = std::max(cell.last_empty_began, operation.began);
  if (!operation.returned) {
    return operation.success ? at + fmt::format("client {} has success without a value", operation.client) : "";
  }
  if (!cell.value) cell.returned_to = operation.client;
  if (cell.value && *cell.value != operation.value) {
    return at + fmt::format("{} was returned to client {} and {} to client {}", *cell.value, cell.returned_to,
                            operation.value, operation.client);
  }
  cell.value = operation.value;
  cell.first_return = std::min(cell.first_return, operation.ended);
  const bool own_won = !operation.read && operation.own == operation.value;
  if (operation.success == own_won) return {};
  return at + fmt::format("client {} wrote {}, {} was decided, and it was told of {}", operation.client, operation.own,
                          operation.value, operation.success ? "success" : "failure");
}

// Wing and Gong's search with Lowe's memory, over one key's operations sorted by their begin.
class KeySearch {
 public:
  KeySearch(std::vector<KvOperation> operations, std::uint64_t& steps)
      : operations_(std::move(operations)), steps_(steps), taken_((operations_.size() + 63) / 64) {
    std::stable_sort(operations_.begin(), operations_.end(),
                     [](const KvOperation& x, const KvOperation& y) { return x.began < y.began; });
    for (const KvOperation& operation : operations_) must_ += operation.ended != kNever ? 1 : 0;
  }

  Linearizable run() {
    // An explicit stack: histories are long.
    struct Frame {
      std::size_t next;  // operation to try next
      Nanos horizon;     // no operation that begins after it may come first
      State state;
    };
    std::vector<Frame> stack{{0, horizon(), State{}}};
    std::vector<std::size_t> order;
    while (!stack.empty()) {
      if (must_ == 0) return Linearizable::yes;
      Frame& frame = stack.back();
      const std::size_t pick = candidate(frame.next, frame.horizon);
      if (pick == operations_.size()) {
        stack.pop_back();
        if (!order.empty()) untake(order);
        continue;
      }
      frame.next = pick + 1;
      if (steps_ == 0) return Linearizable::unknown;
      --steps_;
      const std::optional<State> after = apply(operations_[pick], frame.state);
      if (!after || !take(pick, *after)) continue;
      order.push_back(pick);
      stack.push_back({first_open_, horizon(), *after});
    }
    return Linearizable::no;
  }

 private:
  struct State {
    std::int64_t version = KvOperation::kUnknown;
    Value value = 0;
  };

  static std::optional<State> apply(const KvOperation& operation, const State& state) {
    const bool open = operation.ended == kNever;
    if (operation.kind == KvOperation::Kind::set) {
      const State after{state.version + 1, operation.value};
      const bool fits = open || operation.version == KvOperation::kUnknown || operation.version == after.version;
      return fits ? std::optional(after) : std::nullopt;
    }
    const bool fits = open || (operation.version == state.version &&
                               (state.version == KvOperation::kUnknown || operation.value == state.value));
    return fits ? std::optional(state) : std::nullopt;
  }

  bool taken(std::size_t i) const { return (taken_[i / 64] >> (i % 64) & 1U) != 0; }

  // The earliest end among operations not yet taken.
  Nanos horizon() {
    while (first_open_ < operations_.size() && taken(first_open_)) ++first_open_;
    Nanos earliest = kNever;
    for (std::size_t i = first_open_; i < operations_.size() && operations_[i].began <= earliest; ++i) {
      if (!taken(i)) earliest = std::min(earliest, operations_[i].ended);
    }
    return earliest;
  }

  std::size_t candidate(std::size_t from, Nanos horizon) const {
    for (std::size_t i = from; i < operations_.size() && operations_[i].began <= horizon; ++i) {
      if (!taken(i)) return i;
    }
    return operations_.size();
  }

  // False when this configuration was tried before.
  bool take(std::size_t i, const State& state) {
    taken_[i / 64] ^= std::uint64_t{1} << (i % 64);
    std::uint64_t high = Random::mix(static_cast<std::uint64_t>(state.version) ^ 0x5bd1e995U);
    std::uint64_t low = Random::mix(static_cast<std::uint64_t>(state.value));
    for (const std::uint64_t word : taken_) {
      high = Random::mix(high ^ word);
      low = Random::mix(low + word * 0x9e3779b97f4a7c15U);
    }
    if (!tried_.insert({high, low}).second) {
      taken_[i / 64] ^= std::uint64_t{1} << (i % 64);
      return false;
    }
    must_ -= operations_[i].ended != kNever ? 1 : 0;
    return true;
  }

  void untake(std::vector<std::size_t>& order) {
    const std::size_t i = order.back();
    order.pop_back();
    taken_[i / 64] ^= std::uint64_t{1} << (i % 64);
    must_ += operations_[i].ended != kNever ? 1 : 0;
    first_open_ = std::min(first_open_, i);
  }

  struct PairHash {
    std::size_t operator()(const std::pair<std::uint64_t, std::uint64_t>& pair) const {
      return static_cast<std::size_t>(pair.first);
    }
  };

  std::vector<KvOperation> operations_;
  std::uint64_t& steps_;
  std::vector<std::uint64_t> taken_;
  // By 128-bit fingerprints: n configurations collide with a probability below n^2 / 2^129.
  std::unordered_set<std::pair<std::uint64_t, std::uint64_t>, PairHash> tried_;
  std::size_t first_open_ = 0;
  std::size_t must_ = 0;  // completed operations not yet taken
};

}  // namespace

std::string check_cells(const std::vector<CellOperation>& history) {
  std::unordered_map<InstanceId, Cell, CellHash> cells;
  for (const CellOperation& operation : history) {
    std::string problem = check_cell(operation, cells[operation.cell]);
    if (!problem.empty()) return problem;
  }
  for (const CellOperation& operation : history) {
    Cell& cell = cells[operation.cell];
    if (!operation.read && cell.value == operation.own) cell.proposed = std::min(cell.proposed, operation.began);
  }
  for (const CellOperation& operation : history) {
    const Cell& cell = cells[operation.cell];
    const auto at = fmt::format("key {} version {}: ", operation.cell.key, operation.cell.ver);
    if (cell.value && cell.proposed > cell.first_return) {
      return at + fmt::format("{} was returned before anybody had written it", *cell.value);
    }
    if (cell.value && cell.last_empty_began > cell.first_return) {
      return at + fmt::format("a read found nothing after {} had been returned", *cell.value);
    }
  }
  return {};
}

KvVerdict check_kv(const std::vector<KvOperation>& history, std::uint64_t steps_max) {
  std::map<std::uint32_t, std::vector<KvOperation>> keys;
  for (const KvOperation& operation : history) keys[operation.key].push_back(operation);
  KvVerdict verdict;
  for (auto& [key, operations] : keys) {
    const std::size_t size = operations.size();
    const Linearizable result = KeySearch(std::move(operations), steps_max).run();
    if (result == Linearizable::yes) continue;
    if (result == Linearizable::unknown && verdict.linearizable == Linearizable::unknown) continue;  // told already
    verdict.linearizable = result;
    verdict.sentence = result == Linearizable::no
                           ? fmt::format("key {}: no order of its {} operations explains what they returned", key, size)
                           : fmt::format("key {}: not settled within the steps allowed", key);
    if (result == Linearizable::no) return verdict;
  }
  return verdict;
}

std::string to_porcupine(const std::vector<KvOperation>& history) {
  std::string lines;
  for (const KvOperation& operation : history) {
    const bool set = operation.kind == KvOperation::Kind::set;
    nlohmann::json line{{"ClientId", operation.client},
                        {"Input", {{"Op", set ? "set" : "get"}, {"Key", operation.key}}},
                        {"Call", operation.began},
                        {"Output", {{"Version", operation.version}}},
                        {"Return", nullptr}};
    line[set ? "Input" : "Output"]["Value"] = operation.value;
    if (operation.ended != kNever) line["Return"] = operation.ended;
    lines += line.dump() + "\n";
  }
  return lines;
}

}  // namespace paxoscope

// What clients saw. A version of a key is a write-once cell: the first write decides it, every write and read returns
// what was decided, and a write reports success only if its own won. A key is the list of its versions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/nanos.h"
#include "core/node/proposer_node.h"

namespace paxoscope {

// One client's operation on one cell. Values are unique write ids, so "its own" is never a matter of luck.
struct CellOperation {
  InstanceId cell = {};
  std::uint32_t client = 0;
  bool read = false;
  bool success = false;   // a write that was told that it won
  bool returned = false;  // with `value`; false: still open, given up, or a read that found nothing
  bool empty = false;     // a read that found nothing
  Value own = 0;          // of a write
  Value value = 0;
  Nanos began = 0;
  Nanos ended = kNever;  // kNever: still open
};

// An empty string when the history of every cell is linearizable, else one sentence about the first that is not.
// O(n) in expectation.
std::string check_cells(const std::vector<CellOperation>& history);

// One client's operation on a key, over its versions.
struct KvOperation {
  enum class Kind : std::uint8_t { set, get };
  static constexpr std::int64_t kUnknown = -1;
  Kind kind = Kind::get;
  std::uint32_t key = 0;
  std::uint32_t client = 0;
  Value value = 0;                  // set: written; get: read
  std::int64_t version = kUnknown;  // set: that it became; get: that was read, kUnknown if the key had none
  Nanos began = 0;
  Nanos ended = kNever;  // kNever: still open; it may or may not have taken effect
};

enum class Linearizable : std::uint8_t { yes, no, unknown };  // unknown: steps_max was not enough

struct KvVerdict {
  Linearizable linearizable = Linearizable::yes;
  std::string sentence;  // about the first key that is not; empty when all are
};

// Every key by itself (histories are linearizable iff each key's is), by the search of Wing and Gong (JPDC 1993) with
// Lowe's memory of configurations ("Testing for linearizability", 2017). Exponential at worst; steps_max bounds it,
// for all keys together.
// A set appends the version after the last and a get returns the last.
KvVerdict check_kv(const std::vector<KvOperation>& history, std::uint64_t steps_max = 10'000'000);

// One JSON object per line, with the fields of Porcupine's Operation: ClientId, Input {Op: "set" or "get", Key, Value},
// Call, Output {Value, Version}, Return; times in ns. Open operations have "Return": null.
std::string to_porcupine(const std::vector<KvOperation>& history);

}  // namespace paxoscope

// An acceptor whose promises outlive it: core/paxos's Acceptor for each instance, and a log on the disk. Instances are
// named as on the wire, by a key and any version from 0 to 2^63 - 1.
//
//   for each request that has arrived: on_request
//   commit                              one write and one flush for all of them
//   only now: tell the answers
//
// Memory is bounded: when memory_max is used up, requests for new instances are refused. No instance is ever retired or
// forgotten, since nothing in paxoskv's messages says that one is decided. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/node/acceptor_node.h"
#include "core/random.h"
#include "core/wire/log.h"
#include "core/wire/message.h"

namespace paxoscope::wire {

struct DurableOptions {
  std::string directory;
  AcceptorId acceptor = 0;
  std::uint64_t memory_max = std::uint64_t{1} << 30U;      // bytes, roughly, for instances and keys
  std::uint64_t compact_bytes = std::uint64_t{64} << 20U;  // a log smaller than this is never compacted
  bool history = false;  // keep an event of each request answered, and the old logs: what the rule checker reads
};

class DurableAcceptor {
 public:
  // Recovers whatever the directory holds; see AcceptorLog::open for what is refused.
  static Expected<DurableAcceptor> open(const DurableOptions& options);

  // Takes the step, and answers with the state before it. The answer may be told after the next commit, and not if that
  // fails.
  using Answer = tl::expected<AcceptorState, Refusal>;
  Answer on_request(const WireRequest& request);

  // On an Error all steps since the last commit are undone. broken(): it must not answer any more.
  Expected<void> commit();
  bool broken() const { return log_->broken(); }

  // Compacts the log when that is worth it. An Error is no harm: the old log goes on.
  Expected<void> tidy();

  AcceptorId id() const { return options_.acceptor; }
  const AcceptorCounters& counters() const { return counters_; }
  std::uint64_t instances() const { return acceptors_.size(); }
  std::uint64_t memory() const { return memory_; }
  std::uint64_t log_bytes() const { return log_->bytes(); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct InstanceHash {
    std::size_t operator()(const InstanceId& id) const { return Random::mix(Random::mix(id.ver) + id.key); }
  };
  struct Undo {
    InstanceId instance;
    AcceptorState before;  // nothing promised: the instance was new
  };

  explicit DurableAcceptor(const DurableOptions& options) : options_(options) {}
  Expected<void> restore(const StateRecord& record);
  Acceptor* find(std::string_view key, std::uint64_t ver, InstanceId& id);
  void record(const WireRequest& request, const AcceptorState& before, const AcceptorState& after);

  DurableOptions options_;
  std::optional<AcceptorLog> log_;  // always there once open() is through
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> numbers_;  // of the keys
  std::vector<std::string_view> keys_;                                                 // by number, within numbers_
  std::unordered_map<InstanceId, Acceptor, InstanceHash> acceptors_;
  std::vector<Undo> undo_;  // the steps since the last commit
  AcceptorCounters counters_;
  std::uint64_t memory_ = 0;
  std::uint64_t compact_at_ = 0;  // bytes of log
};

}  // namespace paxoscope::wire

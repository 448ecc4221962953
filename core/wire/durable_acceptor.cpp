#include "core/wire/durable_acceptor.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/trace/file_format.h"

namespace paxoscope::wire {

namespace {

constexpr std::uint64_t kInstanceBytes = 96;  // of memory: the entry, its node in the map, its share of the buckets
constexpr std::uint64_t kKeyBytes = 128;      // and the key's own length
constexpr std::uint64_t kGarbageShare = 4;    // a log is compacted when it is so many times as long as it need be

}  // namespace

Expected<DurableAcceptor> DurableAcceptor::open(const DurableOptions& options) {
  DurableAcceptor acceptor(options);
  auto log = AcceptorLog::open(options.directory, options.acceptor, options.history,
                               {[&](const StateRecord& record) { return acceptor.restore(record); }, {}});
  if (!log) return tl::unexpected(log.error());
  acceptor.log_.emplace(std::move(*log));
  acceptor.compact_at_ = std::max(options.compact_bytes, acceptor.log_bytes());
  return acceptor;
}

Expected<void> DurableAcceptor::restore(const StateRecord& record) {
  InstanceId id;
  Acceptor* const acceptor = find(record.key, record.ver, id);
  if (acceptor == nullptr) {
    return fail(fmt::format("the log holds more than --memory-max={}: allow more, at instance {}", options_.memory_max,
                            acceptors_.size()));
  }
  const AcceptorState& known = acceptor->state();
  if (record.state.last_bal < known.last_bal || record.state.v_bal < known.v_bal) {
    return fail("a state that takes a promise back");
  }
  *acceptor = Acceptor(record.state);
  return {};
}

// The instance, made on first touch; null when there is no room for it.
Acceptor* DurableAcceptor::find(std::string_view key, std::uint64_t ver, InstanceId& id) {
  const auto known = numbers_.find(key);
  id = {ver, known == numbers_.end() ? static_cast<std::uint32_t>(keys_.size()) : known->second};
  if (known != numbers_.end()) {
    if (const auto found = acceptors_.find(id); found != acceptors_.end()) return &found->second;
  }
  const std::uint64_t more = kInstanceBytes + (known == numbers_.end() ? kKeyBytes + key.size() : 0);
  if (memory_ + more > options_.memory_max) return nullptr;
  memory_ += more;
  if (known == numbers_.end()) keys_.push_back(numbers_.emplace(key, id.key).first->first);
  return &acceptors_[id];
}

DurableAcceptor::Answer DurableAcceptor::on_request(const WireRequest& request) {
  InstanceId id;
  Acceptor* const acceptor = find(request.key, request.ver, id);
  if (acceptor == nullptr) {
    ++counters_.refused;
    return tl::unexpected(
        Refusal{Code::resource_exhausted, fmt::format("no room for another instance: {} are kept", acceptors_.size())});
  }
  const bool prepare = request.phase == Phase::prepare;
  const AcceptorState before =
      prepare ? acceptor->on_prepare(request.ballot) : acceptor->on_accept(request.ballot, request.value);
  const AcceptorState& after = acceptor->state();
  const bool granted = request.ballot >= before.last_bal;
  ++(prepare ? counters_.prepares : counters_.accepts);
  counters_.votes += static_cast<std::uint64_t>(!prepare && granted);
  counters_.rejected_prepares += static_cast<std::uint64_t>(prepare && !granted);
  if (after != before) {
    undo_.push_back({id, before});
    log_->append(StateRecord{request.key, request.ver, after});
  }
  if (options_.history) record(request, before, after);
  return before;
}

void DurableAcceptor::record(const WireRequest& request, const AcceptorState& before, const AcceptorState& after) {
  log_->append(Event{.instance = {request.ver, trace_format::checksum(request.key)},
                     .ballot = request.ballot,
                     .value = request.value,
                     .last_bal = after.last_bal,
                     .v_bal = after.v_bal,
                     .vote = after.value,
                     .agent = options_.acceptor,
                     .peer = request.ballot.proposer(),
                     .kind = EventKind::answered,
                     .agent_kind = AgentKind::acceptor,
                     .phase = request.phase,
                     .granted = request.ballot >= before.last_bal});
}

Expected<void> DurableAcceptor::commit() {
  const auto committed = log_->commit();
  if (!committed) {
    std::for_each(undo_.rbegin(), undo_.rend(), [this](const Undo& step) {
      if (step.before.last_bal.is_none()) {
        acceptors_.erase(step.instance);  // its key stays known
        memory_ -= kInstanceBytes;
      } else {
        acceptors_[step.instance] = Acceptor(step.before);
      }
    });
  }
  undo_.clear();
  return committed;
}

Expected<void> DurableAcceptor::tidy() {
  if (log_bytes() < compact_at_) return {};
  const auto compacted = log_->compact([&](const auto& write) {
    for (const auto& [id, acceptor] : acceptors_) write(StateRecord{keys_[id.key], id.ver, acceptor.state()});
  });
  compact_at_ = std::max(options_.compact_bytes, kGarbageShare * log_bytes());
  return compacted;
}

}  // namespace paxoscope::wire

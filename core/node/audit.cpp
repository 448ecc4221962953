#include "core/node/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/node/write_id.h"
#include "core/trace/event_names.h"

namespace paxoscope {

namespace {

std::string text(const InstanceId& id) {
  return fmt::format("key {} version {}", id.key, id.ver);
}

}  // namespace

Audit::Audit(const AuditOptions& options)
    // Bounded by the acceptors' own limits, not by these: what acceptors hold must fit here, and the lag besides.
    : options_(options),
      quorum_(options.quorums.size(Phase::accept)),
      kept_times_(std::min(kTimes, quorum_)),
      rings_({.keys_max = UINT32_MAX, .versions_max = 1ULL << 40, .instances_max = 1ULL << 40}),
      outages_(static_cast<std::size_t>(options.quorums.acceptors())) {}

void Audit::feed(const AuditRecord& first, std::span<const Value> values) {
  if (first.kind >= AuditRecord::Kind::retired) return on_acceptor(first);
  const bool vote = first.kind == AuditRecord::Kind::vote;
  InstanceId id = first.instance;
  if (vote && id.ver < retired_below(id.key, first.agent)) {
    return violate(fmt::format("{}: A{} voted after it retired it", text(id), first.agent));
  }
  for (const Value value : values) {
    vote ? on_vote(first, id, value) : on_result(first, id, value);
    ++id.ver;
  }
}

void Audit::on_vote(const AuditRecord& record, const InstanceId& id, Value value) {
  ++report_.votes;
  Instance* instance = rings_.find(id);
  if (instance == nullptr) {
    // Forgotten while it was down; from what it retires itself on it is up to date.
    if (outages_[record.agent] == Outage::over) return (void)++report_.votes_too_late;
    return violate(fmt::format("{}: A{} voted after it retired it", text(id), record.agent));
  }
  Candidate* candidate = candidate_for(*instance, id, record.ballot, value);
  if (candidate->votes == 0 && options_.write_ids && !is_write_id(value, id)) {
    return violate(fmt::format("{}: A{} voted in {} for {}, which no client proposed there", text(id), record.agent,
                               text_of(record.ballot), value));
  }
  if (candidate->value != value) {
    return violate(fmt::format("{}: two values in ballot {}: {} and {}", text(id), text_of(record.ballot),
                               candidate->value, value));
  }
  if (!instance->chosen_in.is_none() && record.ballot > instance->chosen_in && value != instance->chosen) {
    return violate(fmt::format("{}: {} was chosen in {}, yet A{} voted for {} in {}", text(id), instance->chosen,
                               text_of(instance->chosen_in), record.agent, value, text_of(record.ballot)));
  }
  if (!candidate->add(record.agent)) return;
  note_time(*candidate, record.at);
  if (candidate->votes == quorum_) choose(*instance, *candidate, id);
  // One that was cast early and came late: the quorum was complete before.
  if (candidate->votes > quorum_) instance->chosen_at = std::min(instance->chosen_at, quorum_time(*candidate));
}

std::uint64_t Audit::retired_below(std::uint32_t key, std::uint32_t acceptor) const {
  return key < retired_.size() && !retired_[key].empty() ? retired_[key][acceptor] : 0;
}

// False when this acceptor's vote in this ballot was known.
bool Audit::Candidate::add(std::uint32_t acceptor) {
  std::uint64_t& half = voters[acceptor >> 6U];
  const std::uint64_t bit = std::uint64_t{1} << (acceptor & 63U);
  if ((half & bit) != 0) return false;
  half |= bit;
  ++votes;
  return true;
}

// Keeps the earliest times, as many as a quorum needs, ascending.
void Audit::note_time(Candidate& candidate, Nanos at) const {
  int i = std::min(candidate.votes, kept_times_) - 1;
  if (candidate.votes > kept_times_ && at >= candidate.times[i]) return;
  for (; i > 0 && candidate.times[i - 1] > at; --i) candidate.times[i] = candidate.times[i - 1];
  candidate.times[i] = at;
}

Audit::Candidate* Audit::candidate_for(Instance& instance, const InstanceId& id, Ballot ballot, Value value) {
  Candidate& top = instance.top;
  if (ballot == top.ballot) [[likely]]
    return &top;
  if (top.ballot.is_none()) [[likely]] {
    top.begin(ballot, value);
    return &top;
  }
  if (!instance.has_older) {
    instance.has_older = true;
    ++report_.many_ballots;
  }
  std::vector<Candidate>& older = older_[id];
  if (ballot > top.ballot) {
    older.push_back(top);
    top.begin(ballot, value);
    return &top;
  }
  const auto found =
      std::find_if(older.begin(), older.end(), [&](const Candidate& candidate) { return candidate.ballot == ballot; });
  if (found != older.end()) return &*found;
  older.emplace_back().begin(ballot, value);
  return &older.back();
}

// A quorum has voted for the candidate.
void Audit::choose(Instance& instance, const Candidate& candidate, const InstanceId& id) {
  const auto disagree = [&](const Candidate& other) {
    violate(fmt::format("{}: {} was chosen in {}, yet {} was voted for in {}", text(id), candidate.value,
                        text_of(candidate.ballot), other.value, text_of(other.ballot)));
  };
  if (instance.top.ballot > candidate.ballot && instance.top.value != candidate.value) return disagree(instance.top);
  if (instance.has_older) {
    for (const Candidate& other : older_[id]) {
      if (other.ballot > candidate.ballot && other.value != candidate.value) return disagree(other);
    }
  }
  if (!instance.chosen_in.is_none()) {
    if (instance.chosen != candidate.value) {
      return violate(fmt::format("{}: two values chosen: {} in {} and {} in {}", text(id), instance.chosen,
                                 text_of(instance.chosen_in), candidate.value, text_of(candidate.ballot)));
    }
    // Chosen again in another ballot: what counts is the first time.
    if (candidate.ballot < instance.chosen_in) instance.chosen_in = candidate.ballot;
    instance.chosen_at = std::min(instance.chosen_at, quorum_time(candidate));
    return;
  }
  instance.chosen_in = candidate.ballot;
  instance.chosen = candidate.value;
  instance.chosen_at = quorum_time(candidate);
  ++report_.chosen_ever;
  const Nanos at = instance.chosen_at;
  if (at < options_.measure_from || at > options_.measure_to) return;
  ++report_.chosen;
  report_.longest_silence = std::max(report_.longest_silence, at - std::max(last_chosen_at_, options_.measure_from));
  last_chosen_at_ = std::max(last_chosen_at_, at);
}

Nanos Audit::quorum_time(const Candidate& candidate) const {
  return candidate.times[kept_times_ - 1];
}

void Audit::on_result(const AuditRecord& record, const InstanceId& id, Value value) {
  Instance* instance = rings_.find(id);
  if (instance == nullptr) {
    ++report_.results_too_late;
    return;
  }
  if (instance->results > 0 && instance->result != value) {
    return violate(
        fmt::format("{}: P{} learned {}, another proposer {}", text(id), record.agent, value, instance->result));
  }
  instance->result = value;
  ++instance->results;
  ++report_.results;
  instance->began = std::min(instance->began, record.began);
  instance->first_learned = std::min(instance->first_learned, record.at);
  instance->last_learned = std::max(instance->last_learned, record.at);
}

void Audit::on_acceptor(const AuditRecord& record) {
  if (record.kind == AuditRecord::Kind::retired) return on_retired(record);
  outages_[record.agent] = record.kind == AuditRecord::Kind::crashed ? Outage::now : Outage::over;
}

void Audit::on_retired(const AuditRecord& record) {
  const std::uint32_t key = record.instance.key;
  if (key >= retired_.size()) retired_.resize(std::size_t{key} + 1);
  std::vector<std::uint64_t>& by_acceptor = retired_[key];
  if (by_acceptor.empty()) by_acceptor.resize(static_cast<std::size_t>(options_.quorums.acceptors()));
  by_acceptor[record.agent] = std::max(by_acceptor[record.agent], record.instance.ver);
  std::uint64_t everywhere = by_acceptor[record.agent];
  for (std::size_t acceptor = 0; acceptor < by_acceptor.size(); ++acceptor) {
    if (outages_[acceptor] != Outage::now) everywhere = std::min(everywhere, by_acceptor[acceptor]);
  }
  if (everywhere <= options_.lag || everywhere - options_.lag <= rings_.first(key)) return;
  rings_.retire(key, everywhere - options_.lag, [&](std::uint64_t ver, Instance& instance) {
    // The watermark is checked: what acceptors forget must have been chosen.
    if (instance.chosen_in.is_none()) violate(fmt::format("{}: retired, but never chosen", text(InstanceId{ver, key})));
    close({ver, key}, instance);
  });
}

void Audit::close(const InstanceId& id, Instance& instance) {
  if (instance.has_older) older_.erase(id);
  const bool chosen = !instance.chosen_in.is_none();
  if (instance.results > 0 && (!chosen || instance.result != instance.chosen)) {
    return violate(fmt::format("{}: a proposer learned {}, but {}", text(id), instance.result,
                               chosen ? fmt::format("{} was chosen", instance.chosen) : "nothing was chosen"));
  }
  if (!chosen || instance.results == 0) return;
  if (instance.began < options_.measure_from || instance.chosen_at > options_.measure_to) return;
  const Nanos to_chosen = std::max<Nanos>(instance.chosen_at - instance.began, 0);
  report_.to_chosen.record(to_chosen);
  report_.to_first_learner.record(std::max<Nanos>(instance.first_learned - instance.began, 0));
  report_.to_every_learner.record(std::max<Nanos>(instance.last_learned - instance.began, 0));
  const Nanos stuck = to_chosen - (options_.round_trip + options_.round_trip / 2);
  if (stuck <= 0) return;
  report_.livelock += stuck;
  report_.livelock_longest = std::max(report_.livelock_longest, stuck);
}

void Audit::finish(Nanos ended) {
  rings_.for_each([&](const InstanceId& id, Instance& instance) { close(id, instance); });
  ended = std::min(ended, options_.measure_to);
  if (ended != INT64_MAX) {
    report_.longest_silence =
        std::max(report_.longest_silence, ended - std::max(last_chosen_at_, options_.measure_from));
  }
}

void Audit::violate(std::string what) {
  if (violation_.empty()) violation_ = std::move(what);
}

}  // namespace paxoscope

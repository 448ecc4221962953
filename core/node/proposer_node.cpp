#include "core/node/proposer_node.h"

#include <algorithm>

namespace paxoscope {

namespace {
constexpr std::uint32_t kPreemptorsMax = 256;  // a row of the who-preempted-whom matrix is kept up to this size
}  // namespace

ProposerNode::ProposerNode(const ProposerNodeOptions& options, const Backoff& strategy, const Workload& workload,
                           const KeyPicker& picker)
    : slots_(options.window),
      neighbours_(options.window),
      options_(options),
      may_wait_first_(strategy.may_wait_first()),
      context_{.self = options.id,
               .rank = options.rank,
               .proposers = options.proposers,
               .round_trip = options.round_trip,
               .beaten_by = {}},
      workload_(workload),
      picker_(&picker) {
  free_.reserve(options.window);
  for (Slot& slot : slots_) slot.backoff = strategy.fresh();
  if (options.proposers <= kPreemptorsMax) counters_.preempted_by.resize(options.proposers);
  clear_slots();
  start(options.seed);
}

// What the seed decides, and where a run begins.
void ProposerNode::start(std::uint64_t seed) {
  arrivals_ = Random::for_stream(seed, (std::uint64_t{1} << 32) + options_.id);
  random_ = Random::for_stream(seed, options_.id);
  const bool open_loop = workload_.arrivals_per_second > 0;
  next_arrival_ = open_loop ? exponential_gap(arrivals_, workload_.arrivals_per_second) : 0;
  first_n_ = options_.first_n;
}

void ProposerNode::reset(std::uint64_t seed, const ClockError& clock) {
  options_.seed = seed;
  options_.clock = clock;
  clear_slots();
  keys_.clear();
  counters_.clear();
  next_deadline_ = kNever;
  begun_ = highest_n_ = 0;
  start(seed);
}

// All free, and their strategies without a memory.
void ProposerNode::clear_slots() {
  free_.clear();
  for (std::uint32_t i = options_.window; i-- > 0;) {
    std::unique_ptr<Backoff> backoff = std::move(slots_[i].backoff);
    backoff->forget();
    slots_[i] = Slot();
    slots_[i].backoff = std::move(backoff);
    free_.push_back(i);
  }
  busy_ = backing_off_ = scan_ = 0;
}

std::optional<Retry> ProposerNode::lose(Slot& slot, Nanos now) {
  const Ballot beaten_by = slot.proposer.beaten_by();
  if (beaten_by.is_none()) {
    ++counters_.timeouts;
  } else {
    ++(slot.proposer.phase() == Phase::prepare ? counters_.preempted_prepare : counters_.preempted_accept);
    const std::uint32_t rank = beaten_by.proposer() - 1;
    if (rank < counters_.preempted_by.size()) ++counters_.preempted_by[rank];
  }
  if (slot.rounds >= options_.rounds_max) return std::nullopt;
  const Retry retry = slot.backoff->on_preempted(context(slot, now), random_);
  slot.skip = retry.ballot_skip;
  ++counters_.waits;
  counters_.yields += retry.yields;
  enter_wait(slot, Slot::Activity::backing_off, retry.wait, now);
  return retry;
}

Action ProposerNode::wake(Slot& slot, Nanos now) {
  if (!slot.in_wait()) return slot.proposer.on_timeout();
  const bool starting = slot.activity == Slot::Activity::starting;
  counters_.wait_asked += slot.wait;
  counters_.wait_actual += now - slot.since;
  if (starting) return Action::broadcast;
  ++slot.rounds;
  ++counters_.ballots;
  slot.round_requests = 0;
  const Action action = slot.proposer.retry(slot.skip);
  highest_n_ = std::max(highest_n_, slot.proposer.ballot().n());
  return action;
}

void ProposerNode::hear(const Reply& announcement) {
  Key& key = key_at(announcement.instance.key);
  if (announcement.instance.ver != key.next) return;
  ++key.next;
  key.read_n = 0;
  ++counters_.told;
}

ProposerNode::Slot* ProposerNode::working_on(const InstanceId& instance) {
  if (instance.key >= keys_.size()) return nullptr;
  for (std::uint32_t i = keys_[instance.key].first; i != kNone; i = neighbours_[i].after) {
    if (slots_[i].proposer.instance().ver == instance.ver) return &slots_[i];
    if (slots_[i].proposer.instance().ver > instance.ver) break;
  }
  return nullptr;
}

ProposerNode::Slot* ProposerNode::due(Nanos now) {
  if (now < next_deadline_) return nullptr;
  while (scan_ < slots_.size()) {
    Slot& slot = slots_[scan_++];
    if (slot.deadline <= now) return &slot;
  }
  scan_ = 0;
  next_deadline_ = kNever;
  for (const Slot& slot : slots_) next_deadline_ = std::min(next_deadline_, slot.deadline);
  const bool expects_arrival = workload_.arrivals_per_second > 0 && !free_.empty() && !exhausted_operations();
  if (expects_arrival) next_deadline_ = std::min(next_deadline_, next_arrival_);
  return nullptr;
}

void ProposerNode::enter_wait(Slot& slot, Slot::Activity activity, Nanos wait, Nanos now) {
  leave(slot, now);
  slot.activity = activity;
  slot.since = now;
  slot.wait = wait;
  ++backing_off_;
  set_deadline(slot, now + wait);
}

void ProposerNode::restart(Nanos now, bool durable) {
  settle(now);
  for (Key& key : keys_) {
    const std::uint64_t next = durable ? decided_below(key) : 0;
    key = {.next = next};
  }
  begun_ -= busy_;
  clear_slots();
  next_deadline_ = now;
  if (!durable) highest_n_ = 0;
  first_n_ = highest_n_ + 1;
}

void ProposerNode::settle(Nanos now) {
  for (Slot& slot : slots_) {
    if (slot.activity != Slot::Activity::free) charge(slot, now);
  }
}

void ProposerCounters::clear() {
  std::vector<std::uint32_t> row = std::move(preempted_by);
  std::fill(row.begin(), row.end(), 0);
  *this = {};
  preempted_by = std::move(row);
}

ProposerCounters& operator-=(ProposerCounters& later, const ProposerCounters& earlier) {
  for (auto field :
       {&ProposerCounters::ballots, &ProposerCounters::prepares, &ProposerCounters::accepts,
        &ProposerCounters::useful_requests, &ProposerCounters::replies_used, &ProposerCounters::replies_ignored,
        &ProposerCounters::preempted_prepare, &ProposerCounters::preempted_accept, &ProposerCounters::timeouts,
        &ProposerCounters::won, &ProposerCounters::learned, &ProposerCounters::read, &ProposerCounters::empty,
        &ProposerCounters::adopted, &ProposerCounters::told, &ProposerCounters::skipped, &ProposerCounters::gave_up,
        &ProposerCounters::waits, &ProposerCounters::yields}) {
    later.*field -= earlier.*field;
  }
  for (auto field : {&ProposerCounters::wait_asked, &ProposerCounters::wait_actual, &ProposerCounters::waiting,
                     &ProposerCounters::backing_off}) {
    later.*field -= earlier.*field;
  }
  for (std::size_t i = 0; i < earlier.preempted_by.size(); ++i) {
    later.preempted_by[i] -= earlier.preempted_by[i];
  }
  return later;
}

}  // namespace paxoscope

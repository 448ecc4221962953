#include "core/node/proposer_node.h"

#include <algorithm>

#include "core/node/write_id.h"

namespace paxoscope {

namespace {
constexpr std::uint32_t kPreemptorsMax = 256;  // a row of the who-preempted-whom matrix is kept up to this size

void count(const ProposerNode::Slot& slot, const Outcome& outcome, ProposerCounters& counters) {
  switch (outcome.kind) {
    case Outcome::Kind::decided:
      ++(outcome.read ? counters.read : outcome.won ? counters.won : counters.learned);
      counters.adopted += static_cast<std::uint64_t>(outcome.adopted);
      counters.useful_requests += slot.round_requests;
      break;
    case Outcome::Kind::empty:
      ++counters.empty;
      counters.useful_requests += slot.round_requests;
      break;
    case Outcome::Kind::retired: ++counters.skipped; break;
    case Outcome::Kind::gave_up: ++counters.gave_up; break;
  }
}
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

// What a strategy is told. Valid until the next call.
const RetryContext& ProposerNode::context(const Slot& slot, Nanos now) {
  context_.now = options_.clock.read(now);
  context_.beaten_by = slot.proposer.beaten_by();
  context_.elapsed = now - slot.began;
  return context_;
}

ProposerNode::Slot* ProposerNode::begin(Nanos now) {
  if (free_.empty() || exhausted_operations()) return nullptr;
  Nanos intended = now;
  if (workload_.arrivals_per_second > 0) {
    if (now < next_arrival_) {
      next_deadline_ = std::min(next_deadline_, next_arrival_);
      return nullptr;
    }
    intended = next_arrival_;
    next_arrival_ += exponential_gap(arrivals_, workload_.arrivals_per_second);
  }
  const std::uint32_t number = picker_->pick(arrivals_, options_.rank);
  Key& key = key_at(number);
  Slot& slot = slots_[free_.back()];
  free_.pop_back();

  // A read goes to the latest version this proposer knows to be decided, if it is not busy there itself.
  slot.read = workload_.read_share > 0 && arrivals_.unit() < workload_.read_share && key.next > 0 &&
              key.first == kNone && key.read_n < Ballot::kMaxN;
  const InstanceId instance{slot.read ? key.next - 1 : key.next, number};
  std::uint64_t n = first_n_;
  if (slot.read) {
    n = std::max(n, key.read_n + 1);
  } else {
    ++key.next;
    key.read_n = 0;
  }
  const auto own = slot.read ? std::nullopt : std::optional(write_id(instance, options_.id));
  highest_n_ = std::max(highest_n_, n);
  slot.proposer.propose(instance, own, Ballot(n, options_.id), static_cast<std::uint16_t>(index_of(slot)));
  slot.intended = intended;
  slot.began = slot.charged = now;
  slot.rounds = 1;
  slot.round_requests = 0;
  slot.activity = Slot::Activity::in_round;
  link(key, slot);
  ++begun_;
  ++busy_;
  ++counters_.ballots;

  if (may_wait_first_) [[unlikely]] {
    const Retry first = slot.backoff->before_first(context(slot, now), random_);
    if (first.wait > 0) enter_wait(slot, Slot::Activity::starting, first.wait, now);
  }
  return &slot;
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

Outcome ProposerNode::finish(Slot& slot, Outcome::Kind kind, Nanos now) {
  const Proposer& proposer = slot.proposer;
  const bool decided = kind == Outcome::Kind::decided;
  const Outcome outcome{.kind = kind,
                        .won = decided && proposer.won(),
                        .read = slot.read,
                        .adopted = decided && proposer.adopted(),
                        .instance = proposer.instance(),
                        .ballot = proposer.ballot(),
                        .value = decided ? proposer.value() : 0,
                        .intended = slot.intended,
                        .began = slot.began,
                        .ended = now,
                        .rounds = slot.rounds};
  count(slot, outcome, counters_);
  // Who is told, or finds the instance retired, while it waits ends that wait here.
  leave(slot, now);
  slot.backoff->on_decided(context(slot, now), outcome.won);

  Key& key = keys_[outcome.instance.key];
  unlink(key, slot);
  if (kind == Outcome::Kind::gave_up && !slot.read) key.given_up = std::min(key.given_up, outcome.instance.ver);
  // Somebody else saw it through after all.
  if (kind == Outcome::Kind::retired && proposer.resume_at() > key.given_up) key.given_up = ~std::uint64_t{0};
  if (kind == Outcome::Kind::retired && proposer.resume_at() > key.next) {
    counters_.skipped += proposer.resume_at() - key.next;
    key.next = proposer.resume_at();
    key.read_n = 0;
  } else if (outcome.instance.ver + 1 == key.next) {
    key.read_n = proposer.ballot().n();
  }
  slot.activity = Slot::Activity::free;
  slot.deadline = kNever;
  free_.push_back(index_of(slot));
  --busy_;
  return outcome;
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

void ProposerNode::link(Key& key, Slot& slot) {
  const std::uint32_t index = index_of(slot);
  neighbours_[index] = {.before = key.last, .after = kNone};
  (key.last == kNone ? key.first : neighbours_[key.last].after) = index;
  key.last = index;
}

void ProposerNode::unlink(Key& key, Slot& slot) {
  const auto [before, after] = neighbours_[index_of(slot)];
  (before == kNone ? key.first : neighbours_[before].after) = after;
  (after == kNone ? key.last : neighbours_[after].before) = before;
}

void ProposerNode::enter_wait(Slot& slot, Slot::Activity activity, Nanos wait, Nanos now) {
  leave(slot, now);
  slot.activity = activity;
  slot.since = now;
  slot.wait = wait;
  ++backing_off_;
  set_deadline(slot, now + wait);
}

// The slot's activity ends now: its time goes into the budget.
void ProposerNode::leave(Slot& slot, Nanos now) {
  charge(slot, now);
  if (slot.in_wait()) --backing_off_;
}

void ProposerNode::charge(Slot& slot, Nanos now) {
  (slot.in_wait() ? counters_.backing_off : counters_.waiting) += now - slot.charged;
  slot.charged = now;
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

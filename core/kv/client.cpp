#include "core/kv/client.h"

#include <algorithm>
#include <utility>

namespace paxoscope::kv {

namespace {

constexpr std::string_view kClaims = "~clients";  // the instance of an id is the version of that number
constexpr Nanos kClaimTimeout = kSecond;

bool claim(Link& link, const Quorums& quorums, ProposerId id, Nanos deadline) {
  const InstanceId instance{id, link.number_of(kClaims)};
  link.broadcast({.instance = instance, .ballot = Ballot(1, id)}, kClaimTimeout);
  deadline = std::min(deadline, link.now() + kClaimTimeout);
  Tally tally;
  const auto verdict = [&] { return tally.verdict(quorums, Phase::prepare, GiveUp::majority_out_of_reach); };
  while (verdict() == Verdict::pending && link.now() < deadline) {
    const std::optional<Reply> reply = link.receive(deadline - link.now());
    if (!reply || reply->instance != instance) continue;
    tally.add(reply->acceptor, reply->kind == ReplyKind::state && reply->last_bal.is_none());
  }
  return verdict() == Verdict::won;
}

}  // namespace

std::optional<ProposerId> claim_id(Link& link, int acceptors, Random random, Nanos deadline) {
  const Quorums quorums = Quorums::majority(acceptors);
  while (link.now() < deadline) {
    const auto id = static_cast<ProposerId>(kFirstClaimed + random.below(Ballot::kMaxProposer - kFirstClaimed + 1));
    if (claim(link, quorums, id, deadline)) return id;
  }
  return std::nullopt;
}

Client::Client(Link& link, const Backoff& strategy, const ClientOptions& options)
    : link_(link), options_(options), random_(options.seed), slots_(options.window), highest_n_(options.first_n - 1) {
  for (Slot& slot : slots_) slot.backoff = strategy.fresh();
}

std::vector<Fate> Client::settle(std::span<const Wish> wishes, Nanos deadline) {
  fates_.assign(wishes.size(), Fate{});
  settled_ = 0;
  now_ = link_.now();
  std::size_t next = 0;
  while (settled_ < wishes.size() && now_ < deadline) {
    for (Slot& slot : slots_) {
      if (next == wishes.size()) break;
      if (slot.busy) continue;
      begin(slot, wishes[next], next);
      ++next;
    }
    wait_for_something(deadline);
  }
  for (Slot& slot : slots_) slot.busy = false;  // what is not settled stays late
  return std::exchange(fates_, {});
}

void Client::begin(Slot& slot, const Wish& wish, std::size_t number) {
  if (highest_n_ >= Ballot::kMaxN) {
    slot.wish = number;
    return end(slot, Fate::Kind::spent);
  }
  slot.wish = number;
  slot.busy = true;
  slot.waiting = false;
  slot.rounds = 1;
  slot.began = now_;
  const auto place = static_cast<std::uint16_t>(&slot - slots_.data());
  perform(slot, slot.proposer.propose(wish.instance, wish.own, Ballot(++highest_n_, options_.id), place));
}

// Replies, then whatever is due. Returns soon after the first.
void Client::wait_for_something(Nanos deadline) {
  Nanos until = deadline;
  for (const Slot& slot : slots_) {
    if (slot.busy) until = std::min(until, slot.until);
  }
  std::optional<Reply> reply = link_.receive(std::max<Nanos>(until - now_, 0));
  now_ = link_.now();
  for (; reply; reply = link_.receive(0)) {
    if (reply->slot >= slots_.size()) continue;
    Slot& slot = slots_[reply->slot];
    if (slot.busy) perform(slot, slot.proposer.on_reply(options_.rules, *reply));
  }
  for (Slot& slot : slots_) {
    if (!slot.busy || slot.until > now_) continue;
    if (slot.waiting) {
      slot.waiting = false;
      ++slot.rounds;
      perform(slot, slot.proposer.retry(slot.skip));
    } else {
      perform(slot, slot.proposer.on_timeout());
    }
  }
}

void Client::perform(Slot& slot, Action action) {
  switch (action) {
    case Action::none:
    case Action::ignored: return;
    case Action::broadcast:
      highest_n_ = std::max(highest_n_, slot.proposer.ballot().n());
      slot.waiting = false;
      slot.until = now_ + options_.timeout;
      return link_.broadcast(slot.proposer.request(), options_.timeout);
    case Action::back_off: return back_off(slot);
    case Action::decided: return end(slot, Fate::Kind::decided);
    case Action::empty: return end(slot, Fate::Kind::empty);
    case Action::retired: return end(slot, Fate::Kind::retired);
    case Action::exhausted: return end(slot, Fate::Kind::spent);
  }
}

void Client::back_off(Slot& slot) {
  if (slot.rounds >= options_.rounds_max) return end(slot, Fate::Kind::spent);
  const Retry retry = slot.backoff->on_preempted(context(slot), random_);
  slot.skip = retry.ballot_skip;
  slot.waiting = true;
  slot.until = now_ + retry.wait;
}

void Client::end(Slot& slot, Fate::Kind kind) {
  const bool decided = kind == Fate::Kind::decided;
  fates_[slot.wish] = {kind, decided && slot.proposer.won(), decided ? slot.proposer.value() : 0};
  slot.busy = false;
  slot.backoff->on_decided(context(slot), decided && slot.proposer.won());
  ++settled_;
}

RetryContext Client::context(const Slot& slot) const {
  return {.self = options_.id,
          .now = now_,
          .round_trip = options_.round_trip,
          .beaten_by = slot.proposer.beaten_by(),
          .elapsed = now_ - slot.began};
}

}  // namespace paxoscope::kv

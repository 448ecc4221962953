// Part of simulator.h: from a node to the event queue, and what may happen to a message there.
#pragma once

#include "core/node/message_event.h"
#include "core/simulation/simulator.h"

namespace paxoscope {

namespace simulator_detail {
inline constexpr std::uint64_t kPerReceiver = 0xd1342543de82ef95U;
inline constexpr std::uint64_t kOfReplies = 0x2545f4914f6cdd1dU;
}  // namespace simulator_detail

template <class Sink>
void Simulator<Sink>::broadcast(std::uint32_t rank, const Request& request) {
  const std::uint32_t index = broadcasts_.take();
  Broadcast& broadcast = broadcasts_[index];
  broadcast.request = request;
  broadcast.draws = Random::mix(draws_ ^ (std::uint64_t{rank} << 40 | proposers_[rank].broadcasts++));
  broadcast.pending = acceptor_count_ + 1;  // one for this function
  const std::uint64_t draws = broadcast.draws;
  const std::uint32_t region = proposer_region_[rank];
  for (std::uint32_t id = 0; id < acceptor_count_; ++id) {
    send(proposer_number(rank), acceptor_number(id), draws + id * simulator_detail::kPerReceiver,
         options_.network.between(region, acceptor_region_[id]), Due::of(Due::Kind::request, id, index));
  }
  release(index);
}

template <class Sink>
void Simulator<Sink>::announce(std::uint32_t rank, const Reply& reply) {
  const std::uint64_t draws = Random::mix(draws_ ^ (std::uint64_t{rank} << 40 | proposers_[rank].broadcasts++));
  for (std::uint32_t to = 0; to < proposers_.size(); ++to) {
    if (to == rank) continue;
    const std::uint32_t index = replies_.take();
    replies_[index] = reply;
    if (options_.network.processing > 0) reply_queued_.resize(std::max<std::size_t>(reply_queued_.size(), index + 1));
    send(proposer_number(rank), proposer_number(to), draws + to * simulator_detail::kPerReceiver,
         options_.network.between(proposer_region_[rank], proposer_region_[to]), Due::of(Due::Kind::reply, to, index));
  }
}

template <class Sink>
MessageCounts& Simulator<Sink>::counts(const Due& due) {
  MessageType type = MessageType::announcement;
  if (due.kind() == Due::Kind::request) {
    type = broadcasts_[due.index].request.phase == Phase::prepare ? MessageType::prepare : MessageType::accept;
  } else if (replies_[due.index].kind != ReplyKind::decided) {
    type = replies_[due.index].phase == Phase::prepare ? MessageType::promise : MessageType::vote;
  }
  return result_.messages[static_cast<std::size_t>(type)];
}

template <class Sink>
void Simulator<Sink>::send(std::uint32_t from, std::uint32_t to, std::uint64_t draws, const Latency& latency, Due due) {
  ++counts(due).sent;
  if (weather_.stormy()) [[unlikely]]
    return send_in_storm(from, to, draws, latency, due);
  queue_.push(now_ + (latency.is_constant() ? latency.sample(0) : latency.sample(Random(draws).unit())), due);
}

template <class Sink>
void Simulator<Sink>::send_in_storm(std::uint32_t from, std::uint32_t to, std::uint64_t draws, const Latency& latency,
                                    Due due) {
  if (weather_.blocked(from, to)) return lose(due, &MessageCounts::cut_off);
  // The first draw is the latency here and in fair weather.
  Random random(draws);
  const Weather::Rates& rates = weather_.rates();
  Nanos delay = latency.sample(random.unit());
  const bool lost = random.unit() < rates.loss;
  const bool doubled = random.unit() < rates.duplication;
  const bool held_back = random.unit() < rates.reordering;
  if (lost) return lose(due, &MessageCounts::lost);
  if (held_back) {
    ++result_.faults.reordered;
    delay += static_cast<Nanos>(random.below(static_cast<std::uint64_t>(rates.delay) + 1));
  }
  if (doubled) {
    ++counts(due).duplicated;
    if constexpr (kTracing) record_message(EventKind::duplicated, due);
    Due copy = due;
    if (due.kind() == Due::Kind::request) {
      ++broadcasts_[due.index].pending;
    } else {
      const std::uint32_t index = replies_.take();
      replies_[index] = replies_[due.index];
      if (options_.network.processing > 0) {
        reply_queued_.resize(std::max<std::size_t>(reply_queued_.size(), index + 1));
        reply_queued_[index] = reply_queued_[due.index];
      }
      copy.index = index;
    }
    queue_.push(now_ + latency.sample(random.unit()), copy);
  }
  queue_.push(now_ + delay, due);
}

// The message arrives nowhere; `why` is the counter for it.
template <class Sink>
void Simulator<Sink>::lose(Due due, std::uint64_t MessageCounts::*why) {
  ++(counts(due).*why);
  if constexpr (kTracing) record_message(EventKind::dropped, due);
  if (due.kind() == Due::Kind::request) return release(due.index);
  replies_.give_back(due.index);
}

// By its sender.
template <class Sink>
void Simulator<Sink>::record_message(EventKind kind, Due due) {
  const Event event = due.kind() == Due::Kind::request
                          ? event_of_message(kind, broadcasts_[due.index].request, due.target())
                          : event_of_message(kind, replies_[due.index], due.target() + 1);
  record(event, event.agent_kind, event.agent);
}

}  // namespace paxoscope

// A play by chance: messages delivered in any order, lost and duplicated, agents crashed and restarted, all from one
// seed. The same seed and options give the same events.
#pragma once

#include <algorithm>
#include <vector>

#include "core/check/play.h"
#include "core/random.h"

namespace paxoscope {

struct RandomPlayOptions {
  int acceptors = 3;
  int proposers = 3;
  int readers = 0;      // how many of the last proposers only read
  int rounds = 3;       // ballots that each proposer may use
  int steps_max = 200;  // then the play ends, whatever is still in flight
  ProposerRules rules = {};
  // Of a thousand steps, about how many are of this kind; the rest deliver a message.
  std::uint32_t drops = 30, duplicates = 30, time_outs = 40, acceptor_crashes = 10, proposer_crashes = 5, misroutes = 0;
};

template <class Model>
class RandomPlay {
 public:
  RandomPlay(const RandomPlayOptions& options, std::uint64_t seed)
      : options_(options),
        random_(seed),
        play_(options.acceptors, options.proposers, options.rules, options.readers),
        rounds_(static_cast<std::size_t>(options.proposers)) {}

  // The played play: its events, and the agents as they are at the end.
  Play<Model>& run() {
    for (int step = 0; step < options_.steps_max && take_step(); ++step) {
    }
    return play_;
  }

 private:
  struct Message {
    bool is_reply = false;
    int acceptor = 0;
    int proposer = 0;
    Request request;
    Reply reply;
  };
  using State = typename Model::Proposer::State;

  // False when nothing more can happen.
  bool take_step() {
    const std::uint64_t draw = random_.below(1000);
    const int p = static_cast<int>(random_.below(rounds_.size()));
    int& rounds = rounds_[static_cast<std::size_t>(p)];
    std::uint64_t below = options_.time_outs;
    if (rounds == 0) {
      if (draw < 300) {
        ++rounds;
        send(p, play_.propose(p));
        return true;
      }
    } else if (draw < below) {
      play_.time_out(p);
      return true;
    } else if (draw < (below += options_.proposer_crashes)) {
      if (rounds < options_.rounds) {
        ++rounds;
        send(p, play_.crash_proposer(p));
      }
      return true;
    } else if (play_.proposer(p).state() == State::backing_off && rounds < options_.rounds && draw < 500) {
      ++rounds;
      send(p, play_.retry(p));
      return true;
    }
    if (draw >= 1000 - options_.acceptor_crashes) {
      play_.crash_acceptor(static_cast<int>(random_.below(static_cast<std::uint64_t>(options_.acceptors))));
      return true;
    }
    if (bag_.empty()) return std::count(rounds_.begin(), rounds_.end(), options_.rounds) != options_.proposers;
    deliver_one();
    return true;
  }

  void deliver_one() {
    const auto at = random_.below(bag_.size());
    Message message = bag_[at];
    const std::uint64_t fate = random_.below(1000);
    if (fate < options_.duplicates) {
      note(EventKind::duplicated, message);
    } else {
      bag_[at] = bag_.back();
      bag_.pop_back();
    }
    if (fate >= options_.duplicates && fate < options_.duplicates + options_.drops) {
      note(EventKind::dropped, message);
    } else if (message.is_reply) {
      if (random_.below(1000) < options_.misroutes) {
        message.proposer = static_cast<int>(random_.below(rounds_.size()));
      }
      // A proposer that has not begun has nothing to deliver to.
      const int p = message.proposer;
      if (rounds_[static_cast<std::size_t>(p)] > 0) send(p, play_.deliver(p, message.reply));
    } else {
      const Reply reply = play_.deliver(message.acceptor, message.request);
      bag_.push_back({true, message.acceptor, message.proposer, {}, reply});
    }
  }

  // p: who broadcasts, and so who gets the replies, whatever the ballot says.
  void send(int p, const std::optional<Request>& request) {
    if (!request) return;
    for (int a = 0; a < options_.acceptors; ++a) bag_.push_back({false, a, p, *request, {}});
  }

  void note(EventKind kind, const Message& message) {
    const auto acceptor = static_cast<std::uint32_t>(message.acceptor);
    const std::uint32_t proposer = play_id(message.proposer);
    const bool is_reply = message.is_reply;
    play_.record({.instance = kPlayInstance,
                  .ballot = is_reply ? message.reply.ballot : message.request.ballot,
                  .value = is_reply ? message.reply.value : message.request.value,
                  .agent = is_reply ? proposer : acceptor,
                  .peer = is_reply ? acceptor : proposer,
                  .round = is_reply ? message.reply.round : message.request.round,
                  .kind = kind,
                  .agent_kind = is_reply ? AgentKind::proposer : AgentKind::acceptor,
                  .phase = is_reply ? message.reply.phase : message.request.phase});
  }

  RandomPlayOptions options_;
  Random random_;
  Play<Model> play_;
  std::vector<int> rounds_;  // used by each proposer
  std::vector<Message> bag_;
};

}  // namespace paxoscope

// One instance's story: its events in order, the messages between them, and what everything looked like at any time.
//
// A snapshot of a history: make it anew when the history has grown. Making it takes time linear in the instance's
// events; at() takes some microseconds, however long the story is.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "viz/model/moment.h"
#include "viz/model/take.h"

namespace paxoscope::viz {

// What a proposer was at for a while. One after the other; what took no time is none.
struct Stretch {
  enum class Kind : std::uint8_t { waiting_to_start, preparing, accepting, backing_off };
  Kind kind = Kind::preparing;
  Why why = Why::none;  // of a wait
  Nanos from = 0, to = 0;
  Ballot ballot = {};         // of the round; backing off: the one that was lost
  std::uint32_t attempt = 0;  // ballots so far, this one included
  std::uint32_t begins = 0;   // the event, by place in Decree::events()
};
inline constexpr Nanos kEndless = std::numeric_limits<Nanos>::max();  // the end of what still goes on

class Decree {
 public:
  // `take` must outlive it.
  Decree(const Take& take, const InstanceId& instance);
  ~Decree();
  Decree(Decree&&) noexcept;
  Decree& operator=(Decree&&) noexcept;

  const InstanceId& instance() const { return instance_; }
  std::span<const std::uint32_t> proposers() const { return proposers_; }  // ids, ascending; all of the run
  std::span<const std::uint32_t> acceptors() const { return acceptors_; }
  std::span<const Vote> votes_of(std::size_t acceptor) const { return votes_[acceptor]; }  // by place in acceptors()
  std::span<const Vote> promises_of(std::size_t acceptor) const { return promises_[acceptor]; }
  const Take& take() const { return *take_; }

  // By time; crashes and restarts of the run's agents are among them.
  std::span<const Event> events() const { return events_; }
  std::span<const EventId> ids() const { return ids_; }  // of the same
  // By the events that sent them.
  std::span<const Message> messages() const { return messages_; }
  std::uint32_t events_before(Nanos at) const;  // how many are before or at `at`
  // The places of all messages on their way at some time in [from, to], and perhaps of some others: first and end.
  std::pair<std::uint32_t, std::uint32_t> messages_between(Nanos from, Nanos to) const;
  std::span<const Stretch> stretches_of(std::size_t proposer) const { return stretches_[proposer]; }  // by place

  // Everything shown at a time.
  Moment at(Nanos at) const;

  // The one event that made the value chosen (a vote, by place in events()); kNone: it never was.
  std::uint32_t decisive_vote() const { return decisive_; }
  Ballot chosen_in() const { return chosen_in_; }
  Value chosen() const { return chosen_; }

  // Cause and effects of a message, by their places in messages(): the message whose arrival made the sender send it
  // (kNone: nothing did), and those that its arrival made the receiver send.
  std::uint32_t cause_of(std::uint32_t message) const;
  std::vector<std::uint32_t> effects_of(std::uint32_t message) const;

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

 private:
  struct State;       // what replaying the events changes
  struct OfProposer;  // one proposer's part of it
  struct Progress;    // a step of what the cluster knows
  void collect();
  void find_who_is_asked();
  void link_messages();
  void link_announcement(std::uint32_t event, const std::vector<std::uint32_t>& deciders);
  void finish_messages();
  void follow_votes();
  void follow_proposers();
  void make_keyframes();
  void apply(State& state, std::uint32_t event) const;
  void apply_to_acceptor(State& state, std::size_t place, const Event& event) const;
  void apply_to_proposer(OfProposer& proposer, const Event& event) const;
  void begin_phase(OfProposer& proposer, const Event& sent) const;
  void count_reply(OfProposer& proposer, const Event& used) const;
  void fill_knowledge(Moment& moment, std::uint32_t events) const;
  void fill_flying(Moment& moment) const;
  void fill_safety(Moment& moment) const;
  bool asks(std::uint32_t proposer, std::size_t acceptor) const;  // place in acceptors_

  const Take* take_;
  InstanceId instance_;
  std::vector<Event> events_;
  std::vector<EventId> ids_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> proposers_, acceptors_;  // ids, ascending
  std::vector<std::vector<bool>> asked_;              // by places in both; only where not everybody is asked
  std::vector<std::vector<Vote>> votes_, promises_;   // by place in acceptors_
  std::vector<std::vector<Stretch>> stretches_;       // by place in proposers_
  std::vector<Progress> progress_;
  std::uint32_t stride_ = 1;
  std::vector<State> keyframes_;           // before event 0, stride_, 2 * stride_, ...
  std::vector<Nanos> latest_;              // latest_[i]: the latest arrival among messages 0 .. i
  std::vector<std::uint32_t> unresolved_;  // messages of unknown fate
  std::vector<std::uint32_t> received_;    // by place in events_: the message that arrived there
  std::uint32_t decisive_ = kNone;
  Ballot chosen_in_ = {};
  Value chosen_ = 0;
};

// Which instance to look at when nobody has chosen one: the oldest that somebody who is up still works on at `at`; if
// there is none, the one worked on last.
InstanceId focus_at(const History& history, Nanos at);

}  // namespace paxoscope::viz

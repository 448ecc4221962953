// The local states of the explorer's agents, numbered. Each distinct state of an acceptor or proposer, and each
// distinct message, is kept once; a step is executed once per (state, input) by the model's own code and remembered.
// So a state of the whole world is a few small numbers, and the shipped objects are run, not rewritten.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "core/check/explorer.h"
#include "core/check/huge_pages.h"

namespace paxoscope {

using LocalId = std::uint16_t;
inline constexpr LocalId kNoMessage = 0xffff;
inline constexpr std::size_t kLocalStatesMax = 0xfffe;

// A message without the acceptor that it goes to or comes from: that is the column it lies in.
struct BagMessage {
  bool is_reply = false;
  int owner = 0;  // the proposer it comes from or goes to
  Request request;
  Reply reply;
  Ballot ballot() const { return is_reply ? reply.ballot : request.ballot; }
};

// Steps by key, open addressing; 0 is no key.
class StepMemo {
 public:
  StepMemo() : slots_(1 << 12) {}
  const std::uint64_t* find(std::uint64_t key) const {
    for (std::size_t at = Random::mix(key) & mask_;; at = (at + 1) & mask_) {
      if (slots_[at].first == key) return &slots_[at].second;
      if (slots_[at].first == 0) return nullptr;
    }
  }
  void insert(std::uint64_t key, std::uint64_t step) {
    if (2 * ++size_ > slots_.size()) {
      auto old = std::move(slots_);
      slots_.assign(old.size() * 2, {});
      mask_ = slots_.size() - 1;
      for (const auto& [k, s] : old) {
        if (k != 0) place(k, s);
      }
    }
    place(key, step);
  }

 private:
  void place(std::uint64_t key, std::uint64_t step) {
    std::size_t at = Random::mix(key) & mask_;
    while (slots_[at].first != 0) at = (at + 1) & mask_;
    slots_[at] = {key, step};
  }
  using Slot = std::pair<std::uint64_t, std::uint64_t>;
  std::vector<Slot, HugePageAllocator<Slot>> slots_;
  std::size_t mask_ = slots_.size() - 1;
  std::size_t size_ = 0;
};

// Room for one of every LocalId. It never moves what is in it: callers hold on to what they look at while a step adds
// more. The system gives it memory as it is used.
template <class T>
class LocalList {
 public:
  LocalList() : items_(std::allocator<T>().allocate(kIds)) { static_assert(std::is_trivially_destructible_v<T>); }
  LocalList(const LocalList&) = delete;
  LocalList& operator=(const LocalList&) = delete;
  ~LocalList() { std::allocator<T>().deallocate(items_, kIds); }

  std::size_t size() const { return size_; }
  T& operator[](LocalId id) { return items_[id]; }
  const T& operator[](LocalId id) const { return items_[id]; }
  // Whoever finds no room takes the place of the last: overflowed() says so, and ends the search.
  void push_back(const T& item) {
    size_ = std::min(size_ + 1, kIds);
    std::construct_at(&items_[size_ - 1], item);
  }

 private:
  static constexpr std::size_t kIds = std::size_t{1} << 16;
  T* items_;
  std::size_t size_ = 0;
};

template <class Model>
class LocalStates {
 public:
  using Proposer = typename Model::Proposer;
  using Acceptor = typename Model::Acceptor;

  struct AcceptorInfo {
    Acceptor object;
    AcceptorState state;
    LocalId recovered = 0;
  };
  // What the search asks about a proposer, beside the object itself.
  struct ProposerInfo {
    Proposer object;
    int owner = 0;
    int attempts = 0;           // ballots used
    std::uint64_t known_n = 0;  // the next round's n is above it
    std::uint64_t tally = 0;    // a byte per acceptor, of kGranted and kRefused
    bool open = false;          // in a round
    bool over = false;          // it will never send again
    LocalId parent = 0;         // how it was first reached
    std::uint64_t input = 0;
    bool heard(int acceptor) const { return (tally >> (8 * acceptor) & 0xff) != 0; }
  };
  enum class Input : std::uint8_t { start = 1, reply, time_out, retry, crash };
  struct ProposerStep {
    LocalId proposer;
    LocalId request;    // broadcast, or kNoMessage
    bool counted_only;  // nothing that a message asks of it has changed, but whom it has heard
  };
  struct AcceptorStep {
    LocalId acceptor;
    LocalId reply;
    bool voted;
    bool fell;  // R1 broken
  };

  explicit LocalStates(const ExplorerOptions& options)
      : options_(options),
        rules_(Model::rules(options.rules())),
        reduce_(options.dead_messages && Model::kRepliesDie) {}

  bool reduces() const { return reduce_; }
  bool overflowed() const {
    return std::max({acceptors_.size(), proposers_.size(), messages_.size()}) >= kLocalStatesMax;
  }
  const AcceptorInfo& acceptor(LocalId id) const { return acceptors_[id]; }
  const ProposerInfo& proposer(LocalId id) const { return proposers_[id]; }
  const BagMessage& message(LocalId id) const { return messages_[id]; }

  LocalId acceptor_of(const Acceptor& object) {
    const AcceptorState& s = object.state();
    const auto [at, fresh] = acceptor_ids_.try_emplace({s.last_bal.word(), s.v_bal.word(), s.value},
                                                       static_cast<LocalId>(acceptors_.size()));
    const LocalId id = at->second;
    if (fresh) {
      acceptors_.push_back({object, s, id});
      const LocalId recovered = acceptor_of(Model::recovered(object));
      acceptors_[id].recovered = recovered;
    }
    return id;
  }

  ProposerStep start(int owner) { return step(0, Input::start, static_cast<LocalId>(owner), 0); }

  AcceptorStep deliver_request(LocalId acceptor, LocalId request) {
    const std::uint64_t key = (std::uint64_t{acceptor} << 16 | request) + 1;
    if (const std::uint64_t* known = acceptor_steps_.find(key)) return unpack_acceptor(*known);
    Acceptor object = acceptors_[acceptor].object;
    const AcceptorState before = object.state();
    const BagMessage& m = messages_[request];
    const Reply reply = play_request(object, 0, m.request);
    const AcceptorState& after = object.state();
    const bool voted = m.request.phase == Phase::accept && after.v_bal == m.request.ballot &&
                       after.value == m.request.value && after != before;
    const bool fell = after.last_bal < before.last_bal || after.v_bal < before.v_bal || after.v_bal > after.last_bal;
    const LocalId after_id = acceptor_of(object);
    const LocalId reply_id = message_of({.is_reply = true, .owner = m.owner, .request = {}, .reply = reply});
    const std::uint64_t packed = std::uint64_t{after_id} | std::uint64_t{reply_id} << 16 | std::uint64_t{voted} << 32 |
                                 std::uint64_t{fell} << 33;
    acceptor_steps_.insert(key, packed);
    return unpack_acceptor(packed);
  }

  // message: of a reply; acceptor: whom it comes from.
  ProposerStep step(LocalId from, Input input, LocalId message, int acceptor) {
    const std::uint64_t code = input_code(input, message, acceptor);
    const std::uint64_t key = code << 16 | from;
    if (const std::uint64_t* known = proposer_steps_.find(key)) {
      return {static_cast<LocalId>(*known), static_cast<LocalId>(*known >> 16), (*known >> 32 & 1) != 0};
    }
    const ProposerStep taken = take(from, input, message, acceptor, code);
    proposer_steps_.insert(key, std::uint64_t{taken.proposer} | std::uint64_t{taken.request} << 16 |
                                    std::uint64_t{taken.counted_only} << 32);
    return taken;
  }

  // Of all five acceptors, however many there are: those beyond stay where they are.
  using Permutation = std::array<std::uint8_t, 5>;

  // The same proposer after acceptor i has become acceptor place[i]: its whole history is run again that way.
  LocalId permuted(LocalId id, const Permutation& place) {
    if (const ProposerInfo& info = proposers_[id]; info.tally == 0) {
      if (static_cast<Input>(info.input & 0xf) == Input::start) return id;
    }
    std::vector<LocalId>& known = permuted_[number(place)];
    if (known.size() <= id) known.resize(proposers_.size(), kNoMessage);
    if (known[id] == kNoMessage) {
      const LocalId after = run_again(id, place);
      if (known.size() <= id) known.resize(proposers_.size(), kNoMessage);
      known[id] = after;
    }
    return known[id];
  }

  LocalId message_of(const BagMessage& m) {
    const Ballot ballot = m.ballot();
    const auto [at, fresh] =
        message_ids_.try_emplace({m.is_reply, m.owner, ballot.word(), m.is_reply ? m.reply.round : m.request.round,
                                  m.is_reply ? static_cast<int>(m.reply.phase) : static_cast<int>(m.request.phase),
                                  m.is_reply ? m.reply.value : m.request.value, m.reply.last_bal.word(),
                                  m.reply.v_bal.word(), static_cast<int>(m.reply.kind)},
                                 static_cast<LocalId>(messages_.size()));
    if (fresh) messages_.push_back(m);
    return at->second;
  }

 private:
  static constexpr std::uint64_t kGranted = 1, kRefused = 2;  // in ProposerInfo::tally
  static constexpr std::uint64_t kGrants = kGranted * 0x0101010101010101;

  static std::size_t number(const Permutation& place) {
    std::size_t number = 0;
    for (const std::uint8_t p : place) number = number * place.size() + p;
    return number;
  }

  LocalId run_again(LocalId id, const Permutation& place) {
    const std::uint64_t input = proposers_[id].input;
    const LocalId parent = permuted(proposers_[id].parent, place);
    const int from = place[static_cast<std::size_t>(input >> 4 & 0xf)];
    return step(parent, static_cast<Input>(input & 0xf), static_cast<LocalId>(input >> 8), from).proposer;
  }

  static std::uint64_t input_code(Input input, LocalId message, int acceptor) {
    return static_cast<std::uint64_t>(input) | static_cast<std::uint64_t>(acceptor) << 4 | std::uint64_t{message} << 8;
  }
  static AcceptorStep unpack_acceptor(std::uint64_t packed) {
    return {static_cast<LocalId>(packed), static_cast<LocalId>(packed >> 16), (packed >> 32 & 1) != 0,
            (packed >> 33 & 1) != 0};
  }

  ProposerStep take(LocalId from, Input input, LocalId message, int acceptor, std::uint64_t code) {
    ProposerInfo next;
    if (input != Input::start) next = proposers_[from];
    Proposer& object = next.object;
    Action action = Action::none;
    switch (input) {
      case Input::start: {
        next.owner = message;
        const bool reads = next.owner >= options_.proposers - options_.readers;
        action = object.propose(kPlayInstance, reads ? std::nullopt : std::optional(play_value(next.owner)),
                                Model::first_ballot(play_id(next.owner)));
        next.attempts = 1;
        break;
      }
      case Input::reply: {
        Reply reply = messages_[message].reply;
        reply.acceptor = static_cast<AcceptorId>(acceptor);
        action = object.on_reply(rules_, reply);
        break;
      }
      case Input::time_out: action = object.on_timeout(); break;
      case Input::retry:
        action = object.retry();
        ++next.attempts;
        break;
      case Input::crash: {
        const auto own = object.own();
        const Ballot ballot = Model::ballot_after_crash(object.ballot());
        action = object.propose(kPlayInstance, own ? std::optional(Model::value_after_crash(*own)) : own, ballot);
        ++next.attempts;
        break;
      }
    }
    // Nothing can be gained by waiting: whatever could still arrive could have arrived before the loss.
    if (reduce_ && action == Action::back_off && next.attempts < options_.rounds) {
      action = object.retry();
      ++next.attempts;
    }
    next.parent = from;
    next.input = code;
    LocalId request = kNoMessage;
    if (action == Action::broadcast) {
      request = message_of({.is_reply = false, .owner = next.owner, .request = object.request(), .reply = {}});
    }
    const LocalId after = intern(next);
    return {after, request, input == Input::reply && differ_by_reply(proposers_[from], proposers_[after], acceptor)};
  }

  // What tells whether a message to or from it is dead is the same for both, but for whether they heard that acceptor.
  // (Of states that are taken for one, the first stands for all, with its own refusals: then nothing is sure.)
  static bool differ_by_reply(const ProposerInfo& x, const ProposerInfo& y, int acceptor) {
    const Request &of_x = x.object.request(), &of_y = y.object.request();
    const std::uint64_t others = ~(std::uint64_t{0xff} << (8 * acceptor));
    return x.attempts == y.attempts && x.known_n == y.known_n && x.open == y.open && x.over == y.over &&
           of_x.round == of_y.round && of_x.ballot == of_y.ballot && ((x.tally ^ y.tally) & others) == 0 &&
           (y.tally & others & ~kGrants) == 0;
  }

  LocalId intern(ProposerInfo info) {
    const Proposer& object = info.object;
    info.tally = 0;
    for (int a = 0; a < options_.acceptors; ++a) {
      const auto id = static_cast<AcceptorId>(a);
      const std::uint64_t answer =
          (object.tally().has_granted(id) ? kGranted : 0) | (object.tally().has_refused(id) ? kRefused : 0);
      info.tally |= answer << (8 * a);
    }
    Proposer probe = object;  // it shows what it has seen only by what it would do next
    probe.on_timeout();
    probe.retry();
    info.known_n = probe.ballot().n() - 1;
    info.open = object.round_open();
    info.over = !info.open && !(object.state() == Proposer::State::backing_off && info.attempts < options_.rounds);
    auto& bucket = proposer_ids_[key_of(info)];
    for (const LocalId id : bucket) {
      if ((reduce_ && !counts_votes(object)) || proposers_[id].object == object) return id;
    }
    bucket.push_back(static_cast<LocalId>(proposers_.size()));
    proposers_.push_back(info);
    return bucket.back();
  }

  // How many have reported the highest vote matters too then, and the key does not tell.
  bool counts_votes(const Proposer& object) const {
    return rules_.learning != Learning::own_round && object.state() == Proposer::State::preparing;
  }

  // When reducing, all that can still matter, so that equal keys mean equal states. Dropped: who beat it; refusals,
  // because a round may be lost at any time anyway; the highest ballot seen, when no round follows.
  std::string key_of(const ProposerInfo& info) const {
    const Proposer& object = info.object;
    std::string key;
    const auto add = [&key](auto field) { key.append(reinterpret_cast<const char*>(&field), sizeof field); };
    add(info.owner);
    add(info.attempts);
    add(object.state());
    add(object.value());
    add(Model::memory(object));
    if (reduce_ && info.over) {
      add(object.state() == Proposer::State::decided && object.won());
      if (object.state() != Proposer::State::decided)
        key.resize(sizeof info.owner + sizeof info.attempts + sizeof object.state());
      return key;
    }
    add(object.ballot().word());
    add(object.request().round);
    add(info.tally & kGrants);
    if (!reduce_) return key;
    if (info.attempts < options_.rounds) add(info.known_n);
    if (object.state() == Proposer::State::preparing) add(object.best_vote().word());
    return key;
  }

  ExplorerOptions options_;
  ProposerRules rules_;
  bool reduce_;
  LocalList<AcceptorInfo> acceptors_;
  LocalList<ProposerInfo> proposers_;
  LocalList<BagMessage> messages_;
  std::map<std::tuple<std::uint64_t, std::uint64_t, Value>, LocalId> acceptor_ids_;
  std::unordered_map<std::string, std::vector<LocalId>> proposer_ids_;
  std::map<std::tuple<bool, int, std::uint64_t, std::uint32_t, int, Value, std::uint64_t, std::uint64_t, int>, LocalId>
      message_ids_;
  StepMemo acceptor_steps_, proposer_steps_;
  std::array<std::vector<LocalId>, 5 * 5 * 5 * 5 * 5> permuted_;  // by number()
};

}  // namespace paxoscope

// The world that the explorer searches: its steps, what they break, and the one form of all states that differ only in
// what cannot matter. See search.h for what a system provides.
#pragma once

#include <bit>
#include <cstring>
#include <functional>

#include "core/check/world_state.h"

namespace paxoscope {

template <class Model>
class PaxosSystem {
 public:
  using Locals = LocalStates<Model>;
  using Input = typename Locals::Input;

  explicit PaxosSystem(const ExplorerOptions& options)
      : options_(options), locals_(options), quorum_(locals_rules(options).quorums.size(Phase::accept)) {}

  std::string initial() {
    WorldState state = start();
    return std::string(canonical(state));
  }

  WorldState start() {
    WorldState state;
    const LocalId fresh = locals_.acceptor_of(typename Model::Acceptor());
    for (auto& column : state.column) column.acceptor = fresh;
    for (int p = 0; p < options_.proposers; ++p) {
      const auto step = locals_.start(p);
      state.proposer[index(p)] = step.proposer;
      broadcast(state, step.request);
    }
    return state;
  }

  template <class Emit>
  void successors(std::string_view bytes, Emit emit) {
    moves(read(bytes), [this, &emit](const Move&, WorldState& next, const Touched& by) { emit(canonical(next, by)); });
  }

  static constexpr int kAny = -1;
  // What a step changed, as far as it can make messages dead: an acceptor, a proposer, or a proposer only for one
  // acceptor's messages. By default anything may be.
  struct Touched {
    int acceptor = kAny;  // whose column it is about
    int proposer = kAny;  // whose messages
  };

  // Every step from a state: visit(move, next, touched), which may change `next`. Of steps that lead to the same
  // canonical state because their acceptors could change places, one.
  template <class Visit>
  void moves(const WorldState& state, Visit visit) {
    for (int a = 0; a < options_.acceptors; ++a) {
      if (options_.symmetry && a > 0 && interchangeable(state, a - 1, a)) continue;
      const WorldColumn& column = state.column[index(a)];
      for (int i = 0; i < column.count; ++i) {
        if (i > 0 && column.message[index(i)] == column.message[index(i - 1)]) continue;
        deliver(state, a, i, visit);
      }
      if (static_cast<int>(state.crashes) < options_.crashes) {
        WorldState next = state;
        ++next.crashes;
        next.column[index(a)].acceptor = locals_.acceptor(column.acceptor).recovered;
        const AcceptorState& before = locals_.acceptor(column.acceptor).state;
        const AcceptorState& after = locals_.acceptor(next.column[index(a)].acceptor).state;
        next.fell |= before.last_bal > after.last_bal || before.v_bal > after.v_bal;
        visit(Move{.kind = Move::Kind::crash_acceptor, .acceptor = a, .request = {}, .reply = {}}, next,
              Touched{.acceptor = a});
      }
    }
    for (int p = 0; p < options_.proposers; ++p) step_alone(state, p, visit);
  }

  // Drops what is dead, and writes the acceptors in the order that all states with the same columns share. `by`: a step
  // from a canonical state; what it did not touch is not looked at again. Valid until the next call.
  std::string_view canonical(WorldState& state, const Touched& by = {}) {
    if (locals_.reduces()) drop_dead(state, by);
    Permutation order{0, 1, 2, 3, 4};
    std::array<LocalId, 4> proposers = state.proposer;
    if (options_.symmetry && sort_acceptors(state, order)) {
      Permutation place{0, 1, 2, 3, 4};
      for (int at = 0; at < options_.acceptors; ++at) place[order[index(at)]] = static_cast<std::uint8_t>(at);
      for (int p = 0; p < options_.proposers; ++p) proposers[index(p)] = locals_.permuted(proposers[index(p)], place);
    }
    return write(state, order, proposers);
  }

  std::string violation(std::string_view bytes) {
    const WorldState state = read(bytes);
    count_acceptors(state);
    if (full_ || locals_.overflowed()) return violate("limit", "this world is too large for the explorer");
    return broken(state);
  }

  // One sentence, and rule(); empty when the state breaks nothing.
  std::string broken(const WorldState& state) {
    if (state.fell) return violate("R1", "an acceptor's last_bal or v_bal fell, or v_bal is above last_bal");
    if (std::popcount(state.chosen) > 1) return violate("R6", "two values are chosen");
    std::uint32_t votes = 0;
    for (int a = 0; a < options_.acceptors; ++a) votes |= state.column[index(a)].voted;
    for (std::size_t i = 0; i < votes_.size(); ++i) {
      for (std::size_t j = 0; (votes >> i & 1) != 0 && j < i; ++j) {
        if ((votes >> j & 1) != 0 && votes_[i].first == votes_[j].first) {
          return violate("R3", "one ballot has votes for two values");
        }
      }
    }
    for (int p = 0; p < options_.proposers; ++p) {
      const auto& object = locals_.proposer(state.proposer[index(p)]).object;
      if (object.state() != Model::Proposer::State::decided) continue;
      const auto value = std::find(values_.begin(), values_.end(), object.value());
      if (value == values_.end() || (state.chosen >> (value - values_.begin()) & 1) == 0) {
        return violate("R5", "a value is returned as decided that no quorum has voted for in one ballot");
      }
      if (!was_proposed(object.value())) {
        return violate("R7", "a value is returned as decided that no client proposed");
      }
      if (object.won() && object.own() != object.value()) {
        return violate("client", "a write reports success though another value was decided");
      }
    }
    return {};
  }

  std::uint64_t acceptor_states() const { return acceptor_states_; }
  const std::string& rule() const { return rule_; }
  std::uint64_t mark(WorldState state) { return fingerprint(canonical(state)); }
  const Locals& locals() const { return locals_; }

 private:
  using Permutation = typename Locals::Permutation;

  static ProposerRules locals_rules(const ExplorerOptions& options) { return options.rules(); }
  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  bool was_proposed(Value value) const {
    for (int p = 0; p < options_.proposers - options_.readers; ++p) {
      Value own = play_value(p);
      for (int crash = 0; crash <= options_.crashes; ++crash, own = Model::value_after_crash(own)) {
        if (own == value) return true;
      }
    }
    return false;
  }

  std::string violate(const char* rule, const char* sentence) {
    rule_ = rule;
    return sentence;
  }

  // Nothing tells the two acceptors apart: neither their columns nor what any proposer remembers of them.
  bool interchangeable(const WorldState& state, int a, int b) {
    const WorldColumn& x = state.column[index(a)];
    const WorldColumn& y = state.column[index(b)];
    if (x.acceptor != y.acceptor || x.voted != y.voted || x.count != y.count) return false;
    if (!std::equal(x.message.data(), x.message.data() + x.count, y.message.data())) return false;
    Permutation swapped{0, 1, 2, 3, 4};
    std::swap(swapped[index(a)], swapped[index(b)]);
    for (int p = 0; p < options_.proposers; ++p) {
      const LocalId proposer = state.proposer[index(p)];
      if (locals_.permuted(proposer, swapped) != proposer) return false;
    }
    return true;
  }

  template <class Visit>
  void deliver(const WorldState& state, int a, int i, Visit visit) {
    const WorldColumn& column = state.column[index(a)];
    const LocalId id = column.message[index(i)];
    const bool is_reply = locals_.message(id).is_reply;
    if (!is_reply) {
      const auto step = locals_.deliver_request(column.acceptor, id);
      WorldState next = state;
      if (!options_.duplicates) remove(next.column[index(a)], i);
      next.column[index(a)].acceptor = step.acceptor;
      add(next.column[index(a)], step.reply);
      if (step.voted) vote(next, a, locals_.message(id).request);
      next.fell |= step.fell;
      visit(Move{.kind = Move::Kind::request, .acceptor = a, .request = locals_.message(id).request, .reply = {}}, next,
            Touched{.acceptor = a});
      return;
    }
    for (int p = 0; p < options_.proposers; ++p) {
      if (p != locals_.message(id).owner && !options_.misrouted) continue;
      const auto step = locals_.step(state.proposer[index(p)], Input::reply, id, a);
      if (step.proposer == state.proposer[index(p)] && options_.duplicates) continue;
      WorldState next = state;
      if (!options_.duplicates) remove(next.column[index(a)], i);
      next.proposer[index(p)] = step.proposer;
      broadcast(next, step.request);
      Move move{
          .kind = Move::Kind::reply, .proposer = p, .acceptor = a, .request = {}, .reply = locals_.message(id).reply};
      move.reply.acceptor = static_cast<AcceptorId>(a);
      visit(move, next, Touched{.acceptor = step.counted_only ? a : kAny, .proposer = p});
    }
  }

  // What a proposer does without a message from an acceptor.
  template <class Visit>
  void step_alone(const WorldState& state, int p, Visit visit) {
    const LocalId from = state.proposer[index(p)];
    const auto& info = locals_.proposer(from);
    const bool more = info.attempts < options_.rounds;
    const auto go = [&](Move::Kind kind, Input input, LocalId message, bool crash) {
      const auto step = locals_.step(from, input, message, 0);
      WorldState next = state;
      next.crashes += crash ? 1 : 0;
      next.proposer[index(p)] = step.proposer;
      broadcast(next, step.request);
      Move move{.kind = kind, .proposer = p, .request = {}, .reply = {}};
      if (message != kNoMessage) move.reply = locals_.message(message).reply;
      visit(move, next, Touched{.proposer = p});
    };
    // A last round that is given up does nothing that one which merely hears nothing would not do.
    if (info.open && (more || !locals_.reduces())) go(Move::Kind::time_out, Input::time_out, kNoMessage, false);
    const bool backing_off = info.object.state() == Model::Proposer::State::backing_off;
    if (backing_off && more) go(Move::Kind::retry, Input::retry, kNoMessage, false);
    if (static_cast<int>(state.crashes) < options_.crashes && more) {
      go(Move::Kind::crash_proposer, Input::crash, kNoMessage, true);
    }
    if (options_.learning != Learning::announcement || !(info.open || backing_off)) return;
    for (int q = 0; q < options_.proposers; ++q) {
      const auto& winner = locals_.proposer(state.proposer[index(q)]).object;
      if (q == p || winner.state() != Model::Proposer::State::decided || !winner.won()) continue;
      const Reply news{
          .instance = kPlayInstance, .ballot = winner.ballot(), .value = winner.value(), .kind = ReplyKind::decided};
      const LocalId message = locals_.message_of({.is_reply = true, .owner = p, .request = {}, .reply = news});
      go(Move::Kind::reply, Input::reply, message, false);
    }
  }

  void vote(WorldState& state, int a, const Request& request) {
    const auto found = std::find(votes_.begin(), votes_.end(), std::pair(request.ballot, request.value));
    const auto bit = static_cast<std::size_t>(found - votes_.begin());
    if (found == votes_.end()) votes_.emplace_back(request.ballot, request.value);
    if (std::find(values_.begin(), values_.end(), request.value) == values_.end()) values_.push_back(request.value);
    full_ |= votes_.size() > kVotesMax || values_.size() > kValuesMax;
    if (full_) return;
    state.column[index(a)].voted |= 1U << bit;
    int voters = 0;
    for (int i = 0; i < options_.acceptors; ++i) voters += state.column[index(i)].voted >> bit & 1U ? 1 : 0;
    const auto value = std::find(values_.begin(), values_.end(), request.value) - values_.begin();
    if (voters >= quorum_) state.chosen |= 1U << value;
  }

  void broadcast(WorldState& state, LocalId request) {
    if (request == kNoMessage) return;
    for (int a = 0; a < options_.acceptors; ++a) add(state.column[index(a)], request);
  }

  void add(WorldColumn& column, LocalId message) {
    auto* const end = column.message.data() + column.count;
    auto* const at = std::lower_bound(column.message.data(), end, message);
    if (options_.duplicates && at != end && *at == message) return;
    if (column.count == WorldColumn::kMessagesMax) {
      full_ = true;
      return;
    }
    std::copy_backward(at, end, end + 1);
    *at = message;
    ++column.count;
  }

  static void remove(WorldColumn& column, int i) {
    std::copy(column.message.data() + i + 1, column.message.data() + column.count, column.message.data() + i);
    --column.count;
  }

  // By acceptor, what the proposers counted from it, votes and messages; `order` says which column comes first. True
  // when they were in another order.
  bool sort_acceptors(const WorldState& state, Permutation& order) const {
    std::uint64_t tallies = 0;  // a byte per acceptor
    for (int p = 0; p < options_.proposers; ++p) {
      tallies |= locals_.proposer(state.proposer[index(p)]).tally << (2 * p);
    }
    std::array<std::uint64_t, 5> key{};
    for (int a = 0; a < options_.acceptors; ++a, tallies >>= 8) {
      const WorldColumn& column = state.column[index(a)];
      key[index(a)] = std::uint64_t{column.acceptor} << 40 | (tallies & 0xff) << 32 | column.voted;
    }
    return sort_few(order.begin(), order.begin() + options_.acceptors, [&](auto x, auto y) {
      return key[x] != key[y] ? key[x] < key[y] : earlier(state.column[x], state.column[y]);
    });
  }

  void drop_dead(WorldState& state, const Touched& by) const {
    const int first = by.acceptor == kAny ? 0 : by.acceptor;
    const int end = by.acceptor == kAny ? options_.acceptors : by.acceptor + 1;
    for (int a = first; a < end; ++a) {
      WorldColumn& column = state.column[index(a)];
      const Ballot promised = locals_.acceptor(column.acceptor).state.last_bal;
      std::uint16_t kept = 0;
      for (int i = 0; i < column.count; ++i) {
        const LocalId id = column.message[index(i)];
        const BagMessage& m = locals_.message(id);
        const bool untouched = by.proposer != kAny && by.proposer != m.owner;
        if (untouched || matters(m, a, promised, locals_.proposer(state.proposer[index(m.owner)]))) {
          column.message[kept++] = id;
        }
      }
      column.count = kept;
    }
    if (!Model::kRequestsDie || by.proposer != kAny) return;
    std::uint32_t votes = 0;
    for (int a = 0; a < options_.acceptors; ++a) votes |= state.column[index(a)].voted;
    for (; votes != 0; votes &= votes - 1) drop_dead_votes(state, index(std::countr_zero(votes)));
  }

  using ProposerInfo = typename Locals::ProposerInfo;
  static bool learns_n(const ProposerInfo& owner, std::uint64_t n, int rounds) {
    return !owner.over && owner.attempts < rounds && n > owner.known_n;
  }

  bool matters(const BagMessage& m, int a, Ballot promised, const ProposerInfo& owner) const {
    if (m.is_reply) return reply_matters(m.reply, a, owner);
    return !Model::kRequestsDie || request_matters(m.request, promised, owner);
  }

  // A reply is dead when it would not be counted, now or later, and teaches no higher n that is still needed.
  bool reply_matters(const Reply& reply, int a, const ProposerInfo& owner) const {
    if (owner.over) return false;
    const Request& asked = owner.object.request();
    const bool answers = owner.open && reply.round == asked.round && reply.ballot == asked.ballot;
    if (answers && reply.granted()) return !owner.heard(a);
    return learns_n(owner, reply.last_bal.n(), options_.rounds);
  }

  // A request is dead when the acceptor would not change, and the reply would be dead.
  bool request_matters(const Request& request, Ballot promised, const ProposerInfo& owner) const {
    if (promised > request.ballot) return !owner.over && owner.attempts < options_.rounds;
    const bool answered = owner.over || owner.object.request().round > request.round;
    return promised < request.ballot || request.phase == Phase::accept || !answered;
  }

  // Votes of a ballot that is chosen already, or that cannot be any more, are not needed to see what is chosen.
  void drop_dead_votes(WorldState& state, std::size_t vote) const {
    int possible = 0;
    for (int a = 0; a < options_.acceptors; ++a) {
      const WorldColumn& column = state.column[index(a)];
      const bool voted = (column.voted >> vote & 1) != 0;
      possible += voted || locals_.acceptor(column.acceptor).state.last_bal <= votes_[vote].first ? 1 : 0;
    }
    const auto value = std::find(values_.begin(), values_.end(), votes_[vote].second) - values_.begin();
    if (possible >= quorum_ && (state.chosen >> value & 1) == 0) return;
    for (int a = 0; a < options_.acceptors; ++a) state.column[index(a)].voted &= ~(1U << vote);
  }

  // Insertion sort of at most five; true when anything moved.
  template <class Iterator, class Less>
  static bool sort_few(Iterator begin, Iterator end, Less less) {
    bool moved = false;
    for (Iterator i = begin; i != end; ++i) {
      for (Iterator j = i; j != begin && less(*j, *(j - 1)); --j) {
        std::iter_swap(j, j - 1);
        moved = true;
      }
    }
    return moved;
  }

  static bool earlier(const WorldColumn& x, const WorldColumn& y) {
    return std::lexicographical_compare(x.message.data(), x.message.data() + x.count, y.message.data(),
                                        y.message.data() + y.count);
  }

  // All orders of the acceptors' states, so that the number does not depend on the symmetry reduction.
  void count_acceptors(const WorldState& state) {
    std::array<LocalId, 5> ids{};
    for (int a = 0; a < options_.acceptors; ++a) ids[index(a)] = state.column[index(a)].acceptor;
    const auto end = ids.begin() + options_.acceptors;
    const auto bytes = [&ids, this] {
      return std::string_view(reinterpret_cast<const char*>(ids.data()), index(options_.acceptors) * sizeof(LocalId));
    };
    if (!options_.symmetry) {
      acceptor_states_ += seen_acceptors_.insert(fingerprint(bytes())) ? 1 : 0;
      return;
    }
    sort_few(ids.begin(), end, std::less<>());
    if (!seen_acceptors_.insert(fingerprint(bytes()))) return;
    do {
      ++acceptor_states_;
    } while (std::next_permutation(ids.begin(), end));
  }

  std::string_view write(const WorldState& state, const Permutation& order, const std::array<LocalId, 4>& proposers) {
    char* at = buffer_.data();
    const auto put = [&at](const auto& field) {
      std::memcpy(at, &field, sizeof field);
      at += sizeof field;
    };
    put(static_cast<std::uint8_t>(state.chosen));
    put(static_cast<std::uint8_t>(state.crashes | (state.fell ? 0x80U : 0U)));
    for (int p = 0; p < options_.proposers; ++p) put(proposers[index(p)]);
    for (int a = 0; a < options_.acceptors; ++a) {
      const WorldColumn& column = state.column[order[index(a)]];
      std::memcpy(at, &column, sizeof column);  // of a known size: a few moves, not a call
      at += column.bytes();
    }
    return {buffer_.data(), static_cast<std::size_t>(at - buffer_.data())};
  }

  WorldState read(std::string_view bytes) const {
    WorldState state;
    const char* at = bytes.data();
    const auto get = [&at](auto& field) {
      std::memcpy(&field, at, sizeof field);
      at += sizeof field;
    };
    std::uint8_t byte = 0;
    get(byte);
    state.chosen = byte;
    get(byte);
    state.crashes = byte & 0x7fU;
    state.fell = (byte & 0x80U) != 0;
    for (int p = 0; p < options_.proposers; ++p) get(state.proposer[index(p)]);
    for (int a = 0; a < options_.acceptors; ++a) {
      WorldColumn& column = state.column[index(a)];
      std::memcpy(&column, at, WorldColumn::kHead);
      std::memcpy(&column, at, column.bytes());
      at += column.bytes();
    }
    return state;
  }

  static constexpr std::size_t kVotesMax = 32;  // bits of WorldColumn::voted
  static constexpr std::size_t kValuesMax = 8;  // of WorldState::chosen, as written

  ExplorerOptions options_;
  Locals locals_;
  int quorum_;
  bool full_ = false;  // something did not fit; the search ends and says so
  std::string rule_;
  std::vector<std::pair<Ballot, Value>> votes_;
  std::vector<Value> values_;
  FingerprintSet seen_acceptors_;
  std::uint64_t acceptor_states_ = 0;
  std::array<char, 512> buffer_{};
};

}  // namespace paxoscope

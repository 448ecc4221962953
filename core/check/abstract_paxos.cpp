#include "core/check/abstract_paxos.h"

#include <algorithm>
#include <array>
#include <set>

namespace paxoscope {

namespace {

enum class Kind : std::uint8_t { phase1a, phase1b, phase2a, phase2b };

// Ballots and values count from 1; 0 is TLA+'s -1 and None. Fields that a kind lacks are 0.
struct Message {
  Kind kind;
  std::uint8_t acceptor = 0;
  std::uint8_t bal = 0;
  std::uint8_t mbal = 0;
  std::uint8_t value = 0;
  auto operator<=>(const Message&) const = default;
};

struct State {
  std::array<std::array<std::uint8_t, 3>, 5> acceptors{};  // maxBal, maxVBal, maxVal
  std::set<Message> messages;
};

class AbstractPaxos {
 public:
  explicit AbstractPaxos(const AbstractPaxosOptions& options) : options_(options) {}

  std::string initial() const { return write({}); }

  template <class Emit>
  void successors(std::string_view bytes, Emit emit) const {
    const State state = read(bytes);
    for (int b = 1; b <= options_.ballots; ++b) {
      const auto ballot = static_cast<std::uint8_t>(b);
      send(state, {.kind = Kind::phase1a, .bal = ballot}, emit);
      phase2a(state, ballot, emit);
    }
    for (int a = 0; a < options_.acceptors; ++a) {
      for (const Message& message : state.messages) answer(state, static_cast<std::uint8_t>(a), message, emit);
    }
  }

  std::string violation(std::string_view bytes) const {
    const State state = read(bytes);
    std::set<std::uint8_t> chosen;
    for (int b = 1; b <= options_.ballots; ++b) {
      for (int v = 1; v <= options_.values; ++v) {
        const auto votes = std::count_if(state.messages.begin(), state.messages.end(), [b, v](const Message& m) {
          return m.kind == Kind::phase2b && m.bal == b && m.value == v;
        });
        if (2 * votes > options_.acceptors) chosen.insert(static_cast<std::uint8_t>(v));
      }
    }
    return chosen.size() > 1 ? "two values are chosen" : "";
  }

 private:
  template <class Emit>
  void send(State state, const Message& message, Emit emit) const {
    if (state.messages.insert(message).second) emit(write(state));
  }

  // Phase1b(a) and Phase2b(a)
  template <class Emit>
  void answer(State state, std::uint8_t a, const Message& m, Emit emit) const {
    auto& [max_bal, max_vbal, max_val] = state.acceptors[a];
    if (m.kind == Kind::phase1a && m.bal > max_bal) {
      max_bal = m.bal;
      state.messages.insert({Kind::phase1b, a, m.bal, max_vbal, max_val});
    } else if (m.kind == Kind::phase2a && m.bal >= max_bal) {
      max_bal = max_vbal = m.bal;
      max_val = m.value;
      state.messages.insert({Kind::phase2b, a, m.bal, 0, m.value});
    } else {
      return;
    }
    emit(write(state));
  }

  // Phase2a(b, v) for every v: unless a value was sent in b, v is safe if some quorum's 1b messages say so.
  template <class Emit>
  void phase2a(const State& state, std::uint8_t ballot, Emit emit) const {
    std::vector<Message> promises;
    for (const Message& m : state.messages) {
      if (m.bal != ballot) continue;
      if (m.kind == Kind::phase2a) return;
      if (m.kind == Kind::phase1b) promises.push_back(m);
    }
    std::set<std::uint8_t> safe;
    for (unsigned subset = 0; subset < 1U << promises.size(); ++subset) {
      if (2 * __builtin_popcount(subset) <= options_.acceptors) continue;
      Message best{Kind::phase1b};
      for (std::size_t i = 0; i < promises.size(); ++i) {
        if ((subset >> i & 1U) != 0 && promises[i].mbal > best.mbal) best = promises[i];
      }
      for (int v = 1; v <= options_.values; ++v) {
        if (best.mbal == 0 || best.value == v) safe.insert(static_cast<std::uint8_t>(v));
      }
    }
    for (const std::uint8_t v : safe) send(state, {.kind = Kind::phase2a, .bal = ballot, .value = v}, emit);
  }

  static std::string write(const State& state) {
    std::string bytes;
    for (const auto& acceptor : state.acceptors) bytes.append(acceptor.begin(), acceptor.end());
    for (const Message& m : state.messages) {
      for (const std::uint8_t field : {static_cast<std::uint8_t>(m.kind), m.acceptor, m.bal, m.mbal, m.value}) {
        bytes.push_back(static_cast<char>(field));
      }
    }
    return bytes;
  }

  static State read(std::string_view bytes) {
    State state;
    auto at = bytes.begin();
    const auto next = [&at] { return static_cast<std::uint8_t>(*at++); };
    for (auto& acceptor : state.acceptors) {
      for (auto& field : acceptor) field = next();
    }
    while (at != bytes.end()) {
      Message m{static_cast<Kind>(next())};
      m.acceptor = next();
      m.bal = next();
      m.mbal = next();
      m.value = next();
      state.messages.insert(m);
    }
    return state;
  }

  AbstractPaxosOptions options_;
};

}  // namespace

SearchReport explore_abstract_paxos(const AbstractPaxosOptions& options) {
  AbstractPaxos system(options);
  return search(system, 0xffffffffU);
}

}  // namespace paxoscope

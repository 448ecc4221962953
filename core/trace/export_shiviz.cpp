// Trace to ShiViz (Beschastnikh et al.: "Debugging distributed systems", CACM 2016): two lines an event, its text and
// its vector clock (Fidge, Mattern, 1988). Clocks follow the messages that the events name, never the wall clock:
// threads' times may cross.
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/counted.h"
#include "core/random.h"
#include "core/trace/event_names.h"
#include "core/trace/export.h"

namespace paxoscope {

namespace {

// What a receiver's event says about the message. Copies of one message are not told apart: all count as the first,
// which is never wrong, only late.
struct MessageId {
  InstanceId instance;
  std::uint64_t ballot = 0;
  std::uint32_t round = 0;  // 0: an announcement of a decision
  std::uint32_t sender = 0;
  AgentKind sender_kind = AgentKind::proposer;
  friend bool operator==(const MessageId&, const MessageId&) = default;
};

struct MessageHash {
  std::size_t operator()(const MessageId& id) const {
    const std::uint64_t where = Random::mix(id.instance.ver) ^ id.instance.key;
    const std::uint64_t who = std::uint64_t{id.sender} << 1 | static_cast<std::uint64_t>(id.sender_kind);
    return static_cast<std::size_t>(
        Random::mix(Random::mix(Random::mix(where) ^ id.ballot) ^ who ^ std::uint64_t{id.round} << 32));
  }
};

std::optional<MessageId> message_sent_by(const Event& event) {
  const MessageId id{event.instance, event.ballot.word(), event.round, event.agent, event.agent_kind};
  switch (event.kind) {
    case EventKind::sent:
    case EventKind::answered:
    case EventKind::refused: return id;
    case EventKind::decided: return MessageId{event.instance, event.ballot.word(), 0, event.agent, event.agent_kind};
    default: return std::nullopt;
  }
}

std::optional<MessageId> message_received_by(const Event& event) {
  switch (event.kind) {
    case EventKind::answered:
    case EventKind::refused:
      return MessageId{event.instance, event.ballot.word(), event.round, event.peer, AgentKind::proposer};
    case EventKind::used:
    case EventKind::ignored: {
      const bool announcement = event.round == 0;
      return MessageId{event.instance, event.ballot.word(), event.round,
                       announcement ? event.ballot.proposer() : event.peer,
                       announcement ? AgentKind::proposer : AgentKind::acceptor};
    }
    default: return std::nullopt;
  }
}

class ShivizExporter : public Exporter {
 public:
  explicit ShivizExporter(std::ostream& out) : out_(&out) {
    // The expression that ShiViz reads the log with, and the empty one that would part several runs.
    *out_ << "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\n";
  }

  void add(const Event& event) override {
    const auto [entry, is_new] = index_.try_emplace({event.agent_kind, event.agent}, agents_.size());
    if (is_new)
      agents_.push_back({.name = agent_name(event.agent_kind, event.agent), .clock = {}, .waiting = {}, .next = 0});
    Agent& agent = agents_[entry->second];
    agent.waiting.push_back(event);
    if (agent.waiting.size() > 1) return;
    ready_.push_back(entry->second);
    advance();
  }

  // What still waits has lost its cause in a gap, or sits behind such an event.
  void finish() override {
    while (true) {
      std::size_t earliest = agents_.size();
      for (std::size_t i = 0; i < agents_.size(); ++i) {
        if (agents_[i].waiting.empty()) continue;
        const bool first =
            earliest == agents_.size() || agents_[i].waiting.front().at < agents_[earliest].waiting.front().at;
        if (first) earliest = i;
      }
      if (earliest == agents_.size()) return;
      write(earliest, nullptr, " [its cause is missing from the trace]");
      ready_.push_back(earliest);
      advance();
    }
  }

 private:
  using Clock = std::vector<std::uint64_t>;  // by the index of the agent; shorter ones end in zeros
  struct Agent {
    std::string name;
    Clock clock;
    std::deque<Event> waiting;  // the first one for its cause
    std::uint64_t next = 0;     // number of the next event
  };

  // Writes what can be written, beginning with the agents in ready_.
  void advance() {
    while (!ready_.empty()) {
      const std::size_t index = ready_.back();
      if (agents_[index].waiting.empty()) {
        ready_.pop_back();
        continue;
      }
      const auto message = message_received_by(agents_[index].waiting.front());
      const auto sent = message ? sent_.find(*message) : sent_.end();
      if (message && sent == sent_.end()) {
        ready_.pop_back();
        waiting_for_[*message].push_back(index);
        continue;
      }
      write(index, message ? &sent->second : nullptr, "");
    }
  }

  // Takes the agent's first event off its queue. Who has waited for a message of it is ready now.
  void write(std::size_t index, const Clock* cause, std::string_view remark) {
    Agent& agent = agents_[index];
    const Event event = agent.waiting.front();
    agent.waiting.pop_front();
    agent.clock.resize(std::max({agent.clock.size(), index + 1, cause == nullptr ? 0 : cause->size()}));
    for (std::size_t i = 0; cause != nullptr && i < cause->size(); ++i) {
      agent.clock[i] = std::max(agent.clock[i], (*cause)[i]);
    }
    ++agent.clock[index];
    if (const auto message = message_sent_by(event)) {
      sent_.try_emplace(*message, agent.clock);
      if (const auto waiters = waiting_for_.extract(*message)) {
        ready_.insert(ready_.end(), waiters.mapped().begin(), waiters.mapped().end());
      }
    }

    std::string clock;
    for (std::size_t i = 0; i < agent.clock.size(); ++i) {
      if (agent.clock[i] == 0) continue;
      clock += fmt::format("{}\"{}\":{}", clock.empty() ? "" : ",", agents_[i].name, agent.clock[i]);
    }
    const std::uint64_t missing = event.sequence - std::min<std::uint64_t>(agent.next, event.sequence);
    const std::string gap =
        missing > 0 ? fmt::format(" [{} before it {} missing]", counted(missing, "event"), missing == 1 ? "is" : "are")
                    : "";
    agent.next = std::uint64_t{event.sequence} + 1;
    *out_ << fmt::format("{} ns: {}{}{}\n{} {{{}}}\n", event.at, describe(event), remark, gap, agent.name, clock);
  }

  std::ostream* out_;
  std::map<std::pair<AgentKind, std::uint32_t>, std::size_t> index_;  // into agents_
  std::vector<Agent> agents_;
  std::vector<std::size_t> ready_;  // agents to look at
  std::unordered_map<MessageId, Clock, MessageHash> sent_;
  std::unordered_map<MessageId, std::vector<std::size_t>, MessageHash> waiting_for_;
};

}  // namespace

std::unique_ptr<Exporter> make_shiviz_exporter(std::ostream& out, const std::string&) {
  return std::make_unique<ShivizExporter>(out);
}

}  // namespace paxoscope

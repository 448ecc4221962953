// Which event sent a message, and which received it: found by what every reply echoes (ballot, phase, round, acceptor).
#include <algorithm>
#include <unordered_map>

#include "core/random.h"
#include "viz/model/decree.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint32_t kNone = Decree::kNone;

// A broadcast's message to, or from, one acceptor.
struct Key {
  Ballot ballot;
  std::uint32_t round = 0;
  std::uint32_t acceptor = 0;
  Phase phase = Phase::prepare;
  bool reply = false;
  bool operator==(const Key&) const = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    const std::uint64_t low = std::uint64_t{key.round} << 32U | std::uint64_t{key.acceptor} << 2U |
                              static_cast<std::uint64_t>(key.phase == Phase::accept) << 1U |
                              static_cast<std::uint64_t>(key.reply);
    return static_cast<std::size_t>(Random::mix(Random::mix(key.ballot.word()) ^ low));
  }
};

Key key_of(const Event& event, std::uint32_t acceptor, bool reply) {
  return {event.ballot, event.round, acceptor, event.phase, reply};
}

MessageKind kind_of_reply(const Event& answer) {
  if (!answer.granted) return MessageKind::rejected;
  return answer.phase == Phase::prepare ? MessageKind::promise : MessageKind::accepted;
}

// Announcements are the only messages of no round.
bool is_announcement(const Event& event) {
  const bool of_message = event.kind == EventKind::used || event.kind == EventKind::ignored ||
                          event.kind == EventKind::dropped || event.kind == EventKind::duplicated;
  return event.agent_kind == AgentKind::proposer && of_message && event.round == 0;
}

// Walks the events once and keeps who is on the way.
class Linker {
 public:
  Linker(std::span<const Event> events, std::vector<Message>& messages) : events_(events), messages_(messages) {}

  void send(const Key& key, const Message& message) {
    copies_[key].push_back(static_cast<std::uint32_t>(messages_.size()));
    messages_.push_back(message);
  }

  // The network made a copy of it.
  void duplicate(const Key& key) {
    const auto found = copies_.find(key);
    if (found == copies_.end()) return;
    Message copy = messages_[found->second.back()];
    copy.duplicate = true;
    copy.fate = Fate::unknown;
    copy.received_by = kNone;
    found->second.push_back(static_cast<std::uint32_t>(messages_.size()));
    messages_.push_back(copy);
  }

  // One of its copies ends here; the oldest that has not ended, or, if the network did not tell of a copy, a new one.
  Message* end(const Key& key, Fate fate, std::uint32_t event) {
    const auto found = copies_.find(key);
    if (found == copies_.end()) return nullptr;  // whoever sent it is in a gap
    const auto open = [&] {
      return std::find_if(found->second.begin(), found->second.end(),
                          [&](std::uint32_t copy) { return messages_[copy].fate == Fate::unknown; });
    };
    auto copy = open();
    if (copy == found->second.end()) {
      duplicate(key);
      copy = open();
    }
    Message& message = messages_[*copy];
    message.fate = fate;
    message.arrives = events_[event].at;
    message.received_by = event;
    return &message;
  }

 private:
  std::span<const Event> events_;
  std::vector<Message>& messages_;
  std::unordered_map<Key, std::vector<std::uint32_t>, KeyHash> copies_;
};

Message message_of(const Event& sender, std::uint32_t event, MessageKind kind, std::uint32_t to, Value value) {
  Message message;
  message.kind = kind;
  message.from = sender.agent;
  message.to = to;
  message.ballot = sender.ballot;
  message.value = value;
  message.sent = sender.at;
  message.sent_by = event;
  message.received_by = kNone;
  return message;
}

Message request_of(const Event& sent, std::uint32_t event, std::uint32_t acceptor) {
  const MessageKind kind = sent.phase == Phase::prepare ? MessageKind::prepare : MessageKind::accept;
  return message_of(sent, event, kind, acceptor, sent.value);
}

// What the acceptor's event says of the reply: its state after the step, which is what was reported except for a vote
// just cast.
Message reply_of(const Event& answer, std::uint32_t event) {
  Message message = message_of(answer, event, kind_of_reply(answer), answer.peer, answer.vote);
  message.last_bal = answer.last_bal;
  message.v_bal = answer.v_bal;
  return message;
}

}  // namespace

void Decree::find_who_is_asked() {
  asked_.assign(proposers_.size(), std::vector<bool>(acceptors_.size(), false));
  const auto mark = [&](std::uint32_t proposer, std::uint32_t acceptor) {
    const auto p = std::lower_bound(proposers_.begin(), proposers_.end(), proposer);
    const auto a = std::lower_bound(acceptors_.begin(), acceptors_.end(), acceptor);
    if (p == proposers_.end() || *p != proposer || a == acceptors_.end() || *a != acceptor) return;
    asked_[static_cast<std::size_t>(p - proposers_.begin())][static_cast<std::size_t>(a - acceptors_.begin())] = true;
  };
  for (const Event& event : events_) {
    if (event.agent_kind == AgentKind::acceptor && event.round != 0) mark(event.peer, event.agent);
    const bool lost = event.kind == EventKind::dropped || event.kind == EventKind::duplicated;
    if (event.agent_kind == AgentKind::proposer && lost && event.round != 0) mark(event.agent, event.peer);
  }
}

// A winner's announcement was heard or lost: it was sent when the winner learned.
void Decree::link_announcement(std::uint32_t index, const std::vector<std::uint32_t>& deciders) {
  const Event& event = events_[index];
  const bool heard = event.kind == EventKind::used || event.kind == EventKind::ignored;
  const auto decider = std::find_if(deciders.rbegin(), deciders.rend(),
                                    [&](std::uint32_t d) { return events_[d].agent == event.ballot.proposer(); });
  if (decider == deciders.rend() || event.kind == EventKind::duplicated) return;
  const Event& decided = events_[*decider];
  Message message =
      message_of(decided, *decider, MessageKind::announcement, heard ? event.agent : event.peer, decided.value);
  message.fate = heard ? Fate::delivered : Fate::lost;
  message.ignored = event.kind == EventKind::ignored;
  message.arrives = event.at;
  message.received_by = index;
  messages_.push_back(message);
}

void Decree::link_messages() {
  if (!take_->asks_everybody) find_who_is_asked();
  Linker linker(events_, messages_);
  std::vector<std::uint32_t> deciders;  // events, for announcements
  for (std::uint32_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    if (event.kind == EventKind::decided) deciders.push_back(i);
    if (is_announcement(event)) {
      link_announcement(i, deciders);
      continue;
    }
    const bool by_acceptor = event.agent_kind == AgentKind::acceptor;
    const std::uint32_t acceptor = by_acceptor ? event.agent : event.peer;
    switch (event.kind) {
      case EventKind::sent:
        for (std::size_t a = 0; a < acceptors_.size(); ++a) {
          if (!asks(event.agent, a)) continue;
          linker.send(key_of(event, acceptors_[a], false), request_of(event, i, acceptors_[a]));
        }
        break;
      case EventKind::answered:
      case EventKind::refused:
        linker.end(key_of(event, acceptor, false), Fate::delivered, i);
        linker.send(key_of(event, acceptor, true), reply_of(event, i));
        break;
      case EventKind::used:
      case EventKind::ignored:
        if (Message* reply = linker.end(key_of(event, acceptor, true), Fate::delivered, i)) {
          reply->ignored = event.kind == EventKind::ignored;
          reply->to = event.agent;  // whoever it was meant for
        }
        break;
      case EventKind::dropped: linker.end(key_of(event, acceptor, by_acceptor), Fate::lost, i); break;
      case EventKind::duplicated: linker.duplicate(key_of(event, acceptor, by_acceptor)); break;
      default: break;
    }
  }
  std::stable_sort(messages_.begin(), messages_.end(),
                   [](const Message& a, const Message& b) { return a.sent_by < b.sent_by; });
  finish_messages();
}

// Those that vanish as they are sent, or never end, are shown as slow as the others are on average.
void Decree::finish_messages() {
  Nanos sum = 0, count = 0;
  for (const Message& message : messages_) {
    if (message.fate != Fate::delivered) continue;
    sum += message.arrives - message.sent;
    ++count;
  }
  const Nanos usual = std::max<Nanos>(1, count == 0 ? take_->pace / 8 : sum / count);
  received_.assign(events_.size(), kNone);
  Nanos latest = 0;
  for (std::uint32_t i = 0; i < messages_.size(); ++i) {
    Message& message = messages_[i];
    if (message.received_by != kNone && message.fate == Fate::delivered) received_[message.received_by] = i;
    if (message.fate == Fate::unknown) {
      message.arrives = message.sent + usual;
      message.reaches = 0.5;
      unresolved_.push_back(i);
    } else {
      if (message.fate == Fate::lost && message.arrives <= message.sent) {
        message.arrives = message.sent + usual / 2;
        message.reaches = 0.5;
      }
    }
    latest = std::max(latest, message.arrives);
    latest_.push_back(latest);
  }
}

std::pair<std::uint32_t, std::uint32_t> Decree::messages_between(Nanos from, Nanos to) const {
  const auto first = std::partition_point(latest_.begin(), latest_.end(), [&](Nanos latest) { return latest < from; });
  const auto end =
      std::partition_point(messages_.begin(), messages_.end(), [&](const Message& m) { return m.sent <= to; });
  const auto place = static_cast<std::uint32_t>(first - latest_.begin());
  return {place, std::max(place, static_cast<std::uint32_t>(end - messages_.begin()))};
}

std::uint32_t Decree::cause_of(std::uint32_t message) const {
  const std::uint32_t sender = messages_[message].sent_by;
  if (messages_[message].from_kind() == AgentKind::acceptor) return received_[sender];
  // A proposer sends in the turn in which it used the reply that made up its mind.
  for (std::uint32_t i = sender; i-- > 0 && events_[i].at == events_[sender].at;) {
    const Event& event = events_[i];
    if (event.agent_kind != AgentKind::proposer || event.agent != events_[sender].agent) continue;
    if (event.kind == EventKind::used) return received_[i];
    if (event.kind == EventKind::proposed) break;
  }
  return kNone;
}

std::vector<std::uint32_t> Decree::effects_of(std::uint32_t message) const {
  std::vector<std::uint32_t> effects;
  const std::uint32_t arrival = messages_[message].received_by;
  if (messages_[message].fate != Fate::delivered) return effects;
  const auto sent_by = [](const Message& m, std::uint32_t event) { return m.sent_by < event; };
  auto next = std::lower_bound(messages_.begin(), messages_.end(), arrival, sent_by);
  for (; next != messages_.end() && next->sent == events_[arrival].at; ++next) {
    const auto i = static_cast<std::uint32_t>(next - messages_.begin());
    if (cause_of(i) == message) effects.push_back(i);
  }
  return effects;
}

}  // namespace paxoscope::viz

// Trace to Chrome's trace event format ("Trace Event Format", Google, 2016). A process per agent; a proposer has a
// thread per operation in flight ("lane"), with slices inside each other: the operation, and in it its rounds and
// waits. Acceptors' steps are slices of one nanosecond, so that arrows can end on them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "core/counted.h"
#include "core/random.h"
#include "core/trace/event_names.h"
#include "core/trace/export.h"

namespace paxoscope {

namespace {

// One number per message on its way, so that an arrow finds its end.
std::uint64_t arrow_id(const Event& event, std::uint32_t acceptor, bool reply) {
  std::uint64_t id = Random::mix(event.instance.ver) ^ event.instance.key;
  id = Random::mix(id) ^ event.ballot.word();
  id = Random::mix(id) ^ (std::uint64_t{event.round} << 32 | acceptor << 1 | static_cast<std::uint32_t>(reply));
  return Random::mix(id);
}

std::uint32_t process_of(const Event& event) {
  return 1 + (event.agent << 1 | static_cast<std::uint32_t>(event.agent_kind));
}

class ChromeExporter : public Exporter {
 public:
  ChromeExporter(std::ostream& out, const std::string& metadata) : out_(&out) {
    const nlohmann::json parsed = nlohmann::json::parse(metadata, nullptr, false);
    const auto acceptors = parsed.is_object() ? parsed.find("acceptors") : parsed.end();
    if (acceptors != parsed.end() && acceptors->is_number_unsigned()) {
      acceptors_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(acceptors->get<std::uint64_t>(), kMaxAcceptors));
    }
    *out_ << R"({"displayTimeUnit":"ns","otherData":)" << (parsed.is_object() ? metadata : "{}")
          << R"(,"traceEvents":[)";
  }

  void add(const Event& event) override {
    introduce(event);
    note_gap(event);
    event.agent_kind == AgentKind::proposer ? add_proposer(event) : add_acceptor(event);
  }

  void finish() override {
    for (auto& [id, proposer] : proposers_) close_all(proposer, proposer.last);
    *out_ << "\n]}\n";
  }

 private:
  struct Lane {
    std::uint32_t number = 0;
    int open = 0;  // slices: none, the operation, a round or a wait in it
  };
  struct Proposer {
    std::map<InstanceId, Lane> busy;
    std::set<std::uint32_t> free;  // lanes
    std::uint64_t decided = 0, lost_rounds = 0;
    Event last;
  };

  void add_proposer(const Event& event) {
    Proposer& proposer = proposers_[event.agent];
    proposer.last = event;
    switch (event.kind) {
      case EventKind::proposed: {
        close(proposer, event);
        operation(proposer, event);
        return;
      }
      case EventKind::sent: {
        Lane& lane = operation(proposer, event);
        step(lane, fmt::format("{} {}", name_of(event.phase), text_of(event.ballot)), event);
        for (std::uint32_t a = 0; a < acceptors_; ++a) arrow('s', event, lane.number, arrow_id(event, a, false));
        return;
      }
      case EventKind::used: {
        const Lane& lane = operation(proposer, event);
        if (event.round > 0) arrow('f', event, lane.number, arrow_id(event, event.peer, true));
        return instant(event, lane.number, 't');
      }
      case EventKind::backed_off: {
        ++proposer.lost_rounds;
        step(operation(proposer, event), "backing off", event);
        return count(proposer, event);
      }
      case EventKind::decided:
      case EventKind::empty:
      case EventKind::abandoned: {
        instant(event, operation(proposer, event).number, 't');
        close(proposer, event);
        proposer.decided += static_cast<std::uint64_t>(event.kind == EventKind::decided);
        return count(proposer, event);
      }
      default: return instant(event, 0, 'p');
    }
  }

  void add_acceptor(const Event& event) {
    if (event.kind != EventKind::answered && event.kind != EventKind::refused) return instant(event, 0, 'p');
    const std::string name =
        fmt::format("{} {} {}", name_of(event.phase), text_of(event.ballot), event.granted ? "granted" : "refused");
    put("X", name, event, 0, fmt::format(R"("dur":0.001,{})", details(event)));
    arrow('f', event, 0, arrow_id(event, event.agent, false));
    arrow('s', event, 0, arrow_id(event, event.agent, true));
  }

  // The lane of the event's operation; a new slice when there is none, as its beginning may have been lost.
  Lane& operation(Proposer& proposer, const Event& event) {
    const auto [entry, is_new] = proposer.busy.try_emplace(event.instance);
    Lane& lane = entry->second;
    if (!is_new) return lane;
    // All lanes below the number of busy ones are busy, or one of them is free.
    lane.number = static_cast<std::uint32_t>(proposer.busy.size() - 1);
    if (!proposer.free.empty()) lane.number = proposer.free.extract(proposer.free.begin()).value();
    begin(lane, fmt::format("key {} version {}", event.instance.key, event.instance.ver), event);
    return lane;
  }

  // A round or a wait, in place of the one before.
  void step(Lane& lane, const std::string& name, const Event& event) {
    end(lane, 1, event);
    begin(lane, name, event);
  }

  // The event's operation is over, if there is one.
  void close(Proposer& proposer, const Event& event) {
    const auto found = proposer.busy.find(event.instance);
    if (found == proposer.busy.end()) return;
    end(found->second, 0, event);
    proposer.free.insert(found->second.number);
    proposer.busy.erase(found);
  }

  void close_all(Proposer& proposer, const Event& event) {
    for (auto& [instance, lane] : proposer.busy) {
      end(lane, 0, event);
      proposer.free.insert(lane.number);
    }
    proposer.busy.clear();
  }

  void begin(Lane& lane, const std::string& name, const Event& event) {
    ++lane.open;
    put("B", name, event, lane.number, details(event));
  }

  void end(Lane& lane, int down_to, const Event& event) {
    for (; lane.open > down_to; --lane.open) put("E", "", event, lane.number, "");
  }

  void instant(const Event& event, std::uint32_t lane, char scope) {
    put("i", std::string(name_of(event.kind)), event, lane, fmt::format(R"("s":"{}",{})", scope, details(event)));
  }

  void count(const Proposer& proposer, const Event& event) {
    put("C", "so far", event, 0,
        fmt::format(R"("args":{{"decided":{},"lost rounds":{}}})", proposer.decided, proposer.lost_rounds));
  }

  void arrow(char phase, const Event& event, std::uint32_t lane, std::uint64_t id) {
    put(phase == 's' ? "s" : "f", "message", event, lane,
        fmt::format(R"("cat":"message","id":"{:#x}"{})", id, phase == 'f' ? R"(,"bp":"e")" : ""));
  }

  static std::string details(const Event& event) {
    return fmt::format(R"("args":{{"event":"{}","sequence":{}}})", describe(event), event.sequence);
  }

  // Says the agent's name, at its first event.
  void introduce(const Event& event) {
    if (next_.contains(process_of(event))) return;
    if (event.agent_kind == AgentKind::acceptor) acceptors_ = std::max(acceptors_, event.agent + 1);
    const std::string name = agent_name(event.agent_kind, event.agent);
    put("M", "process_name", event, 0, fmt::format(R"("args":{{"name":"{}"}})", name));
    // Proposers above acceptors.
    const bool below = event.agent_kind == AgentKind::acceptor;
    put("M", "process_sort_index", event, 0,
        fmt::format(R"("args":{{"sort_index":{}}})", event.agent + (below ? Ballot::kMaxProposer + 1 : 0)));
  }

  // Events are missing: a mark, and nothing that was open before is taken to have lasted.
  void note_gap(const Event& event) {
    std::uint64_t& next = next_[process_of(event)];
    const std::uint64_t missing = event.sequence - std::min<std::uint64_t>(next, event.sequence);
    next = std::uint64_t{event.sequence} + 1;
    if (missing == 0) return;
    if (event.agent_kind == AgentKind::proposer) close_all(proposers_[event.agent], event);
    put("i", counted(missing, "event") + " missing", event, 0, R"("s":"p")");
  }

  // One event of the format: what all have in common, then `rest`.
  void put(std::string_view phase, std::string_view name, const Event& event, std::uint32_t lane,
           std::string_view rest) {
    *out_ << fmt::format("{}\n{{\"ph\":\"{}\",\"name\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{}.{:03}{}{}}}",
                         first_ ? "" : ",", phase, name, process_of(event), lane, event.at / kMicrosecond,
                         event.at % kMicrosecond, rest.empty() ? "" : ",", rest);
    first_ = false;
  }

  std::ostream* out_;
  std::uint32_t acceptors_ = 0;
  bool first_ = true;
  std::map<std::uint32_t, Proposer> proposers_;
  std::map<std::uint32_t, std::uint64_t> next_;  // by process: the next event's number
};

}  // namespace

std::unique_ptr<Exporter> make_chrome_exporter(std::ostream& out, const std::string& metadata) {
  return std::make_unique<ChromeExporter>(out, metadata);
}

}  // namespace paxoscope

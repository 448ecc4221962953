// Trace to CSV (RFC 4180 without the need to quote: every field is a number or a plain word).
#include <fmt/format.h>

#include <iterator>

#include "core/trace/event_names.h"
#include "core/trace/export.h"

namespace paxoscope {

namespace {

constexpr std::string_view kColumns =
    "at_ns,agent_kind,agent,sequence,event,phase,key,version,ballot_n,ballot_proposer,round,value,peer,last_bal_n,"
    "last_bal_proposer,v_bal_n,v_bal_proposer,vote,read,granted\n";

class CsvExporter : public Exporter {
 public:
  explicit CsvExporter(std::ostream& out) : out_(&out) { *out_ << kColumns; }

  void add(const Event& event) override {
    row_.clear();
    fmt::format_to(std::back_inserter(row_), "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", event.at,
                   name_of(event.agent_kind), event.agent, event.sequence, name_of(event.kind), name_of(event.phase),
                   event.instance.key, event.instance.ver, event.ballot.n(), event.ballot.proposer(), event.round,
                   event.value, event.peer, event.last_bal.n(), event.last_bal.proposer(), event.v_bal.n(),
                   event.v_bal.proposer(), event.vote, event.read ? 1 : 0, event.granted ? 1 : 0);
    out_->write(row_.data(), static_cast<std::streamsize>(row_.size()));
  }

  void finish() override {}

 private:
  std::ostream* out_;
  fmt::memory_buffer row_;
};

}  // namespace

std::unique_ptr<Exporter> make_csv_exporter(std::ostream& out, const std::string&) {
  return std::make_unique<CsvExporter>(out);
}

}  // namespace paxoscope

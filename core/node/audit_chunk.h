// What one thread reports to the audit, a few hundred versions at a time, packed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/node/audit.h"

namespace paxoscope {

// Records, those that go on where the one before ends as one run, and apart from them the value of every version. It
// holds few versions: what is judged late makes the audit remember more than a cache does. Not thread-safe.
class AuditChunk {
 public:
  bool empty() const { return runs_used_ == 0; }
  bool full() const { return runs_used_ == runs_.size() || values_used_ == values_.size(); }
  std::size_t runs() const { return runs_used_; }

  // Not when full.
  void push(const AuditRecord& record) {
    values_[values_used_++] = record.value;
    if (runs_used_ > 0) {
      Run& last = runs_[runs_used_ - 1];
      if (last.first.goes_on(record, last.versions)) {
        ++last.versions;
        return;
      }
    }
    runs_[runs_used_++] = {record, 1};
  }

  // Feeds the audit everything that was pushed, in order, and is empty then.
  void judge(Audit& audit) {
    std::span<const Value> rest(values_.data(), values_used_);
    for (std::size_t i = 0; i < runs_used_; ++i) {
      audit.feed(runs_[i].first, rest.first(runs_[i].versions));
      rest = rest.subspan(runs_[i].versions);
    }
    runs_used_ = values_used_ = 0;
  }

 private:
  struct Run {
    AuditRecord first;
    std::uint32_t versions = 0;
  };
  std::size_t runs_used_ = 0;
  std::size_t values_used_ = 0;
  std::array<Run, 256> runs_ = {};
  std::array<Value, 512> values_ = {};
};

}  // namespace paxoscope

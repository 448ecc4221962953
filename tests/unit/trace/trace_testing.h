// What the trace tests share.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/trace/packed_event.h"
#include "core/trace/reader.h"
#include "core/trace/writer.h"

namespace paxoscope::test {

inline bool same(const Event& a, const Event& b) {
  return pack(a) == pack(b);
}

inline bool same(std::span<const Event> a, std::span<const Event> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Event& x, const Event& y) { return same(x, y); });
}

// Any event that a host could record, limits included.
inline Event random_event(Random& random) {
  const auto up_to = [&](std::uint64_t max) {
    switch (random.below(4)) {
      case 0: return std::uint64_t{0};
      case 1: return max;
      default: return max == ~std::uint64_t{0} ? random.next() : random.below(max + 1);
    }
  };
  const auto id = [&] { return static_cast<ProposerId>(up_to(Ballot::kMaxProposer)); };
  const auto ballot = [&] { return Ballot(up_to(Ballot::kMaxN), id()); };
  const auto word32 = [&] { return static_cast<std::uint32_t>(up_to(~std::uint32_t{0})); };
  Event event{.at = static_cast<Nanos>(up_to((1ULL << 63) - 1)),
              .instance = {up_to(~std::uint64_t{0}), word32()},
              .ballot = ballot(),
              .value = static_cast<Value>(up_to(~std::uint64_t{0})),
              .last_bal = ballot(),
              .v_bal = ballot(),
              .vote = static_cast<Value>(up_to(~std::uint64_t{0})),
              .agent = id(),
              .peer = id(),
              .sequence = word32(),
              .round = word32(),
              .kind = static_cast<EventKind>(random.below(kEventKinds)),
              .agent_kind = static_cast<AgentKind>(random.below(2)),
              .phase = static_cast<Phase>(1 + random.below(2)),
              .read = random.below(2) == 0,
              .granted = random.below(2) == 0};
  if (event.agent_kind == AgentKind::acceptor) event.agent %= kMaxAcceptors;
  return event;
}

// The file of these events, a block for each `per_block`.
inline std::string file_of(std::span<const Event> events, std::span<const AgentTotal> totals, std::size_t per_block = 3,
                           std::string_view metadata = R"({"acceptors":3})") {
  std::ostringstream out;
  Expected<TraceWriter> writer = TraceWriter::begin(out, metadata);
  EXPECT_TRUE(writer);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (i > 0 && i % per_block == 0) {
      EXPECT_TRUE(writer->flush());
    }
    writer->push(events[i]);
  }
  EXPECT_TRUE(writer->finish(totals));
  return out.str();
}

inline Expected<Trace> read_text(const std::string& bytes) {
  std::istringstream in(bytes);
  return read_trace(in);
}

}  // namespace paxoscope::test

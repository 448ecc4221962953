// Any bytes at all as what a stranger sends to an acceptor, as what a peer replies, and as an acceptor's log. A fuzzer
// cannot guess checksums, so the same bytes are also tried as the payload of a whole block, and behind one.
#include "core/wire/log_format.h"
#include "core/wire/message.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::fuzz {

namespace {

using namespace paxoscope::wire;

void try_request(Phase phase, std::string_view bytes) {
  const auto request = parse_request(phase, bytes);
  if (!request) {
    require(!request.error().message.empty() && request.error().message.find('\n') == std::string::npos);
    return;
  }
  require(!request->key.empty() && request->key.size() <= kKeyMax && request->ver >> 63U == 0);
  require(!request->ballot.is_none() && request->ballot.n() <= Ballot::kMaxN);
  const std::string again = encode_request(*request);
  const auto parsed = parse_request(phase, again);
  require(parsed && parsed->key == request->key && parsed->ver == request->ver && parsed->ballot == request->ballot &&
          parsed->value == request->value);
}

void try_reply(std::string_view bytes) {
  const auto state = parse_reply(bytes);
  if (!state) return require(!state.error().message.empty());
  require(state->v_bal <= state->last_bal);
  require(parse_reply(encode_reply(*state)) == *state);
}

// How many states the log holds; -1: refused.
int read_log(const std::string& bytes) {
  int states = 0;
  const LogVisitor visitor{[&](const StateRecord& record) -> Expected<void> {
                             require(!record.key.empty() && record.state.v_bal <= record.state.last_bal);
                             ++states;
                             return {};
                           },
                           [](const Event&) {}};
  const auto scan = scan_log(bytes, visitor);
  if (!scan) {
    require(scan.error().message.find("offset") != std::string::npos);
    return -1;
  }
  require(scan->whole <= bytes.size());
  return states;
}

}  // namespace

int wire_bytes(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  try_request(Phase::prepare, bytes);
  try_request(Phase::accept, bytes);
  try_reply(bytes);
  read_log(bytes);
  if (size > log_format::kPayloadMax) return 0;
  std::string one;
  log_format::add(one, StateRecord{"key", 1, {{2, 3}, {2, 3}, 4}});
  const std::string whole = log_format::header(0, 5) + log_format::block(5, one);
  read_log(log_format::header(0, 5) + log_format::block(5, bytes));
  const int behind = read_log(whole + bytes);
  require(behind == -1 || behind >= 1);  // what follows a whole block never takes it away unnoticed
  return 0;
}

}  // namespace paxoscope::fuzz

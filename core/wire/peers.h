// The acceptors of a cluster over gRPC, as a proposer sees them: a request goes to all of them at once, on connections
// that are kept, and each answers or does not. What a dead or slow acceptor does not answer is a lost message.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/nanos.h"
#include "core/paxos/message.h"
#include "core/wire/address.h"

namespace paxoscope::wire {

// A request and what one acceptor made of it.
struct Answer {
  Request request;
  Reply reply;
};

struct PeerCounters {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t lost = 0;       // no answer in time, no connection, or an answer that makes no sense
  std::uint64_t held_back = 0;  // not sent: too many before it are unanswered
};

// Used by one thread.
class Peers {
 public:
  // quorum: with so many of them reachable it is done, after giving the others a moment; fewer for `patience`: an Error
  // that names who does not answer; so it is, at once, when `interrupted` says so. unanswered_max: requests that one
  // acceptor may leave unanswered; more are not sent.
  static Expected<std::unique_ptr<Peers>> connect(const std::vector<Address>& addresses, std::size_t quorum,
                                                  std::uint32_t unanswered_max, Nanos patience = 3 * kSecond,
                                                  const std::function<bool()>& interrupted = {});
  ~Peers();  // gives up what is unanswered
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  // To every acceptor. key: its name on the wire, 1 to kKeyMax bytes. timeout: when an answer is of no use any more.
  void broadcast(std::string_view key, const Request& request, Nanos timeout);

  // An answer, or nothing after `wait` (0: only look). A reply of kind `refused`: the acceptor answered that it cannot.
  std::optional<Answer> receive(Nanos wait);

  const std::vector<PeerCounters>& counters() const;
  // The latest failure of each acceptor that failed, in one line; empty when there was none.
  std::string trouble() const;

 private:
  class Impl;
  explicit Peers(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace paxoscope::wire

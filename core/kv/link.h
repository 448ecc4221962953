// How a client of the store reaches the acceptors of a cluster. Each engine has its own: threads, the wire, a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/nanos.h"
#include "core/paxos/message.h"

namespace paxoscope::kv {

// Used by one client, on one thread.
class Link {
 public:
  virtual ~Link() = default;

  // The key's number in an InstanceId: the same at every call, and at every client of the same acceptors.
  virtual std::uint32_t number_of(std::string_view key) = 0;

  // To every acceptor at once. A message may be lost; `timeout` is when an answer is of no use any more.
  virtual void broadcast(const Request& request, Nanos timeout) = 0;

  // A reply to a request of this client, however late; nothing after `wait` (0: only look).
  virtual std::optional<Reply> receive(Nanos wait) = 0;

  virtual Nanos now() = 0;  // never falls
};

}  // namespace paxoscope::kv

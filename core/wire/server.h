// An acceptor behind gRPC: paxoskv's service PaxosKV over a DurableAcceptor.
//
// One thread takes whatever requests have arrived, steps the acceptor for each, flushes the log once for all of them,
// and answers: the more arrive while a flush lasts, the more share the next.
#pragma once

#include <functional>
#include <string>

#include "core/error.h"
#include "core/wire/address.h"
#include "core/wire/durable_acceptor.h"

namespace paxoscope::wire {

struct ServerControl {
  std::function<void(std::uint16_t port, const DurableAcceptor&)> ready;  // it listens
  std::function<bool()> stopped;                                          // asked some ten times a second
  std::function<void(const std::string&)> warn;  // the disk refuses: one line when it begins, one when it is over
};

// Blocks until stopped. Fails when the address cannot be listened on, and when the disk is in a state in which nothing
// can be promised any more. Bad requests are refused with a status, and so is every request whose answer a full disk
// keeps from being durable.
Expected<void> serve(DurableAcceptor& acceptor, const Address& listen, const ServerControl& control);

}  // namespace paxoscope::wire

// What stands in for core/wire/grpc in a build without gRPC: it says so.
#include "core/wire/peers.h"
#include "core/wire/server.h"

namespace paxoscope::wire {

namespace {

constexpr const char* kMissing =
    "this build has no gRPC: sudo third_party/install wire, then configure with cmake and build again";

}  // namespace

class Peers::Impl {};

Peers::~Peers() = default;

Expected<std::unique_ptr<Peers>> Peers::connect(const std::vector<Address>&, std::size_t, std::uint32_t, Nanos,
                                                const std::function<bool()>&) {
  return fail(kMissing);
}

void Peers::broadcast(std::string_view, const Request&, Nanos) {}

std::optional<Answer> Peers::receive(Nanos) {
  return std::nullopt;
}

const std::vector<PeerCounters>& Peers::counters() const {
  static const std::vector<PeerCounters> kNone;
  return kNone;
}

std::string Peers::trouble() const {
  return kMissing;
}

Expected<void> serve(DurableAcceptor&, const Address&, const ServerControl&) {
  return fail(kMissing);
}

}  // namespace paxoscope::wire

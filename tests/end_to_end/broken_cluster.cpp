// The command line's threads with a planted bug: this acceptor votes whatever it has promised ("Accept ignores
// last_bal"). Linked in place of core/threads/thread_cluster.cpp, to see the shipped command line find it and stop.
#include "core/backoff/registry.h"
#include "core/threads/crew.h"
#include "core/threads/thread_cluster.h"

namespace paxoscope {

namespace {

class BrokenAcceptorNode : public AcceptorNode {
 public:
  using AcceptorNode::AcceptorNode;

  Step on_request(const Request& request, Reply& reply) {
    const Step step = AcceptorNode::on_request(request, reply);
    if (request.phase != Phase::accept || reply.kind != ReplyKind::state || reply.granted()) return step;
    reply.last_bal = request.ballot;  // "nothing above yours has been promised"
    vote_ = {request.ballot, request.ballot, request.value};
    return {&vote_, step.retired};
  }

 private:
  AcceptorState vote_;
};

template <class Host>
AcceptorNode::Step on_request(BrokenAcceptorNode& node, const Request& request, Reply& reply, Host& host) {
  const AcceptorNode::Step step = node.on_request(request, reply);
  if constexpr (Host::kTracing) record_step(request, reply, step, host);
  return step;
}

struct BrokenNodes {
  using Acceptor = BrokenAcceptorNode;
  using Proposer = ProposerNode;
  static constexpr bool kAudited = true;
};

}  // namespace

Expected<Measurement> run_threads(const ClusterOptions& cluster, const Backoff& strategy, const ThreadOptions& threads,
                                  const RunControl& control) {
  return run_nodes<BrokenNodes>(cluster, strategy, threads, control);
}

Expected<Nanos> measure_round_trip(const ClusterOptions&, const ThreadOptions&, const RunControl&) {
  return 5 * kMicrosecond;
}

}  // namespace paxoscope

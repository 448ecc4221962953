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

BrokenAcceptorNode::Step on_request(BrokenAcceptorNode& node, const Request& request, Reply& reply, auto&) {
  return node.on_request(request, reply);
}

struct BrokenNodes {
  using Acceptor = BrokenAcceptorNode;
  using Proposer = ProposerNode;
  static constexpr bool kAudited = true;
};

}  // namespace

Expected<Measurement> run_threads(const ClusterOptions& cluster, const Backoff& strategy, const ThreadOptions& threads,
                                  const RunControl& control) {
  const KeyPicker picker(cluster.workload);
  Crew<BrokenNodes> crew(
      cluster, threads, [&](AcceptorId id) { return BrokenAcceptorNode(id, cluster.limits); },
      [&](std::uint32_t rank) { return ProposerNode(cluster.proposer(rank), strategy, cluster.workload, picker); });
  return crew.run(control);
}

Expected<Nanos> measure_round_trip(const ClusterOptions&, const ThreadOptions&, const RunControl&) {
  return 5 * kMicrosecond;
}

}  // namespace paxoscope

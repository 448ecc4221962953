#include "core/wire/server.h"

#include <fmt/format.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/resource_quota.h>

#include <memory>
#include <optional>

#include "core/wire/grpc/grpc.h"

namespace paxoscope::wire {

namespace {

constexpr int kWaitingCalls = 256;                     // of each method; more requests wait within gRPC
constexpr int kStreamsMax = 1'024;                     // requests in flight of one connection
constexpr std::size_t kGrpcMemoryMax = 256UL << 20UL;  // bytes, for connections and what they sent
constexpr Nanos kLookAround = 100 * kMillisecond;

// The two methods with their messages as bytes, in the way of what gRPC's generator writes.
class Service final : public grpc::Service {
 public:
  Service() {
    for (const std::string_view method : {kPrepareMethod, kAcceptMethod}) {
      AddMethod(new grpc::internal::RpcServiceMethod(method.data(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    }
    MarkMethodRaw(0);
    MarkMethodRaw(1);
  }

  void wait_for(Phase phase, grpc::ServerContext& context, grpc::ByteBuffer& request,
                grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>& writer, grpc::ServerCompletionQueue& queue,
                void* tag) {
    RequestAsyncUnary(phase == Phase::prepare ? 0 : 1, &context, &request, &writer, &queue, &queue, tag);
  }
};

grpc::Status status_of(const Refusal& refusal) {
  return {static_cast<grpc::StatusCode>(refusal.code), refusal.message};
}

// One request from waiting for it to having answered it; then it waits for the next.
class Call {
 public:
  Call(Service& service, grpc::ServerCompletionQueue& queue, Phase phase)
      : service_(service), queue_(queue), phase_(phase) {
    wait();
  }

  void wait() {
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    arrived_ = false;
    service_.wait_for(phase_, *context_, buffer_, *writer_, queue_, this);
  }

  // What the queue says of it: true when a request has arrived.
  bool on_event(bool ok) {
    if (!arrived_ && ok) return arrived_ = true;
    if (arrived_) wait();  // answered, or the client is gone
    return false;
  }

  void step(DurableAcceptor& acceptor) {
    if (!to_bytes(buffer_, bytes_)) bytes_.clear();
    const auto request = parse_request(phase_, bytes_);
    if (request) {
      answer_ = acceptor.on_request(*request);
    } else {
      answer_ = tl::unexpected(request.error());
    }
  }

  // durable: nothing, or why no answer may be given.
  void answer(const std::optional<Refusal>& not_durable) {
    if (answer_ && not_durable) answer_ = tl::unexpected(*not_durable);
    if (answer_) {
      writer_->Finish(to_buffer(encode_reply(*answer_)), grpc::Status::OK, this);
    } else {
      writer_->FinishWithError(status_of(answer_.error()), this);
    }
  }

 private:
  Service& service_;
  grpc::ServerCompletionQueue& queue_;
  Phase phase_;
  bool arrived_ = false;
  std::optional<grpc::ServerContext> context_;  // gRPC wants a new one for each request
  grpc::ByteBuffer buffer_;
  std::optional<grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>> writer_;
  std::string bytes_;
  DurableAcceptor::Answer answer_;
};

class Server {
 public:
  Server(DurableAcceptor& acceptor, const ServerControl& control) : acceptor_(acceptor), control_(control) {}

  ~Server() {
    if (!server_) return;
    server_->Shutdown(in(0));
    queue_->Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
    }
  }

  Expected<std::uint16_t> listen(const Address& address) {
    grpc::ResourceQuota quota;
    quota.Resize(kGrpcMemoryMax);
    grpc::ServerBuilder builder;
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(static_cast<int>(kMessageMax));
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a port that is in use is an error
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsMax);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(kMessageMax));
    builder.AddChannelArgument(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 0);  // each answer comes at once, or never
    for (const char* argument : kNotNeeded) builder.AddChannelArgument(argument, 0);
    int port = 0;
    builder.AddListeningPort(address.to_string(), grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (!server_ || port <= 0) {
      return fail(
          fmt::format("cannot listen on {}: it is in use, or not an address of this machine", address.to_string()));
    }
    for (int i = 0; i < kWaitingCalls; ++i) {
      for (const Phase phase : {Phase::prepare, Phase::accept}) {
        calls_.push_back(std::make_unique<Call>(service_, *queue_, phase));
      }
    }
    return static_cast<std::uint16_t>(port);
  }

  Expected<void> run() {
    while (!control_.stopped()) {
      arrived_.clear();
      if (!take(kLookAround)) continue;
      while (arrived_.size() < calls_.size() && take(0)) {
      }
      if (const auto answered = answer_all(); !answered) return answered;
    }
    return {};
  }

 private:
  // One event, if there is one within `wait`.
  bool take(Nanos wait) {
    void* tag = nullptr;
    bool ok = false;
    if (queue_->AsyncNext(&tag, &ok, in(wait)) != grpc::CompletionQueue::GOT_EVENT) return false;
    auto* const call = static_cast<Call*>(tag);
    if (call->on_event(ok)) arrived_.push_back(call);
    return true;
  }

  Expected<void> answer_all() {
    if (arrived_.empty()) return {};
    for (Call* call : arrived_) call->step(acceptor_);
    const std::uint64_t log_bytes = acceptor_.log_bytes();
    const auto committed = acceptor_.commit();
    if (acceptor_.broken()) return committed;  // nobody is answered, ever again
    std::optional<Refusal> not_durable;
    if (!committed) not_durable = Refusal{Code::resource_exhausted, committed.error().message};
    for (Call* call : arrived_) call->answer(not_durable);
    if (!committed || acceptor_.log_bytes() != log_bytes) tell(committed);
    if (const auto tidied = acceptor_.tidy(); !tidied) {
      if (acceptor_.broken()) return tidied;
      control_.warn(tidied.error().message + ": the log grows on");
    }
    return {};
  }

  void tell(const Expected<void>& committed) {
    if (committed && refusing_) control_.warn("the disk takes writes again");
    if (!committed && !refusing_) control_.warn(committed.error().message + ": requests are refused until it can");
    refusing_ = !committed;
  }

  DurableAcceptor& acceptor_;
  const ServerControl& control_;
  Service service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> arrived_;
  bool refusing_ = false;
};

}  // namespace

Expected<void> serve(DurableAcceptor& acceptor, const Address& listen, const ServerControl& control) {
  quiet_grpc();
  Server server(acceptor, control);
  const auto port = server.listen(listen);
  if (!port) return tl::unexpected(port.error());
  control.ready(*port, acceptor);
  return server.run();
}

}  // namespace paxoscope::wire

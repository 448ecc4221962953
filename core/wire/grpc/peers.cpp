#include "core/wire/peers.h"

#include <fmt/format.h>
#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "core/wire/grpc/grpc.h"
#include "core/wire/message.h"

namespace paxoscope::wire {

namespace {

constexpr int kReconnectMs = 50;  // after a connection broke; doubles up to:
constexpr int kReconnectMsMax = 1'000;
constexpr Nanos kOthersWait = 200 * kMillisecond;  // for those beyond a quorum, when connecting
constexpr Nanos kMoment = kMillisecond;            // for each, in turn
constexpr Nanos kLook = kMillisecond;              // for an answer, before sleeping: to be woken takes longer

std::shared_ptr<grpc::Channel> channel_to(const Address& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMsMax);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);     // a lost message is the proposer's to send again
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // what is asked for is that address
  arguments.SetInt(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, static_cast<int>(kMessageMax));
  for (const char* argument : kNotNeeded) arguments.SetInt(argument, 0);
  return grpc::CreateCustomChannel(address.to_string(), grpc::InsecureChannelCredentials(), arguments);
}

struct Peer {
  explicit Peer(const Address& at) : address(at), channel(channel_to(at)), stub(channel) {}
  Address address;
  std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub;
  std::uint32_t unanswered = 0;
  std::string trouble;
};

struct PendingCall {
  std::size_t place = 0;  // among the calls in flight
  Request request;
  AcceptorId acceptor = 0;
  grpc::ClientContext context;
  grpc::ByteBuffer buffer;
  grpc::Status status;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
};

}  // namespace

class Peers::Impl {
 public:
  Impl(const std::vector<Address>& addresses, std::uint32_t unanswered_max)
      : unanswered_max_(unanswered_max), counters_(addresses.size()) {
    peers_.reserve(addresses.size());
    for (const Address& address : addresses) peers_.emplace_back(address);
  }

  ~Impl() {
    for (const auto& call : calls_) call->context.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  Expected<void> connect(std::size_t quorum, Nanos patience, const std::function<bool()>& interrupted) {
    const auto begin = std::chrono::steady_clock::now();
    while (true) {
      std::size_t reachable = 0;
      for (Peer& peer : peers_) reachable += reach(peer) ? 1 : 0;
      const Nanos waited = std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
      if (reachable == peers_.size() || (reachable >= quorum && waited >= kOthersWait)) return {};
      if (waited >= patience || (interrupted && interrupted())) return fail(unreachable(reachable, quorum));
    }
  }

  void broadcast(std::string_view key, const Request& request, Nanos timeout) {
    const grpc::ByteBuffer bytes =
        to_buffer(encode_request({key, request.instance.ver, request.ballot, request.value, request.phase}));
    const std::string method(request.phase == Phase::prepare ? kPrepareMethod : kAcceptMethod);
    const auto deadline = std::chrono::system_clock::now() + std::chrono::nanoseconds(timeout);
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      if (peers_[i].unanswered >= unanswered_max_) {
        ++counters_[i].held_back;
        continue;
      }
      PendingCall& call = *calls_.emplace_back(std::make_unique<PendingCall>());
      call.place = calls_.size() - 1;
      call.request = request;
      call.acceptor = static_cast<AcceptorId>(i);
      call.context.set_deadline(deadline);
      call.reader = peers_[i].stub.PrepareUnaryCall(&call.context, method, bytes, &queue_);
      call.reader->StartCall();
      call.reader->Finish(&call.buffer, &call.status, &call);
      ++peers_[i].unanswered;
      ++counters_[i].sent;
    }
  }

  std::optional<Answer> receive(Nanos wait) {
    while (const PendingCall* const ended = next(wait)) {
      const std::unique_ptr<PendingCall> call = take(*ended);
      --peers_[call->acceptor].unanswered;
      if (auto answer = read(*call)) return answer;
    }
    return std::nullopt;
  }

  const std::vector<PeerCounters>& counters() const { return counters_; }

  std::string trouble() const {
    std::string text;
    for (const Peer& peer : peers_) {
      if (peer.trouble.empty()) continue;
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", peer.address.to_string(), peer.trouble);
    }
    return text;
  }

 private:
  // Whether it is connected, after giving it a moment.
  static bool reach(Peer& peer) {
    const grpc_connectivity_state state = peer.channel->GetState(true);
    if (state == GRPC_CHANNEL_READY) return true;
    peer.channel->WaitForStateChange(state, std::chrono::system_clock::now() + std::chrono::nanoseconds(kMoment));
    return peer.channel->GetState(false) == GRPC_CHANNEL_READY;
  }

  // A call that has ended; null when none does within `wait`.
  const PendingCall* next(Nanos wait) {
    const auto begin = std::chrono::steady_clock::now();
    const Nanos look = calls_.empty() ? 0 : kLook;
    Nanos left = wait;
    while (true) {
      const bool sleeps = left > 0 && wait - left >= look;
      void* tag = nullptr;
      bool ok = false;
      const auto status = queue_.AsyncNext(&tag, &ok, in(sleeps ? left : 0));
      if (status == grpc::CompletionQueue::GOT_EVENT) return static_cast<const PendingCall*>(tag);
      if (sleeps || left <= 0) return nullptr;
      std::this_thread::yield();
      left = wait - Nanos{std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count()};
    }
  }

  std::unique_ptr<PendingCall> take(const PendingCall& wanted) {
    std::swap(calls_[wanted.place], calls_.back());
    calls_[wanted.place]->place = wanted.place;
    std::unique_ptr<PendingCall> call = std::move(calls_.back());
    calls_.pop_back();
    return call;
  }

  // The answer, unless the message was lost.
  std::optional<Answer> read(const PendingCall& call) {
    const Request& request = call.request;
    Answer answer{request, {}};
    Reply& reply = answer.reply;
    reply.instance = request.instance;
    reply.ballot = request.ballot;
    reply.round = request.round;
    reply.slot = request.slot;
    reply.phase = request.phase;
    reply.acceptor = call.acceptor;
    if (!call.status.ok()) {
      note(call.acceptor, call.status.error_message());
      if (call.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
        reply.kind = ReplyKind::refused;
        return answer;
      }
      ++counters_[call.acceptor].lost;
      return std::nullopt;
    }
    const auto state = to_bytes(call.buffer, bytes_) ? parse_reply(bytes_) : fail("not a message");
    if (!state) {
      note(call.acceptor, state.error().message);
      ++counters_[call.acceptor].lost;
      return std::nullopt;
    }
    reply.last_bal = state->last_bal;
    reply.v_bal = state->v_bal;
    reply.value = state->value;
    ++counters_[call.acceptor].answered;
    return answer;
  }

  void note(AcceptorId acceptor, const std::string& what) { peers_[acceptor].trouble = what; }

  std::string unreachable(std::size_t reachable, std::size_t quorum) const {
    std::string text;
    for (const Peer& peer : peers_) {
      if (peer.channel->GetState(false) == GRPC_CHANNEL_READY) continue;
      text += (text.empty() ? "" : ", ") + peer.address.to_string();
    }
    return fmt::format("{} of {} acceptors can be reached, and a quorum is {}: no connection to {}", reachable,
                       peers_.size(), quorum, text);
  }

  std::vector<Peer> peers_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<PendingCall>> calls_;  // in flight
  std::uint32_t unanswered_max_;
  std::vector<PeerCounters> counters_;
  std::string bytes_;
};

Peers::Peers(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Peers::~Peers() = default;

Expected<std::unique_ptr<Peers>> Peers::connect(const std::vector<Address>& addresses, std::size_t quorum,
                                                std::uint32_t unanswered_max, Nanos patience,
                                                const std::function<bool()>& interrupted) {
  quiet_grpc();
  auto impl = std::make_unique<Impl>(addresses, unanswered_max);
  if (const auto connected = impl->connect(quorum, patience, interrupted); !connected)
    return tl::unexpected(connected.error());
  return std::unique_ptr<Peers>(new Peers(std::move(impl)));
}

void Peers::broadcast(std::string_view key, const Request& request, Nanos timeout) {
  impl_->broadcast(key, request, timeout);
}

std::optional<Answer> Peers::receive(Nanos wait) {
  return impl_->receive(wait);
}

const std::vector<PeerCounters>& Peers::counters() const {
  return impl_->counters();
}

std::string Peers::trouble() const {
  return impl_->trouble();
}

}  // namespace paxoscope::wire

#include "core/experiment/kv_links.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include "core/node/acceptor_node.h"
#include "core/wire/peers.h"

namespace paxoscope {

namespace {

constexpr std::size_t kKvBatch = 64;
constexpr int kKvYields = 20;  // fruitless looks before a thread parks
constexpr Nanos kKvParkMin = 100 * kMicrosecond;
constexpr Nanos kKvParkMax = 50 * kMillisecond;
constexpr Nanos kKvClaimMax = 3 * kSecond;

Nanos nanos_since(std::chrono::steady_clock::time_point epoch) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - epoch).count();
}

// Yields, then sleeps, until look() is true or `wait` is over.
template <class Look>
void wait_until(Parking& parking, Nanos wait, Look&& look) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kKvYields; ++i) {
    if (look() || nanos_since(begin) >= wait) return;
    std::this_thread::yield();
  }
  if (wait < kKvParkMin) return;
  parking.announce();
  if (look()) return parking.cancel();
  parking.park(std::min(wait, kKvParkMax));
}

}  // namespace

struct KvCluster::Acceptor {
  Acceptor(AcceptorId id, std::uint32_t clients)
      : node(id, {}), parking(true), inbox(parking, std::size_t{clients} * kKvBatch, clients) {}
  AcceptorNode node;
  Parking parking;
  Mailbox<Request> inbox;
};

struct KvCluster::Inbox {
  explicit Inbox(std::size_t acceptors) : parking(true), replies(parking, acceptors * kKvBatch, acceptors) {}
  Parking parking;
  Mailbox<Reply> replies;
};

class KvCluster::ThreadLink : public kv::Link {
 public:
  ThreadLink(KvCluster& cluster, Inbox& inbox) : cluster_(cluster), inbox_(inbox) {
    senders_.reserve(cluster.acceptors_.size());
    for (const auto& acceptor : cluster.acceptors_) senders_.emplace_back(acceptor->inbox);
  }

  std::uint32_t number_of(std::string_view key) override {
    const auto known = numbers_.find(std::string(key));
    if (known != numbers_.end()) return known->second;
    return numbers_[std::string(key)] = cluster_.number_of(key);
  }

  void broadcast(const Request& request, Nanos) override {
    for (auto& sender : senders_) {
      sender.push(request);
      sender.flush();
    }
  }

  std::optional<Reply> receive(Nanos wait) override {
    if (next_ == count_ && !look()) wait_until(inbox_.parking, wait, [&] { return look(); });
    if (next_ == count_) look();
    return next_ < count_ ? std::optional(replies_[next_++]) : std::nullopt;
  }

  Nanos now() override { return nanos_since(cluster_.epoch_); }

 private:
  bool look() {
    if (next_ < count_) return true;
    next_ = 0;
    count_ = inbox_.replies.receive(replies_);
    return count_ > 0;
  }

  KvCluster& cluster_;
  Inbox& inbox_;
  std::vector<Sender<Request>> senders_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::array<Reply, kKvBatch> replies_;
  std::size_t next_ = 0, count_ = 0;
};

KvCluster::KvCluster(int acceptors, std::uint32_t clients) {
  for (std::uint32_t i = 0; i < clients; ++i) {
    inboxes_.push_back(std::make_unique<Inbox>(static_cast<std::size_t>(acceptors)));
  }
  for (int i = 0; i < acceptors; ++i) {
    acceptors_.push_back(std::make_unique<Acceptor>(static_cast<AcceptorId>(i), clients));
  }
  for (const auto& acceptor : acceptors_) threads_.emplace_back([this, node = acceptor.get()] { serve(*node); });
}

KvCluster::~KvCluster() {
  stop_.store(true, std::memory_order_relaxed);
  for (const auto& acceptor : acceptors_) acceptor->parking.wake();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<kv::Link> KvCluster::link(std::uint32_t client) {
  return std::make_unique<ThreadLink>(*this, *inboxes_[client]);
}

void KvCluster::serve(Acceptor& acceptor) {
  std::vector<Sender<Reply>> senders;
  senders.reserve(inboxes_.size());
  for (const auto& inbox : inboxes_) senders.emplace_back(inbox->replies);
  std::array<Request, kKvBatch> requests;
  while (!stop_.load(std::memory_order_relaxed)) {
    std::size_t count = acceptor.inbox.receive(requests);
    if (count == 0) {
      wait_until(acceptor.parking, kKvParkMax, [&] {
        count = count == 0 ? acceptor.inbox.receive(requests) : count;
        return count > 0 || stop_.load(std::memory_order_relaxed);
      });
    }
    for (std::size_t i = 0; i < count; ++i) {
      Sender<Reply>& sender = senders[requests[i].ballot.proposer() - 1];
      acceptor.node.on_request(requests[i], sender.stage());
      sender.staged();
    }
    for (std::size_t i = 0; i < count; ++i) senders[requests[i].ballot.proposer() - 1].flush();
  }
}

std::uint32_t KvCluster::number_of(std::string_view key) {
  const std::lock_guard lock(mutex_);
  return numbers_.emplace(key, static_cast<std::uint32_t>(numbers_.size())).first->second;
}

namespace {

class WireLink : public kv::Link {
 public:
  explicit WireLink(std::unique_ptr<wire::Peers> peers) : peers_(std::move(peers)) {}

  std::uint32_t number_of(std::string_view key) override {
    const auto [at, fresh] = numbers_.emplace(key, static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.push_back(at->first);
    return at->second;
  }
  void broadcast(const Request& request, Nanos timeout) override {
    peers_->broadcast(names_[request.instance.key], request, timeout);
  }
  std::optional<Reply> receive(Nanos wait) override {
    const auto answer = peers_->receive(wait);
    return answer ? std::optional(answer->reply) : std::nullopt;
  }
  Nanos now() override { return nanos_since(epoch_); }

 private:
  std::chrono::steady_clock::time_point epoch_ = std::chrono::steady_clock::now();
  std::unique_ptr<wire::Peers> peers_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> names_;  // by number
};

}  // namespace

namespace {

// Milliseconds since 2020: below Ballot::kMaxN for another three decades.
std::uint64_t milliseconds_now() {
  constexpr auto kYear2020 = std::chrono::sys_days(std::chrono::January / 1 / 2020);
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now() - kYear2020);
  return static_cast<std::uint64_t>(std::max<std::int64_t>(now.count(), 1));
}

}  // namespace

Expected<KvConnection> connect_kv(const std::vector<wire::Address>& addresses, Nanos patience) {
  const int acceptors = static_cast<int>(addresses.size());
  KvConnection client;
  client.options.rules.quorums = Quorums::majority(acceptors);
  client.options.first_n = milliseconds_now();
  client.options.round_trip = kMillisecond;
  client.options.timeout = kSecond;
  std::random_device random;
  client.options.seed = std::uint64_t{random()} << 32U | random();
  auto connected = wire::Peers::connect(addresses, addresses.size() / 2 + 1, 4 * client.options.window + 16, patience);
  if (!connected) return tl::unexpected(connected.error());
  const wire::Peers& peers = **connected;
  client.link = std::make_unique<WireLink>(std::move(*connected));
  const Nanos deadline = client.link->now() + kKvClaimMax;
  const auto id = kv::claim_id(*client.link, acceptors, Random(client.options.seed), deadline);
  if (!id) return fail("no quorum of the acceptors takes another client: " + peers.trouble());
  client.options.id = *id;
  return client;
}

}  // namespace paxoscope

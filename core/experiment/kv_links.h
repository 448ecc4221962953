// The engines of the key-value store (core/kv): acceptors on threads of this process, and acceptors behind gRPC.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/error.h"
#include "core/kv/client.h"
#include "core/threads/mailbox.h"
#include "core/wire/address.h"

namespace paxoscope {

// Acceptors, a thread each, for clients that are called. Their memory ends with them.
class KvCluster {
 public:
  // acceptors: 1 .. kMaxAcceptors; clients: at most so many links.
  KvCluster(int acceptors, std::uint32_t clients);
  ~KvCluster();
  KvCluster(const KvCluster&) = delete;
  KvCluster& operator=(const KvCluster&) = delete;

  // client: 0 .. clients - 1, each once; its proposer id is client + 1. Used by one thread, and not after the cluster.
  std::unique_ptr<kv::Link> link(std::uint32_t client);

 private:
  struct Acceptor;
  struct Inbox;
  class ThreadLink;
  void serve(Acceptor& acceptor);
  std::uint32_t number_of(std::string_view key);  // any thread

  std::chrono::steady_clock::time_point epoch_ = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Inbox>> inboxes_;  // by client
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_{false};  // relaxed: nothing is published with it
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // guarded by mutex_; links remember what they were told
};

// What a kv::Client takes.
struct KvConnection {
  std::unique_ptr<kv::Link> link;
  kv::ClientOptions options;
};

// To acceptors behind gRPC, with a proposer id that no other client of these acceptors has or gets (kv::claim_id). Its
// numbers begin with the milliseconds since 2020, which saves a lost round where earlier clients were: a clock that
// goes back costs no more than that. Fails when no quorum can be reached for `patience`, or none takes the claim.
Expected<KvConnection> connect_kv(const std::vector<wire::Address>& peers, Nanos patience = 3 * kSecond);

}  // namespace paxoscope

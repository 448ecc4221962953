// A mailbox: what other threads send to one node. Many producers, one consumer, over moodycamel::ConcurrentQueue.
//
// A producer token belongs to an OS thread (each is a sub-queue that every poll must look at), so a Sender is made per
// thread and mailbox. Order is kept per producer only. Batches are enqueued and dequeued in one operation each.
#pragma once

#include <concurrentqueue.h>

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "core/threads/parking.h"

namespace paxoscope {

struct MailboxTraits : moodycamel::ConcurrentQueueDefaultTraits {
  // NOLINTNEXTLINE(readability-identifier-naming): the library looks for this name
  static constexpr std::size_t BLOCK_SIZE = 64;  // as many as a Sender's batch
};

template <class Message>
class Mailbox {
 public:
  // `owner` is woken when something arrives; it must outlive the mailbox.
  // `capacity` messages of `producers` threads: memory for these is taken beforehand, for more when they come.
  Mailbox(Parking& owner, std::size_t capacity, std::size_t producers)
      : queue_(capacity, producers, 0), consumer_(queue_), owner_(&owner) {}

  // Only the owner. Takes up to out.size() messages and says how many.
  std::size_t receive(std::span<Message> out) { return queue_.try_dequeue_bulk(consumer_, out.data(), out.size()); }

  // An estimate from any thread.
  std::size_t size_approx() const { return queue_.size_approx(); }

 private:
  template <class>
  friend class Sender;
  template <class>
  friend class Fanout;
  moodycamel::ConcurrentQueue<Message, MailboxTraits> queue_;
  moodycamel::ConsumerToken consumer_;
  Parking* owner_;
};

// One thread's way into one mailbox. Stages messages and sends them as a batch. Not thread-safe.
template <class Message>
class Sender {
 public:
  explicit Sender(Mailbox<Message>& mailbox) : mailbox_(&mailbox), owner_(mailbox.owner_), token_(mailbox.queue_) {}

  // Whether the owner of this sender has noted it for its next flush; the owner's own flag.
  bool noted = false;

  void push(const Message& message) {
    stage() = message;
    staged();
  }

  // In place: write the next message into stage(), then call staged().
  Message& stage() { return staged_[count_]; }
  void staged() {
    if (++count_ == staged_.size()) [[unlikely]]
      flush();
  }

  const Mailbox<Message>& mailbox() const { return *mailbox_; }

  void flush() {
    if (count_ == 0) return;
    mailbox_->queue_.enqueue_bulk(token_, staged_.data(), count_);
    count_ = 0;
    owner_->wake();
  }

 private:
  Mailbox<Message>* mailbox_;
  Parking* owner_;  // the mailbox's, whose own pointer lies beside what every receive() writes
  moodycamel::ProducerToken token_;
  std::size_t count_ = 0;
  std::array<Message, 64> staged_;
};

// One thread's way into several mailboxes that mostly get the same: what goes to all is staged once. Not thread-safe.
template <class Message>
class Fanout {
 public:
  void connect(Mailbox<Message>& mailbox) { ways_.emplace_back(mailbox); }

  // In place, as with a Sender.
  Message& stage() { return staged_[count_]; }
  void staged() {
    if (++count_ == staged_.size()) [[unlikely]]
      flush();
  }

  // To one of them only, after what was pushed before; `way` counts in the order of connect().
  void push_to(std::size_t way, const Message& message) {
    flush();
    staged_[count_++] = message;
    send(ways_[way]);
    count_ = 0;
  }

  // Not inline: what stages a message would have to save registers for it.
  [[gnu::noinline]] void flush() {
    if (count_ == 0) return;
    for (Way& way : ways_) send(way);
    count_ = 0;
  }

 private:
  struct Way {
    explicit Way(Mailbox<Message>& to) : mailbox(&to), owner(to.owner_), token(to.queue_) {}
    Mailbox<Message>* mailbox;
    Parking* owner;
    moodycamel::ProducerToken token;
  };

  void send(Way& way) {
    way.mailbox->queue_.enqueue_bulk(way.token, staged_.data(), count_);
    way.owner->wake();
  }

  std::vector<Way> ways_;
  std::size_t count_ = 0;
  std::array<Message, 64> staged_;
};

}  // namespace paxoscope

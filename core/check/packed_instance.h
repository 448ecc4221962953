// An instance as few bytes. Most of those that the rule checker keeps are done with, and may only be asked about once
// more: packed, they need a quarter of the memory, and allocate once and not ten times.
//
// Numbers have seven bits to a byte, the lowest first, and a set eighth bit when more follow (LEB128). Ballots and
// values are mostly none, or the same as the instance's first ballot and its chosen value: one byte.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/check/rule_state.h"
#include "core/trace/packed_event.h"

namespace paxoscope::rules_detail {

template <class T>
std::uint64_t to_word(const T& field) {
  if constexpr (std::is_same_v<T, Ballot>) {
    return field.word();
  } else {
    return static_cast<std::uint64_t>(field);
  }
}

template <class T>
void from_word(std::uint64_t word, T& field) {
  if constexpr (std::is_same_v<T, Ballot>) {
    field = packed::ballot(word);
  } else {
    field = static_cast<T>(word);
  }
}

// Writes what each_field() shows it. Not thread-safe.
class Packer {
 public:
  void begin() { at_ = 0; }
  // Since begin(); valid until the next number.
  std::string_view bytes() const { return {bytes_.data(), at_}; }

  template <class T>
  void number(const T& field) {
    if (at_ + kNumberMax > bytes_.size()) [[unlikely]]
      bytes_.resize(2 * bytes_.size());
    std::uint64_t word = to_word(field);
    for (; word >= 0x80; word >>= 7) bytes_[at_++] = static_cast<char>(word | 0x80);
    bytes_[at_++] = static_cast<char>(word);
  }
  // One that is mostly 0 or `usual`.
  template <class T>
  void word(const T& field, const T& usual) {
    const unsigned code = field == T() ? 0 : field == usual ? 1 : 2;
    number(code);
    if (code == 2) number(field);
  }
  template <class... Flags>
  void flags(const Flags&... flag) {
    unsigned bits = 0, bit = 1;
    ((bits |= flag ? bit : 0, bit <<= 1), ...);
    number(bits);
  }
  template <class T, class Field>
  void list(std::vector<T>& items, Field field) {
    number(items.size());
    for (T& item : items) field(item);
  }
  template <class T>
  void room_for(const std::vector<T>&, std::vector<T>&) {}

 private:
  static constexpr std::size_t kNumberMax = 10;  // bytes of 64 bits
  std::vector<char> bytes_ = std::vector<char>(1024);
  std::size_t at_ = 0;
};

// Reads the same, from what a Packer wrote.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  void number(T& field) {
    std::uint64_t word = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
      word |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) break;
    }
    from_word(word, field);
  }
  template <class T>
  void word(T& field, const T& usual) {
    std::uint64_t code = 0;
    number(code);
    field = code == 1 ? usual : T();
    if (code == 2) number(field);
  }
  template <class... Flags>
  void flags(Flags&... flag) {
    std::uint64_t bits = 0;
    number(bits);
    ((flag = (bits & 1) != 0, bits >>= 1), ...);
  }
  template <class T, class Field>
  void list(std::vector<T>& items, Field field) {
    std::size_t size = 0;
    number(size);
    items.resize(size);
    for (T& item : items) field(item);
  }
  // For a list() that begins here, whose items may have the memory of the spare ones.
  template <class T>
  void room_for(std::vector<T>& items, std::vector<T>& spare) {
    std::size_t size = 0;
    const std::size_t here = at_;
    number(size);
    at_ = here;
    for (; items.size() < size && !spare.empty(); spare.pop_back()) items.push_back(std::move(spare.back()));
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

// Every field of an instance but its name and its open operations, of which it must have none.
template <class Archive>
void each_field(Archive& archive, Instance& instance) {
  archive.flags(instance.has_chosen);
  archive.number(instance.chosen);
  Ballot first = instance.ballots.empty() ? Ballot() : instance.ballots.front().ballot;
  archive.number(first);
  const auto state = [&](AcceptorState& of) {
    archive.word(of.last_bal, first);
    archive.word(of.v_bal, first);
    archive.word(of.value, instance.chosen);
  };
  const auto answer = [&](Answer& of) {
    state(of.before);
    archive.flags(of.sent, of.delivered, of.refused);
  };
  archive.list(instance.acceptors, [&](AcceptorView& acceptor) {
    state(acceptor.state);
    archive.flags(acceptor.known);
  });
  archive.room_for(instance.ballots, instance.spare);
  archive.list(instance.ballots, [&](BallotRecord& record) {
    archive.word(record.ballot, first);
    archive.word(record.value, instance.chosen);
    archive.flags(record.has_value);
    for (Broadcast& broadcast : record.broadcast) {
      archive.flags(broadcast.known, broadcast.sent, broadcast.answered);
      archive.number(broadcast.round);
      archive.number(broadcast.event);
      archive.list(broadcast.answers, answer);
      archive.list(broadcast.duplicate_of, [&](std::uint32_t& acceptor) { archive.number(acceptor); });
      archive.list(broadcast.copies, [&](Copies& copies) {
        archive.number(copies.made);
        archive.number(copies.arrived);
        archive.number(copies.last);
      });
    }
  });
  archive.list(instance.votes, [&](VoteTally& tally) {
    archive.word(tally.ballot, first);
    archive.word(tally.value, instance.chosen);
    tally.voters.each_field(archive);
  });
  archive.list(instance.proposed, [&](Value& value) { archive.word(value, instance.chosen); });
  archive.list(instance.results, [&](Result& result) {
    archive.word(result.value, instance.chosen);
    archive.number(result.proposer);
    archive.number(result.event);
  });
  archive.list(instance.announcements, [&](Announcement& announcement) {
    archive.number(announcement.winner);
    archive.word(announcement.value, instance.chosen);
    archive.flags(announcement.sent, announcement.heard);
    archive.number(announcement.event);
  });
  archive.list(instance.unmatched, [&](Delivery& delivery) {
    archive.word(delivery.ballot, first);
    archive.number(delivery.phase);
    archive.number(delivery.acceptor);
    answer(delivery.answer);
    archive.number(delivery.event);
  });
  bool retired = instance.retired.has_value();
  archive.flags(retired);
  if (!retired) return;
  if (!instance.retired) instance.retired.emplace();
  archive.number(instance.retired->acceptor);
  archive.number(instance.retired->event);
}

}  // namespace paxoscope::rules_detail

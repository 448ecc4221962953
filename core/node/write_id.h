// The values that the engines propose: unique write ids from which anybody can tell who proposed them, and where.
// So validity (a decided value was proposed by a client of that instance) is checked without remembering anything.
#pragma once

#include "core/paxos/message.h"
#include "core/random.h"

namespace paxoscope {

// 40 bits of a hash of the instance, then the 23 bits of the proposer: never negative.
constexpr Value write_id(const InstanceId& instance, ProposerId proposer) {
  const std::uint64_t hash = Random::mix(instance.ver * 0x9e3779b97f4a7c15U + instance.key + 1) >> 24;
  return static_cast<Value>((hash << Ballot::kProposerBits) | proposer);
}

constexpr ProposerId writer_of(Value value) {
  return static_cast<ProposerId>(static_cast<std::uint64_t>(value) & Ballot::kMaxProposer);
}

constexpr bool is_write_id(Value value, const InstanceId& instance) {
  return value == write_id(instance, writer_of(value));
}

}  // namespace paxoscope

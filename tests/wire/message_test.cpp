// What an acceptor makes of bytes from a network, without a network. That the encoding is protobuf's is shown by
// peers_test.py, where Google's library is at the other end.
#include "core/wire/message.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "core/random.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::wire {
namespace {

using namespace std::string_literals;

// A request's bytes, part by part, each possibly missing.
struct Bytes {
  std::string id = "\x0a\x03\x0a\x01i"s;          // Key "i"
  std::string bal = "\x12\x04\x08\x01\x10\x0a"s;  // (1,10)
  std::string val = "\x1a\x02\x08\x64"s;          // 100
  std::string all() const { return id + bal + val; }
};

std::string refusal(Phase phase, const std::string& bytes) {
  const auto request = parse_request(phase, bytes);
  if (request) return "";
  EXPECT_EQ(request.error().code, Code::invalid_argument);
  return request.error().message;
}

TEST(WireMessage, ARequestIsReadAsProtobufWritesIt) {
  const std::string bytes = Bytes().all();
  const auto request = parse_request(Phase::accept, bytes);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->key, "i");
  EXPECT_EQ(request->ver, 0U);
  EXPECT_EQ(request->ballot, Ballot(1, 10));
  EXPECT_EQ(request->value, 100);
  EXPECT_EQ(encode_request(*request), bytes);
}

TEST(WireMessage, WhatIsMissingIsNamed) {
  EXPECT_EQ(refusal(Phase::prepare, ""), "Id is missing: a request names its instance");
  EXPECT_EQ(refusal(Phase::prepare, Bytes{.id = ""}.all()), "Id is missing: a request names its instance");
  EXPECT_EQ(refusal(Phase::prepare, Bytes{.bal = ""}.all()), "Bal is missing: a request has a ballot");
  EXPECT_EQ(refusal(Phase::accept, Bytes{.val = ""}.all()), "Val is missing: an Accept has a value");
  EXPECT_EQ(refusal(Phase::prepare, Bytes{.val = ""}.all()), "");
  EXPECT_EQ(refusal(Phase::prepare, Bytes{.id = "\x0a\x00"s}.all()), "Id.Key has 0 bytes; allowed: 1 to 1024");
}

TEST(WireMessage, AnEmptyValueIsZeroAndNotMissing) {
  const auto request = parse_request(Phase::accept, Bytes{.val = "\x1a\x00"s}.all());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->value, 0);
}

TEST(WireMessage, BallotsOutOfRangeAreRefusedBeforeAnythingIsStored) {
  const auto with = [](std::uint64_t n, std::uint64_t proposer) {
    std::string ballot;
    for (const auto& [tag, value] : {std::pair('\x08', n), std::pair('\x10', proposer)}) {
      ballot += tag;
      std::uint64_t rest = value;
      for (; rest >= 0x80; rest >>= 7U) ballot += static_cast<char>(rest | 0x80U);
      ballot += static_cast<char>(rest);
    }
    return refusal(Phase::prepare, Bytes{.bal = "\x12"s + static_cast<char>(ballot.size()) + ballot}.all());
  };
  EXPECT_EQ(with(1, 10), "");
  EXPECT_EQ(with(Ballot::kMaxN, Ballot::kMaxProposer), "");
  EXPECT_EQ(with(0, 1), "");
  EXPECT_EQ(with(0, 0), "Bal is (0,0), which means no ballot; allowed: anything above");
  EXPECT_EQ(with(Ballot::kMaxN + 1, 1), "Bal.N is 1099511627777; allowed: 0 to 1099511627776");
  EXPECT_EQ(with(std::numeric_limits<std::int64_t>::max(), 1),
            "Bal.N is 9223372036854775807; allowed: 0 to 1099511627776");
  EXPECT_EQ(with(~std::uint64_t{0}, 1), "Bal.N is -1; allowed: 0 to 1099511627776");
  EXPECT_EQ(with(1, ~std::uint64_t{0}), "Bal.ProposerId is -1; allowed: 0 to 8388607");
  EXPECT_EQ(with(1, std::uint64_t{Ballot::kMaxProposer} + 1), "Bal.ProposerId is 8388608; allowed: 0 to 8388607");
}

TEST(WireMessage, KeysAreTextOfAtMostOneKibibyte) {
  const auto with = [](const std::string& key) {
    return refusal(Phase::prepare, encode_request({key, 0, Ballot(1, 1), 0, Phase::prepare}));
  };
  EXPECT_EQ(with(std::string(1024, 'k')), "");
  EXPECT_EQ(with(std::string(1025, 'k')), "Id.Key has 1025 bytes; allowed: 1 to 1024");
  for (const char* good : {"k", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(with(good), "") << good;
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xe2\x28\xa1", "\xff"}) {
    EXPECT_EQ(with(bad), "Id.Key is not UTF-8");
  }
  EXPECT_EQ(
      refusal(Phase::prepare, Bytes{.id = "\x0a\x0e\x0a\x01i\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s}.all()),
      "Id.Ver is -1; allowed: 0 to 9223372036854775807");
}

TEST(WireMessage, FieldsThatComeTwiceAreMergedAndUnknownOnesSkipped) {
  const std::string later = "\x12\x02\x08\x05"s;  // Bal.N = 5 only
  const std::string unknown = "\x22\x01x\x28\x07\x35zzzz\x39zzzzzzzz"s;
  const auto request = parse_request(Phase::prepare, unknown + Bytes().all() + later + unknown);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->ballot, Ballot(5, 10));
}

TEST(WireMessage, CutOrMalformedBytesAreRefused) {
  const std::string whole = Bytes().all();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_NE(refusal(Phase::accept, whole.substr(0, length)), "") << length;
  }
  // Field 0, a group, an eleven-byte varint, a length beyond the end.
  for (const std::string& bad : {"\x00\x01"s, "\x0b\x0c"s, "\x20"s + std::string(10, '\xff') + "\x01"s, "\x22\x7f"s}) {
    EXPECT_EQ(refusal(Phase::accept, whole + bad), "not a Proposer message");
  }
}

TEST(WireMessage, AReplyAlwaysHasBothBallots) {
  EXPECT_EQ(encode_reply({}), "\x0a\x00\x1a\x00"s);
  EXPECT_EQ(encode_reply({Ballot(2, 1), Ballot(1, 3), 0}), "\x0a\x04\x08\x02\x10\x01\x12\x00\x1a\x04\x08\x01\x10\x03"s);
}

TEST(WireMessage, AReplyThatNoAcceptorCanGiveIsRefused) {
  EXPECT_TRUE(parse_reply(""));  // an acceptor in C++ or Python writes no zeros: nothing promised
  EXPECT_FALSE(parse_reply("\x0a\x02\x08\x01\x1a\x02\x08\x02\x12\x00"s));  // VBal above LastBal
  EXPECT_FALSE(parse_reply("\x0a\x02\x08\x02\x1a\x02\x08\x01"s));          // a vote for nothing
  EXPECT_FALSE(parse_reply("\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s));
}

RC_GTEST_PROP(WireMessage, WhatIsWrittenIsReadBack, ()) {
  const auto key = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('!', '~')));
  const Ballot low(*rc::gen::inRange<std::uint64_t>(0, Ballot::kMaxN), *rc::gen::inRange<ProposerId>(1, 1 << 23));
  const Ballot high(*rc::gen::inRange<std::uint64_t>(low.n(), Ballot::kMaxN), Ballot::kMaxProposer);
  const Value value = *rc::gen::arbitrary<Value>();
  const WireRequest request{key, *rc::gen::inRange<std::uint64_t>(0, 1ULL << 63U), low, value, Phase::accept};
  const std::string bytes = encode_request(request);
  const auto parsed = parse_request(Phase::accept, bytes);
  RC_ASSERT(parsed && parsed->key == key && parsed->ver == request.ver && parsed->ballot == low);
  RC_ASSERT(parsed->value == value);
  const AcceptorState state{high, low, value};
  RC_ASSERT(parse_reply(encode_reply(state)) == state);
}

// The fuzzer's entry, on what a small seeded mutation makes of good messages and logs; in every build.
TEST(WireFuzz, NoMutationBreaksAPromise) {
  const std::string corpus[] = {Bytes().all(), encode_reply({Ballot(2, 1), Ballot(1, 3), 7}),
                                std::string(40, '\x12') + Bytes().all()};
  Random random(1);
  for (const std::string& original : corpus) {
    for (int i = 0; i < 3'000; ++i) {
      std::string bytes = original;
      for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
        bytes[random.below(bytes.size())] = static_cast<char>(random.next());
      }
      if (random.below(3) == 0) bytes.resize(random.below(bytes.size()));
      if (random.below(3) == 0) bytes.insert(random.below(bytes.size() + 1), original);
      fuzz::wire_bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    }
  }
}

}  // namespace
}  // namespace paxoscope::wire

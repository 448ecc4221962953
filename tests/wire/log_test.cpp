// The acceptor's log and what outlives a crash.
#include "core/wire/log.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/random.h"
#include "core/wire/durable_acceptor.h"
#include "tests/fuzz/fuzz.h"

namespace paxoscope::wire {
namespace {

namespace fs = std::filesystem;

class Log : public ::testing::Test {
 protected:
  Log() {
    std::string name = (fs::temp_directory_path() / "paxoscope-log-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  DurableOptions options() const { return {.directory = (folder_ / "data").string()}; }
  fs::path file() const { return folder_ / "data" / "acceptor.log"; }
  // The log, without the room that is kept behind it.
  std::string bytes() const {
    std::ostringstream out;
    out << std::ifstream(file(), std::ios::binary).rdbuf();
    std::string bytes = out.str();
    bytes.resize(bytes.find_last_not_of('\0') + 1);
    return bytes;
  }
  void write(const std::string& bytes) const { std::ofstream(file(), std::ios::binary) << bytes; }

  fs::path folder_;
};

WireRequest prepare(std::string_view key, std::uint64_t n) {
  return {key, 0, Ballot(n, 1), 0, Phase::prepare};
}
WireRequest accept(std::string_view key, std::uint64_t n, Value value) {
  return {key, 0, Ballot(n, 1), value, Phase::accept};
}

// The state, asked without changing it: ballot (0,1) is below whatever these tests promise.
AcceptorState state_of(DurableAcceptor&& acceptor, std::string_view key) {
  return acceptor.on_request({key, 0, Ballot(0, 1), 0, Phase::prepare}).value();
}
AcceptorState state_of(DurableAcceptor& acceptor, std::string_view key) {
  return state_of(std::move(acceptor), key);
}

TEST_F(Log, EveryPromiseAndVoteIsThereAfterARestart) {
  {
    auto acceptor = DurableAcceptor::open(options());
    ASSERT_TRUE(acceptor) << acceptor.error().message;
    EXPECT_EQ(acceptor->on_request(prepare("a", 3)), AcceptorState{});
    EXPECT_EQ(acceptor->on_request(accept("b", 2, -7)), AcceptorState{});
    ASSERT_TRUE(acceptor->commit());
    EXPECT_EQ(acceptor->on_request(accept("a", 3, 5)), (AcceptorState{Ballot(3, 1), {}, 0}));
    ASSERT_TRUE(acceptor->commit());
  }
  auto acceptor = DurableAcceptor::open(options());
  ASSERT_TRUE(acceptor) << acceptor.error().message;
  EXPECT_EQ(state_of(*acceptor, "a"), (AcceptorState{Ballot(3, 1), Ballot(3, 1), 5}));
  EXPECT_EQ(state_of(*acceptor, "b"), (AcceptorState{Ballot(2, 1), Ballot(2, 1), -7}));
}

TEST_F(Log, CutAnywhereItHoldsWhatHadBeenCommittedBefore) {
  std::vector<std::size_t> ends;  // of the file, after each commit
  {
    auto acceptor = DurableAcceptor::open(options());
    ends.push_back(bytes().size());
    for (std::uint64_t n = 1; n <= 4; ++n) {
      ASSERT_TRUE(acceptor->on_request(accept("a", n, static_cast<Value>(n))));
      ASSERT_TRUE(acceptor->commit());
      ends.push_back(bytes().size());
    }
  }
  const std::string whole = bytes();
  for (std::size_t length = ends.front(); length <= whole.size(); ++length) {
    write(whole.substr(0, length) + std::string(length % 2 * 100, '\0'));  // now and then into room kept before
    std::uint64_t committed = 0;
    while (committed < 4 && ends[committed + 1] <= length) ++committed;
    {
      auto acceptor = DurableAcceptor::open(options());
      ASSERT_TRUE(acceptor) << length << ": " << acceptor.error().message;
      EXPECT_EQ(acceptor->log_bytes(), ends[committed]);
      EXPECT_EQ(acceptor->instances(), committed == 0 ? 0U : 1U);
      EXPECT_EQ(state_of(*acceptor, "a").v_bal, committed == 0 ? Ballot() : Ballot(committed, 1)) << length;
      // It goes on from there.
      ASSERT_TRUE(acceptor->on_request(accept("a", 9, 9)));
      ASSERT_TRUE(acceptor->commit());
    }
    EXPECT_EQ(state_of(*DurableAcceptor::open(options()), "a").v_bal, Ballot(9, 1));
  }
  for (std::size_t length = 0; length < ends.front(); ++length) {
    write(whole.substr(0, length));
    const auto acceptor = DurableAcceptor::open(options());
    ASSERT_FALSE(acceptor) << length;
    EXPECT_NE(acceptor.error().message.find("offset 0"), std::string::npos) << acceptor.error().message;
  }
}

TEST_F(Log, AnyFlippedBitBeforeTheLastBlockIsRefusedWithItsOffset) {
  std::size_t last = 0;
  {
    auto acceptor = DurableAcceptor::open(options());
    for (std::uint64_t n = 1; n <= 3; ++n) {
      last = bytes().size();
      ASSERT_TRUE(acceptor->on_request(accept("key", n, 1)));
      ASSERT_TRUE(acceptor->commit());
    }
  }
  const std::string whole = bytes();
  for (std::size_t bit = 0; bit < last * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write(flipped);
    const auto acceptor = DurableAcceptor::open(options());
    ASSERT_FALSE(acceptor) << "bit " << bit;
    EXPECT_NE(acceptor.error().message.find("offset"), std::string::npos) << acceptor.error().message;
    EXPECT_EQ(bytes(), flipped) << "a refused log is left as it is";
  }
}

TEST_F(Log, ADirectoryBelongsToOneAcceptorAndOneProcess) {
  const auto first = DurableAcceptor::open(options());
  ASSERT_TRUE(first);
  const auto second = DurableAcceptor::open(options());
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("in use"), std::string::npos);
}

TEST_F(Log, AnotherAcceptorsLogIsRefused) {
  ASSERT_TRUE(DurableAcceptor::open(options()));
  DurableOptions other = options();
  other.acceptor = 1;
  const auto opened = DurableAcceptor::open(other);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("acceptor 0, not of 1"), std::string::npos) << opened.error().message;
}

TEST_F(Log, CompactionKeepsTheStatesAndHistoryKeepsTheEvents) {
  DurableOptions small = options();
  small.compact_bytes = 4096;
  small.history = true;
  constexpr std::uint64_t kSteps = 400;
  {
    auto acceptor = DurableAcceptor::open(small);
    for (std::uint64_t n = 1; n <= kSteps; ++n) {
      ASSERT_TRUE(acceptor->on_request(accept(n % 2 == 0 ? "even" : "odd", n, static_cast<Value>(n))));
      ASSERT_TRUE(acceptor->commit());
      ASSERT_TRUE(acceptor->tidy());
    }
    EXPECT_LT(acceptor->log_bytes(), kSteps * 50);
  }
  auto acceptor = DurableAcceptor::open(small);
  ASSERT_TRUE(acceptor) << acceptor.error().message;
  EXPECT_EQ(acceptor->instances(), 2U);
  EXPECT_EQ(state_of(*acceptor, "even").value, static_cast<Value>(kSteps));
  const auto events = read_history(small.directory, 0);
  ASSERT_TRUE(events) << events.error().message;
  ASSERT_EQ(events->size(), kSteps);
  for (std::uint64_t i = 0; i < kSteps; ++i) {
    EXPECT_EQ((*events)[i].sequence, i);
    EXPECT_EQ((*events)[i].vote, static_cast<Value>(i + 1));
  }
}

TEST_F(Log, ACompactionThatWasInterruptedLeavesTheOldLog) {
  {
    auto acceptor = DurableAcceptor::open(options());
    ASSERT_TRUE(acceptor->on_request(accept("a", 1, 1)));
    ASSERT_TRUE(acceptor->commit());
  }
  std::ofstream(file().string() + ".new") << "half a lo";
  auto acceptor = DurableAcceptor::open(options());
  ASSERT_TRUE(acceptor) << acceptor.error().message;
  EXPECT_EQ(state_of(*acceptor, "a").value, 1);
}

// A limit on the size of files is a full disk that needs no disk: a write stops half way, then fails.
TEST_F(Log, AFullDiskUndoesWhatWasNotFlushedAndTheRestGoesOn) {
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  {
    auto acceptor = DurableAcceptor::open(options());
    ASSERT_TRUE(acceptor->on_request(accept("a", 1, 1)));
    ASSERT_TRUE(acceptor->commit());
    const std::string whole = bytes();
    const rlimit full{whole.size() + 30, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
    ASSERT_TRUE(acceptor->on_request(accept("a", 2, 2)));
    ASSERT_TRUE(acceptor->on_request(accept("a", 3, 3)));
    ASSERT_TRUE(acceptor->on_request(accept("new", 1, 1)));
    const auto committed = acceptor->commit();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(committed);
    EXPECT_NE(committed.error().message.find("File too large"), std::string::npos) << committed.error().message;
    EXPECT_FALSE(acceptor->broken());
    EXPECT_EQ(bytes(), whole);
    EXPECT_EQ(acceptor->instances(), 1U);
    EXPECT_EQ(state_of(*acceptor, "a"), (AcceptorState{Ballot(1, 1), Ballot(1, 1), 1}));
    // There is room again.
    EXPECT_EQ(acceptor->on_request(accept("a", 4, 4))->v_bal, Ballot(1, 1));
    ASSERT_TRUE(acceptor->commit());
  }
  EXPECT_EQ(state_of(*DurableAcceptor::open(options()), "a").v_bal, Ballot(4, 1));
}

TEST_F(Log, MemoryIsBoundedByRefusingNewInstances) {
  DurableOptions small = options();
  small.memory_max = 10'000;
  auto acceptor = DurableAcceptor::open(small);
  std::uint64_t ver = 0;
  while (acceptor->on_request({"key", ver, Ballot(1, 1), 0, Phase::prepare})) ++ver;
  const auto refused = acceptor->on_request({"key", ver, Ballot(1, 1), 0, Phase::prepare});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::resource_exhausted);
  EXPECT_GT(ver, 50U);
  EXPECT_LE(acceptor->memory(), small.memory_max);
  EXPECT_TRUE(acceptor->on_request({"key", 0, Ballot(2, 1), 0, Phase::prepare})) << "what it has goes on";
}

TEST(LogFuzz, NoMutationOfALogBreaksAPromise) {
  std::string payload;
  log_format::add(payload, StateRecord{"key", 7, {{2, 3}, {1, 4}, -5}});
  log_format::add(payload, Event{.ballot = {1, 2}, .kind = EventKind::answered, .agent_kind = AgentKind::acceptor});
  const std::string log = log_format::header(1, 9) + log_format::block(9, payload) + log_format::block(10, payload);
  Random random(2);
  for (int i = 0; i < 6'000; ++i) {
    std::string bytes = random.below(2) == 0 ? log : payload;
    for (std::uint64_t flips = random.below(4); flips > 0; --flips) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    if (random.below(3) == 0) bytes.resize(random.below(bytes.size()));
    fuzz::wire_bytes(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
}

}  // namespace
}  // namespace paxoscope::wire

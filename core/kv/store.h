// The versioned key-value store of paxoskv: each (key, version) is a write-once cell, decided by one instance of Paxos,
// and a key is the list of its versions 0, 1, 2, ... Nothing is stored but what the acceptors store, so it runs over
// any engine that has a Link.
//
// Values are 64-bit numbers, one instance each. Texts of up to 64 KiB are cut into numbers, which are decided in a key
// of their own before the text's unique write id is proposed in the key proper; so they need no other storage, and
// whoever reads the id finds the text.
//
// set(key, value) and get(key) are linearizable as long as nobody skips a version of that key with set(key, ver,
// value).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/kv/client.h"

namespace paxoscope::kv {

inline constexpr std::size_t kKeyMax = 1024;                     // bytes of a key; a leading '~' is the store's own
inline constexpr std::size_t kTextMax = std::size_t{64} << 10U;  // bytes

struct StoreOptions {
  Nanos deadline = 5 * kSecond;  // of each operation
  // Unlike that of any other store that writes to the same cluster, ever: from it come the write ids of texts.
  std::uint64_t nonce = 1;
};

enum class Outcome : std::uint8_t {
  ok,
  lost,       // set(key, ver): something else is decided there, namely `value`
  absent,     // there is no such version, or no version at all
  late,       // the deadline passed: a set may have taken effect, or may yet
  spent,      // the retry budget is used up: the same
  forgotten,  // the version is decided, and its value is no longer kept
  refused,    // the key or the text is not allowed
};
std::string_view name_of(Outcome outcome);

struct Result {
  Outcome outcome = Outcome::ok;
  std::uint64_t ver = 0;
  Value value = 0;
};
struct TextResult {
  Outcome outcome = Outcome::ok;
  std::uint64_t ver = 0;
  std::string text;
};

// One client's view. Not thread-safe; any number of stores work on one cluster. The client must outlive it.
class Store {
 public:
  Store(Client& client, const StoreOptions& options);

  // One cell. lost: `value` is what was decided there.
  Result set(std::string_view key, std::uint64_t ver, Value value);
  Result get(std::string_view key, std::uint64_t ver);

  // The next version of the key that this very value wins. No two sets of a key may write the same number, or each
  // would take the other's for its own: use write_id().
  Result set(std::string_view key, Value value);
  // The latest version.
  Result get(std::string_view key);

  TextResult set_text(std::string_view key, std::string_view text);
  TextResult get_text(std::string_view key);
  TextResult get_text(std::string_view key, std::uint64_t ver);

  // Every key that was set with set_text, in order, once.
  Outcome list(std::vector<std::string>& keys);

  // A number that nobody else writes, nor this store again; negative.
  Value write_id();

 private:
  // What is known of a key: every version below `next` is decided, and the last is `value`.
  struct Known {
    std::uint64_t next = 0;
    Value value = 0;
  };

  Fate settle(std::string_view key, std::uint64_t ver, std::optional<Value> own);
  Outcome probe(std::string_view key, std::uint64_t ver, Known& known, bool& decided);
  Outcome find_latest(std::string_view key, Known& known);
  Result append(std::string_view key, Value value);
  Outcome write_text(Value id, std::string_view text);
  TextResult read_text(const Result& at);
  Known& known(std::string_view key);
  void begin() { deadline_ = client_.link().now() + options_.deadline; }

  Client& client_;
  StoreOptions options_;
  std::map<std::string, Known, std::less<>> known_;  // a cache: losing it costs time only
  std::uint64_t written_ = 0;
  Nanos deadline_ = 0;  // of the operation that goes on
};

}  // namespace paxoscope::kv

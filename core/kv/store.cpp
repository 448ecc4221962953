#include "core/kv/store.h"

#include <algorithm>
#include <set>

#include "core/random.h"

namespace paxoscope::kv {

namespace {

constexpr std::string_view kKeys = "~keys";  // the list of all keys, a text in each version
constexpr std::size_t kChunk = 8;            // bytes of a text in one number
constexpr std::size_t kKnownMax = 1U << 16U;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= kKeyMax && key.front() != '~';
}

// Where the pieces of the text with this write id are: version 0 is its length, then eight bytes each.
std::string text_key(Value id) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string key = "~text/";
  for (int shift = 60; shift >= 0; shift -= 4) key += kDigits[static_cast<std::uint64_t>(id) >> shift & 15U];
  return key;
}

Value chunk_of(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  }
  return static_cast<Value>(word);
}

Outcome outcome_of(const Fate& fate) {
  switch (fate.kind) {
    case Fate::Kind::decided: return Outcome::ok;
    case Fate::Kind::empty: return Outcome::absent;
    case Fate::Kind::retired: return Outcome::forgotten;
    case Fate::Kind::late: return Outcome::late;
    case Fate::Kind::spent: return Outcome::spent;
  }
  return Outcome::late;
}

}  // namespace

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::lost: return "lost";
    case Outcome::absent: return "absent";
    case Outcome::late: return "late";
    case Outcome::spent: return "spent";
    case Outcome::forgotten: return "forgotten";
    case Outcome::refused: return "refused";
  }
  return "?";
}

Store::Store(Client& client, const StoreOptions& options) : client_(client), options_(options) {}

Value Store::write_id() {
  const std::uint64_t word = Random::mix(options_.nonce + 0x9e3779b97f4a7c15U * ++written_);
  return static_cast<Value>(word | std::uint64_t{1} << 63U);
}

Store::Known& Store::known(std::string_view key) {
  const auto found = known_.find(key);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kKnownMax) known_.clear();
  return known_.emplace(key, Known{}).first->second;
}

Fate Store::settle(std::string_view key, std::uint64_t ver, std::optional<Value> own) {
  const Wish wish{{ver, client_.link().number_of(key)}, own};
  return client_.settle({&wish, 1}, deadline_).front();
}

Result Store::set(std::string_view key, std::uint64_t ver, Value value) {
  if (!is_key(key)) return {Outcome::refused, ver, 0};
  begin();
  const Fate fate = settle(key, ver, value);
  const Outcome outcome = outcome_of(fate);
  return {outcome == Outcome::ok && fate.value != value ? Outcome::lost : outcome, ver, fate.value};
}

Result Store::get(std::string_view key, std::uint64_t ver) {
  if (!is_key(key)) return {Outcome::refused, ver, 0};
  begin();
  const Fate fate = settle(key, ver, std::nullopt);
  return {outcome_of(fate), ver, fate.value};
}

Result Store::set(std::string_view key, Value value) {
  if (!is_key(key)) return {Outcome::refused, 0, 0};
  begin();
  return append(key, value);
}

Result Store::get(std::string_view key) {
  if (!is_key(key)) return {Outcome::refused, 0, 0};
  begin();
  Known& at = known(key);
  const Outcome outcome = find_latest(key, at);
  if (outcome != Outcome::ok) return {outcome, 0, 0};
  return at.next == 0 ? Result{Outcome::absent, 0, 0} : Result{Outcome::ok, at.next - 1, at.value};
}

// Reads one version. A decided one moves what is known of the key up.
Outcome Store::probe(std::string_view key, std::uint64_t ver, Known& at, bool& decided) {
  const Fate fate = settle(key, ver, std::nullopt);
  decided = fate.kind == Fate::Kind::decided || fate.kind == Fate::Kind::retired;
  if (decided && ver >= at.next) at = {ver + 1, fate.value};
  return decided || fate.kind == Fate::Kind::empty ? Outcome::ok : outcome_of(fate);
}

// The latest version, by ever longer steps and then by halves: versions are decided without holes. When it is found,
// the version after it was seen to be empty during this operation.
Outcome Store::find_latest(std::string_view key, Known& at) {
  bool decided = true;
  std::uint64_t empty = at.next;
  for (std::uint64_t step = 1; decided; step *= 2) {
    empty = at.next + step - 1;
    if (const Outcome outcome = probe(key, empty, at, decided); outcome != Outcome::ok) return outcome;
  }
  while (at.next < empty) {
    const std::uint64_t middle = at.next + (empty - at.next) / 2;
    if (const Outcome outcome = probe(key, middle, at, decided); outcome != Outcome::ok) return outcome;
    if (!decided) empty = middle;
  }
  return Outcome::ok;
}

Result Store::append(std::string_view key, Value value) {
  Known& at = known(key);
  if (at.next == 0) {
    if (const Outcome outcome = find_latest(key, at); outcome != Outcome::ok) return {outcome, 0, 0};
  }
  while (true) {
    const std::uint64_t ver = at.next;
    const Fate fate = settle(key, ver, value);
    if (fate.kind == Fate::Kind::retired) {  // far behind
      if (const Outcome outcome = find_latest(key, at); outcome != Outcome::ok) return {outcome, ver, 0};
      continue;
    }
    if (fate.kind != Fate::Kind::decided) return {outcome_of(fate), ver, 0};
    at = {ver + 1, fate.value};
    if (fate.value == value) return {Outcome::ok, ver, value};
  }
}

Outcome Store::write_text(Value id, std::string_view text) {
  const std::uint32_t key = client_.link().number_of(text_key(id));
  std::vector<Wish> wishes = {{{0, key}, static_cast<Value>(text.size())}};
  for (std::size_t at = 0; at < text.size(); at += kChunk) {
    wishes.push_back({{wishes.size(), key}, chunk_of(text.substr(at, kChunk))});
  }
  for (const Fate& fate : client_.settle(wishes, deadline_)) {
    if (fate.kind != Fate::Kind::decided) return outcome_of(fate);
  }
  return Outcome::ok;
}

TextResult Store::set_text(std::string_view key, std::string_view text) {
  if (!is_key(key) || text.size() > kTextMax) return {Outcome::refused, 0, {}};
  begin();
  if (known(key).next == 0) {
    Known& at = known(key);
    if (const Outcome outcome = find_latest(key, at); outcome != Outcome::ok) return {outcome, 0, {}};
    if (at.next == 0) {  // a new key: first it is entered in the list of keys
      const Value entry = write_id();
      if (const Outcome outcome = write_text(entry, key); outcome != Outcome::ok) return {outcome, 0, {}};
      if (const Result listed = append(kKeys, entry); listed.outcome != Outcome::ok) return {listed.outcome, 0, {}};
    }
  }
  const Value id = write_id();
  if (const Outcome outcome = write_text(id, text); outcome != Outcome::ok) return {outcome, 0, {}};
  const Result result = append(key, id);
  return {result.outcome, result.ver, {}};
}

TextResult Store::read_text(const Result& at) {
  if (at.outcome != Outcome::ok) return {at.outcome, at.ver, {}};
  const std::string key = text_key(at.value);
  const Fate length = settle(key, 0, std::nullopt);
  if (length.kind == Fate::Kind::empty) return {Outcome::ok, at.ver, std::to_string(at.value)};  // a plain number
  if (length.kind != Fate::Kind::decided) return {outcome_of(length), at.ver, {}};
  const auto size = static_cast<std::size_t>(std::clamp<Value>(length.value, 0, kTextMax));
  std::vector<Wish> wishes;
  const std::uint32_t number = client_.link().number_of(key);
  for (std::size_t from = 0; from < size; from += kChunk) wishes.push_back({{wishes.size() + 1, number}, std::nullopt});
  std::string text;
  for (const Fate& fate : client_.settle(wishes, deadline_)) {
    if (fate.kind != Fate::Kind::decided) return {outcome_of(fate), at.ver, {}};
    for (std::size_t i = 0; i < kChunk; ++i)
      text += static_cast<char>(static_cast<std::uint64_t>(fate.value) >> (8 * i));
  }
  text.resize(size);
  return {Outcome::ok, at.ver, text};
}

TextResult Store::get_text(std::string_view key) {
  return read_text(get(key));
}

TextResult Store::get_text(std::string_view key, std::uint64_t ver) {
  return read_text(get(key, ver));
}

Outcome Store::list(std::vector<std::string>& keys) {
  keys.clear();
  begin();
  Known& at = known(kKeys);
  if (const Outcome outcome = find_latest(kKeys, at); outcome != Outcome::ok) return outcome;
  std::vector<Wish> wishes;
  const std::uint32_t number = client_.link().number_of(kKeys);
  for (std::uint64_t ver = 0; ver < at.next; ++ver) wishes.push_back({{ver, number}, std::nullopt});
  std::set<std::string> names;
  for (const Fate& fate : client_.settle(wishes, deadline_)) {
    if (fate.kind != Fate::Kind::decided) return outcome_of(fate);
    const TextResult name = read_text({Outcome::ok, 0, fate.value});
    if (name.outcome != Outcome::ok) return name.outcome;
    names.insert(name.text);
  }
  keys.assign(names.begin(), names.end());
  return Outcome::ok;
}

}  // namespace paxoscope::kv

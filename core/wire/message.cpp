#include "core/wire/message.h"

#include <fmt/format.h>

#include <limits>

namespace paxoscope::wire {

namespace {

constexpr std::int64_t kVersionMax = std::numeric_limits<std::int64_t>::max();

// The messages as they came: nothing is checked yet.
struct BallotFields {
  std::int64_t n = 0;
  std::int64_t proposer = 0;
};
struct InstanceFields {
  std::string_view key;
  std::int64_t ver = 0;
};
struct ProposerFields {
  std::optional<InstanceFields> id;
  std::optional<BallotFields> bal;
  std::optional<std::int64_t> val;
};
struct AcceptorFields {
  BallotFields last_bal;
  std::optional<std::int64_t> val;
  BallotFields v_bal;
};

// One field after the other of a message in proto3's encoding.
class FieldReader {
 public:
  enum class Type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  struct Field {
    std::uint32_t number = 0;
    Type type = Type::varint;
    std::uint64_t varint = 0;
    std::string_view bytes;
    bool is(std::uint32_t wanted, Type wanted_type) const { return number == wanted && type == wanted_type; }
  };

  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}

  // False at the end and when the bytes are malformed: then ok() tells which.
  bool next(Field& field) {
    if (rest_.empty() || !ok_) return false;
    ok_ = read(field);
    return ok_;
  }
  bool ok() const { return ok_; }

 private:
  bool read(Field& field) {
    std::uint64_t tag = 0;
    if (!varint(tag) || tag > std::numeric_limits<std::uint32_t>::max() || tag >> 3U == 0) return false;
    field.number = static_cast<std::uint32_t>(tag >> 3U);
    field.type = static_cast<Type>(tag & 7U);
    std::uint64_t length = 0;
    switch (field.type) {
      case Type::varint: return varint(field.varint);
      case Type::fixed64: return take(8, field.bytes);
      case Type::fixed32: return take(4, field.bytes);
      case Type::bytes: return varint(length) && take(length, field.bytes);
      default: return false;
    }
  }

  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return false;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1) return false;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool take(std::uint64_t length, std::string_view& bytes) {
    if (length > rest_.size()) return false;
    bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return true;
  }

  std::string_view rest_;
  bool ok_ = true;
};

using Type = FieldReader::Type;

bool merge(std::string_view bytes, BallotFields& ballot) {
  FieldReader reader(bytes);
  for (FieldReader::Field field; reader.next(field);) {
    if (field.is(1, Type::varint)) ballot.n = static_cast<std::int64_t>(field.varint);
    if (field.is(2, Type::varint)) ballot.proposer = static_cast<std::int64_t>(field.varint);
  }
  return reader.ok();
}

bool merge(std::string_view bytes, std::int64_t& value) {
  FieldReader reader(bytes);
  for (FieldReader::Field field; reader.next(field);) {
    if (field.is(1, Type::varint)) value = static_cast<std::int64_t>(field.varint);
  }
  return reader.ok();
}

bool merge(std::string_view bytes, InstanceFields& instance) {
  FieldReader reader(bytes);
  for (FieldReader::Field field; reader.next(field);) {
    if (field.is(1, Type::bytes)) instance.key = field.bytes;
    if (field.is(2, Type::varint)) instance.ver = static_cast<std::int64_t>(field.varint);
  }
  return reader.ok();
}

template <class T>
bool merge(std::string_view bytes, std::optional<T>& message) {
  return merge(bytes, message ? *message : message.emplace());
}

bool merge(std::string_view bytes, ProposerFields& proposer) {
  FieldReader reader(bytes);
  for (FieldReader::Field field; reader.next(field);) {
    if (field.is(1, Type::bytes) && !merge(field.bytes, proposer.id)) return false;
    if (field.is(2, Type::bytes) && !merge(field.bytes, proposer.bal)) return false;
    if (field.is(3, Type::bytes) && !merge(field.bytes, proposer.val)) return false;
  }
  return reader.ok();
}

bool merge(std::string_view bytes, AcceptorFields& acceptor) {
  FieldReader reader(bytes);
  for (FieldReader::Field field; reader.next(field);) {
    if (field.is(1, Type::bytes) && !merge(field.bytes, acceptor.last_bal)) return false;
    if (field.is(2, Type::bytes) && !merge(field.bytes, acceptor.val)) return false;
    if (field.is(3, Type::bytes) && !merge(field.bytes, acceptor.v_bal)) return false;
  }
  return reader.ok();
}

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    if (first < 0x80) continue;
    const std::size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || text.size() - i < more) return false;
    const auto second = static_cast<unsigned char>(text[i]);
    const bool bad_second = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                            (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
    if (bad_second) return false;
    for (std::size_t end = i + more; i < end; ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) return false;
    }
  }
  return true;
}

bool in_range(std::int64_t value, std::uint64_t most) {
  return value >= 0 && static_cast<std::uint64_t>(value) <= most;
}

// Empty when the ballot fits a Ballot, or is none.
std::string out_of_range(std::string_view name, const BallotFields& ballot) {
  if (!in_range(ballot.n, Ballot::kMaxN)) {
    return fmt::format("{}.N is {}; allowed: 0 to {}", name, ballot.n, Ballot::kMaxN);
  }
  if (!in_range(ballot.proposer, Ballot::kMaxProposer)) {
    return fmt::format("{}.ProposerId is {}; allowed: 0 to {}", name, ballot.proposer, Ballot::kMaxProposer);
  }
  return {};
}

Ballot ballot_of(const BallotFields& fields) {
  return {static_cast<std::uint64_t>(fields.n), static_cast<ProposerId>(fields.proposer)};
}

std::string wrong_with(const InstanceFields& id) {
  if (id.key.empty() || id.key.size() > kKeyMax) {
    return fmt::format("Id.Key has {} bytes; allowed: 1 to {}", id.key.size(), kKeyMax);
  }
  if (!is_utf8(id.key)) return "Id.Key is not UTF-8";
  if (id.ver < 0) return fmt::format("Id.Ver is {}; allowed: 0 to {}", id.ver, kVersionMax);
  return {};
}

std::string wrong_with(Phase phase, const ProposerFields& fields) {
  if (!fields.id) return "Id is missing: a request names its instance";
  if (!fields.bal) return "Bal is missing: a request has a ballot";
  if (std::string wrong = wrong_with(*fields.id); !wrong.empty()) return wrong;
  if (std::string wrong = out_of_range("Bal", *fields.bal); !wrong.empty()) return wrong;
  if (ballot_of(*fields.bal).is_none()) return "Bal is (0,0), which means no ballot; allowed: anything above";
  if (phase == Phase::accept && !fields.val) return "Val is missing: an Accept has a value";
  return {};
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

void put_int(std::string& out, std::uint32_t number, std::uint64_t value) {
  if (value == 0) return;  // proto3 does not write it
  put_varint(out, std::uint64_t{number} << 3U | static_cast<std::uint64_t>(Type::varint));
  put_varint(out, value);
}

void put_bytes(std::string& out, std::uint32_t number, std::string_view bytes) {
  put_varint(out, std::uint64_t{number} << 3U | static_cast<std::uint64_t>(Type::bytes));
  put_varint(out, bytes.size());
  out += bytes;
}

void put_ballot(std::string& out, std::uint32_t number, Ballot ballot) {
  std::string message;  // short enough to need no allocation
  put_int(message, 1, ballot.n());
  put_int(message, 2, ballot.proposer());
  put_bytes(out, number, message);
}

void put_value(std::string& out, std::uint32_t number, Value value) {
  std::string message;
  put_int(message, 1, static_cast<std::uint64_t>(value));
  put_bytes(out, number, message);
}

}  // namespace

tl::expected<WireRequest, Refusal> parse_request(Phase phase, std::string_view bytes) {
  ProposerFields fields;
  if (!merge(bytes, fields)) return tl::unexpected(Refusal{Code::invalid_argument, "not a Proposer message"});
  if (std::string wrong = wrong_with(phase, fields); !wrong.empty()) {
    return tl::unexpected(Refusal{Code::invalid_argument, std::move(wrong)});
  }
  return WireRequest{fields.id->key, static_cast<std::uint64_t>(fields.id->ver), ballot_of(*fields.bal),
                     phase == Phase::accept ? *fields.val : 0, phase};
}

std::string encode_request(const WireRequest& request) {
  std::string id;
  put_bytes(id, 1, request.key);
  put_int(id, 2, request.ver);
  std::string out;
  put_bytes(out, 1, id);
  put_ballot(out, 2, request.ballot);
  if (request.phase == Phase::accept) put_value(out, 3, request.value);
  return out;
}

std::string encode_reply(const AcceptorState& state) {
  std::string out;
  put_ballot(out, 1, state.last_bal);
  if (!state.v_bal.is_none()) put_value(out, 2, state.value);
  put_ballot(out, 3, state.v_bal);
  return out;
}

Expected<AcceptorState> parse_reply(std::string_view bytes) {
  AcceptorFields fields;
  if (!merge(bytes, fields)) return fail("not an Acceptor message");
  if (std::string wrong = out_of_range("LastBal", fields.last_bal); !wrong.empty()) return fail(wrong);
  if (std::string wrong = out_of_range("VBal", fields.v_bal); !wrong.empty()) return fail(wrong);
  AcceptorState state{ballot_of(fields.last_bal), ballot_of(fields.v_bal), 0};
  if (state.v_bal > state.last_bal) return fail("VBal is above LastBal: no acceptor can be in this state");
  if (state.v_bal.is_none()) return state;
  if (!fields.val) return fail("VBal says there was a vote, and Val is missing");
  state.value = *fields.val;
  return state;
}

}  // namespace paxoscope::wire

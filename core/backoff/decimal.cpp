#include "core/backoff/decimal.h"

#include <fmt/format.h>

#include <algorithm>

namespace paxoscope {
namespace {

constexpr std::int64_t kLargest = 1'000'000'000'000'000;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text, int places) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const bool has_fraction = point != std::string_view::npos;
  const std::string_view fraction = has_fraction ? text.substr(point + 1) : std::string_view();
  if (!all_digits(whole) || (has_fraction && !all_digits(fraction)) ||
      fraction.size() > static_cast<std::size_t>(places)) {
    return std::nullopt;
  }
  std::string digits(whole);
  digits += fraction;
  digits.append(static_cast<std::size_t>(places) - fraction.size(), '0');
  std::int64_t amount = 0;
  for (const char digit : digits) {
    amount = amount * 10 + (digit - '0');
    if (amount > kLargest) {
      return std::nullopt;
    }
  }
  return amount;
}

std::string print_decimal(std::int64_t amount, int places) {
  std::string digits = fmt::format("{:0{}}", amount, places + 1);
  if (places == 0) {
    return digits;
  }
  digits.insert(digits.size() - static_cast<std::size_t>(places), 1, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') {
    digits.pop_back();
  }
  return digits;
}

}  // namespace paxoscope

// Decimal numbers as exact integers: no rounding, no locale, no exponent, no sign, no NaN, no infinity.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paxoscope {

// "12.5" with 3 places is 12500. None unless `text` is digits, or digits '.' digits with at most `places` of them
// behind the point, and the result is at most 10^15. 0 <= places <= 9.
std::optional<std::int64_t> parse_decimal(std::string_view text, int places);

// The shortest text that parses back to `amount`; amount >= 0.
std::string print_decimal(std::int64_t amount, int places);

}  // namespace paxoscope

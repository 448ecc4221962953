// An error is a value: one line that says what was wrong and what is allowed. Only main prints and exits.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace paxoscope {

struct Error {
  std::string message;  // one line, no trailing newline
};

template <class T>
using Expected = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) {
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace paxoscope

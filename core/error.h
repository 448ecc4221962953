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

// Control characters, which somebody's input may have brought in, become spaces: the message stays one line.
inline tl::unexpected<Error> fail(std::string message) {
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return tl::unexpected<Error>(Error{std::move(message)});
}

}  // namespace paxoscope

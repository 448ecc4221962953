// The fuzzers' entries: any bytes at all as one kind of input. Each aborts when a promise is broken, and returns 0.
// libfuzzer.cpp gives them to libFuzzer, corpus_test.cpp runs them on their corpora in every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.h"

namespace paxoscope::fuzz {

int trace_file(const std::uint8_t* data, std::size_t size);
int experiment_json(const std::uint8_t* data, std::size_t size);
int strategy_text(const std::uint8_t* data, std::size_t size);
int command_line(const std::uint8_t* data, std::size_t size);
int wire_bytes(const std::uint8_t* data, std::size_t size);

inline void require(bool promise) {
  if (!promise) std::abort();
}

// An error is one line that says something.
inline void require_line(const Error& error) {
  require(!error.message.empty() && error.message.find('\n') == std::string::npos);
}

}  // namespace paxoscope::fuzz

// Where an acceptor is: HOST:PORT, such as 127.0.0.1:3333, [::1]:3333 or localhost:3333.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace paxoscope::wire {

struct Address {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  bool is_loopback() const;
  std::string to_string() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// port_min: 0 where the system may choose one (to listen), else 1.
Expected<Address> parse_address(std::string_view text, std::uint16_t port_min);

// "127.0.0.1:3333,127.0.0.1:3334": acceptor i is the i-th, counted from 0. 1 to 128, none of them twice.
Expected<std::vector<Address>> parse_peers(std::string_view text);

}  // namespace paxoscope::wire

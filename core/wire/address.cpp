#include "core/wire/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/paxos/message.h"

namespace paxoscope::wire {

namespace {

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
}

bool is_host(const std::string& host, bool in_brackets) {
  in6_addr six{};
  if (in_brackets) return ::inet_pton(AF_INET6, host.c_str(), &six) == 1;
  return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), is_host_character);
}

}  // namespace

bool Address::is_loopback() const {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

std::string Address::to_string() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Expected<Address> parse_address(std::string_view text, std::uint16_t port_min) {
  const auto wrong = [&] {
    return fail(
        fmt::format("\"{}\" is no address; allowed: HOST:PORT with a port from {} to 65535, such as "
                    "127.0.0.1:3333",
                    text, port_min));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  Address address;
  std::string_view host = text.substr(0, colon);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  address.host = host;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool whole = error == std::errc() && end == port.data() + port.size();
  if (!whole || address.port < port_min || !is_host(address.host, in_brackets)) return wrong();
  return address;
}

Expected<std::vector<Address>> parse_peers(std::string_view text) {
  std::vector<Address> peers;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto address = parse_address(text.substr(0, comma), 1);
    if (!address) return tl::unexpected(address.error());
    if (std::find(peers.begin(), peers.end(), *address) != peers.end()) {
      return fail(fmt::format("{} is named twice; allowed: each acceptor once", address->to_string()));
    }
    peers.push_back(*address);
    if (peers.size() > static_cast<std::size_t>(kMaxAcceptors)) {
      return fail(fmt::format("more than {} acceptors; allowed: 1 to {}", kMaxAcceptors, kMaxAcceptors));
    }
    if (comma == std::string_view::npos) return peers;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace paxoscope::wire

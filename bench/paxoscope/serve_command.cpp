// paxoscope serve: an acceptor for others, with a memory that outlives it.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "bench/paxoscope/command.h"
#include "bench/paxoscope/experiment_options.h"
#include "bench/paxoscope/terminal.h"
#include "core/wire/server.h"

namespace paxoscope::cli {

namespace {

struct ServeOptions {
  std::string acceptor, listen = "127.0.0.1", data, memory = "1024", compact = "64";
  bool allow_remote = false;
  bool history = false;
};

constexpr std::uint32_t kMebibytesMax = 1U << 20U;
constexpr std::uint16_t kFirstPort = 3333;  // acceptor i of paxoskv listens on this plus i

Expected<wire::Address> listen_address(const ServeOptions& options, AcceptorId acceptor) {
  const bool has_port = options.listen.find(':') != std::string::npos;
  auto address =
      wire::parse_address(has_port ? options.listen : fmt::format("{}:{}", options.listen, kFirstPort + acceptor), 0);
  if (!address) return fail("--listen: " + address.error().message);
  if (!address->is_loopback() && !options.allow_remote) {
    return fail(
        fmt::format("--listen: {} is not this machine's loopback, and anybody who can reach it can vote for "
                    "anything; allowed: 127.0.0.1, or --allow-remote",
                    address->host));
  }
  return address;
}

void announce(const wire::Address& listen, const wire::DurableOptions& options,
              const wire::DurableAcceptor& recovered) {
  fmt::print("acceptor {} listens on {}; {}: {} instances, a log of {} bytes\n", options.acceptor, listen.to_string(),
             options.directory, recovered.instances(), recovered.log_bytes());
  std::fflush(stdout);
}

int run(const ServeOptions& options) {
  const auto id = parse_count("--acceptor", options.acceptor, 0, kMaxAcceptors - 1);
  if (!id) return complain(id.error().message);
  const auto memory = parse_count("--memory-max", options.memory, 1, kMebibytesMax);
  if (!memory) return complain(memory.error().message);
  const auto compact = parse_count("--compact-at", options.compact, 1, kMebibytesMax);
  if (!compact) return complain(compact.error().message);
  if (options.data.empty()) return complain("--data is empty; allowed: a directory of this acceptor's own");
  auto listen = listen_address(options, static_cast<AcceptorId>(*id));
  if (!listen) return complain(listen.error().message);

  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a full disk like any other
  catch_interrupts();
  const wire::DurableOptions durable{.directory = options.data,
                                     .acceptor = static_cast<AcceptorId>(*id),
                                     .memory_max = std::uint64_t{*memory} << 20U,
                                     .compact_bytes = std::uint64_t{*compact} << 20U,
                                     .history = options.history};
  auto acceptor = wire::DurableAcceptor::open(durable);
  if (!acceptor) return complain("--data: " + acceptor.error().message);
  const auto served = wire::serve(*acceptor, *listen,
                                  {.ready =
                                       [&](std::uint16_t port, const wire::DurableAcceptor& recovered) {
                                         listen->port = port;
                                         announce(*listen, durable, recovered);
                                       },
                                   .stopped = interrupted,
                                   .warn = [](const std::string& line) { complain(line); }});
  if (!served) return complain(served.error().message, kFailed);
  const AcceptorCounters& did = acceptor->counters();
  fmt::print("stopped after {} prepares and {} accepts; {} instances, a log of {} bytes\n", did.prepares, did.accepts,
             acceptor->instances(), acceptor->log_bytes());
  return kOk;
}

}  // namespace

Job add_serve(CLI::App& app) {
  auto options = std::make_shared<ServeOptions>();
  app.add_option("--acceptor", options->acceptor, "which acceptor this is, from 0 [0 to 127]")->required();
  app.add_option("--data", options->data, "its directory: the log of its promises and votes")
      ->type_name("DIR")
      ->required();
  app.add_option("--listen", options->listen,
                 "HOST:PORT; port 0: one that is free, no port: 3333 and the acceptor's number [127.0.0.1]");
  app.add_flag("--allow-remote", options->allow_remote, "listen on an address that other machines can reach");
  app.add_option("--memory-max", options->memory, "MiB for instances; beyond, new ones are refused [1024]");
  app.add_option("--compact-at", options->compact, "MiB of log that are never worth compacting [64]");
  app.add_flag("--history", options->history, "keep every step and every log, for a check of the rules afterwards");
  return [options] { return run(*options); };
}

}  // namespace paxoscope::cli

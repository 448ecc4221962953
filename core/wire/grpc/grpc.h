// What both ends of the wire need of gRPC. Only the sources of this folder include it: it takes long to compile.
#pragma once

#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/async_unary_call.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "core/nanos.h"

namespace paxoscope::wire {

// What gRPC does beside its work unless told not to, and nobody here needs: it costs a tenth of a request.
inline constexpr std::array kNotNeeded = {GRPC_ARG_HTTP2_BDP_PROBE, GRPC_ARG_ENABLE_CHANNELZ,
                                          GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION};

// gRPC writes lines of its own to stderr, a page when a peer is gone; what matters of it is in the statuses.
inline void quiet_grpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

inline grpc::ByteBuffer to_buffer(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

// The bytes in one piece; false when the buffer is broken.
inline bool to_bytes(const grpc::ByteBuffer& buffer, std::string& bytes) {
  std::vector<grpc::Slice> slices;
  bytes.clear();
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return false;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return true;
}

// When a wait that begins now is over. gRPC rounds up to whole milliseconds, so only the past is "do not wait".
inline gpr_timespec in(Nanos wait) {
  if (wait <= 0) return gpr_inf_past(GPR_CLOCK_MONOTONIC);
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(wait, GPR_TIMESPAN));
}

}  // namespace paxoscope::wire

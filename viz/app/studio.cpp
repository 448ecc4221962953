#include "viz/app/studio.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "viz/app/offscreen.h"
#include "viz/app/painter.h"

namespace paxoscope::viz {

namespace {

Expected<void> record(Painter& painter, const Offscreen& target, const Options& options) {
  std::error_code error;
  std::filesystem::create_directories(options.record, error);
  if (error) return fail(fmt::format("cannot make the folder {}: {}", options.record, error.message()));
  const auto frames = std::lround(options.seconds * options.fps);
  painter.scope().playback().play(true);
  for (long frame = 0; frame < frames; ++frame) {
    painter.paint(frame == 0 ? 0 : 1 / options.fps);
    auto written = write_png(target.read(), fmt::format("{}/frame_{:05}.png", options.record, frame));
    if (!written) return written;
  }
  return {};
}

}  // namespace

Expected<void> take_pictures(Scope& scope, Settings& settings, const Options& options) {
  auto target = Offscreen::make(settings.width, settings.height);
  if (!target) return tl::unexpected(target.error());
  Painter painter(scope, settings, options.scale > 0 ? options.scale : 1);
  painter.set_size(settings.width, settings.height);
  // ImGui knows what is where only after a picture, and one more settles what depends on that.
  for (int i = 0; i < 3; ++i) painter.paint(0);
  if (!options.screenshot.empty()) {
    auto written = write_png((*target)->read(), options.screenshot);
    if (!written) return written;
  }
  if (!options.export_to.empty()) {
    auto written = painter.export_to(options.export_to);
    if (!written) return written;
  }
  if (!options.record.empty()) return record(painter, **target, options);
  return {};
}

}  // namespace paxoscope::viz

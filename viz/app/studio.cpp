#include "viz/app/studio.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "viz/app/offscreen.h"
#include "viz/app/painter.h"
#include "viz/model/scenarios.h"

namespace paxoscope::viz {

namespace {

// When to look at a scenario that is shown by one picture only: where a rule breaks, or in the thick of it.
Nanos telling_moment(const Scope& scope) {
  const Take& take = scope.take();
  if (!take.findings.empty()) return take.findings.front().at;
  constexpr Nanos kLive = 3 * kSecond;
  if (scope.is_live()) return kLive;
  return take.history.first() + (take.history.last() - take.history.first()) * 11 / 20;
}

Expected<void> make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(fmt::format("cannot make the folder {}: {}", path, error.message()));
  return {};
}

// A table of what pictures cost, from the whole run down to a thousandth of it, while time runs.
void measure(Painter& painter) {
  constexpr int kPictures = 60;
  Scope& scope = painter.scope();
  fmt::print("{:>8}  {:>12}  {:>12}  {:>12}  {:>8}\n", "zoom", "ours", "ours, worst", "with OpenGL", "fps");
  const Nanos span = scope.view().to - scope.view().from, middle = scope.now();
  for (const int zoom : {1, 4, 16, 64, 256, 1000}) {
    scope.show(middle - span / zoom / 2, middle + span / zoom / 2);
    scope.advance(1);  // there at once
    scope.playback().play(true);
    double ours = 0, worst = 0, all = 0;
    for (int i = 0; i < kPictures; ++i) {
      const Painter::Cost cost = painter.paint_and_time(1e-3 / zoom);
      ours += cost.ours;
      all += cost.all;
      worst = std::max(worst, cost.ours);
    }
    scope.jump(middle);
    fmt::print("{:>7}x  {:>9.2f} ms  {:>9.2f} ms  {:>9.2f} ms  {:>8.0f}\n", zoom, ours / kPictures * 1e3, worst * 1e3,
               all / kPictures * 1e3, kPictures / all);
  }
}

void settle(Painter& painter) {
  // ImGui knows what is where only after a picture, and one more settles what depends on that.
  for (int i = 0; i < 3; ++i) painter.paint(0);
}

Expected<void> gallery(Painter& painter, const Offscreen& target, const Options& options) {
  if (auto made = make_folder(options.gallery); !made) return made;
  for (const Scenario& scenario : all_scenarios()) {
    auto source = open_scenario(scenario.name);
    if (!source) return tl::unexpected(source.error());
    Scope& scope = painter.scope();
    scope.open(std::move(*source), std::string(scenario.name));
    scope.jump(options.at ? *options.at : telling_moment(scope));
    settle(painter);
    const std::string path = fmt::format("{}/{}", options.gallery, scenario.name);
    if (auto written = write_png(target.read(), path + ".png"); !written) return written;
    if (auto written = painter.export_to(path + ".svg"); !written) return written;
  }
  return {};
}

Expected<void> record(Painter& painter, const Offscreen& target, const Options& options) {
  if (auto made = make_folder(options.record); !made) return made;
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
  if (options.tour > 0) painter.screen().start_tour(options.tour);
  settle(painter);
  if (!options.screenshot.empty()) {
    auto written = write_png((*target)->read(), options.screenshot);
    if (!written) return written;
  }
  if (!options.export_to.empty()) {
    auto written = painter.export_to(options.export_to);
    if (!written) return written;
  }
  if (options.measure) measure(painter);
  if (!options.gallery.empty()) return gallery(painter, **target, options);
  if (!options.record.empty()) return record(painter, **target, options);
  return {};
}

}  // namespace paxoscope::viz

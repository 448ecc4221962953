#include "viz/view/capture_panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint32_t kThreadsMax = 16;  // of a kind: more would not be told apart on a screen
constexpr Nanos kShortest = kMicrosecond, kLongest = 200 * kMillisecond;
constexpr int kWaitsMax = 600;  // seconds
constexpr Nanos kCrashFirst = kMillisecond, kCrashUsual = 50 * kMillisecond, kCrashLast = 10 * kSecond;

void step_time(Nanos& time, int by) {
  time = std::llround(
      next_on_scale(static_cast<double>(time), by, static_cast<double>(kShortest), static_cast<double>(kLongest)));
}

std::size_t place_of(Trigger::Kind kind) {
  const auto& all = all_triggers();
  return static_cast<std::size_t>(
      std::find_if(all.begin(), all.end(), [&](const TriggerInfo& it) { return it.kind == kind; }) - all.begin());
}

using Form = CaptureForm;

std::string threshold_text(const Form& form) {
  const std::string_view takes = form.trigger().takes;
  if (takes == "ballots") return fmt::format("{} ballots", form.options.trigger.count);
  return takes == "time" ? time_text(form.options.trigger.time, 3) : "none";
}

void step_threshold(Form& form, int by) {
  if (form.trigger().takes == "ballots")
    form.options.trigger.count = stepped<std::uint64_t>(form.options.trigger.count, by, 2, 1000);
  if (form.trigger().takes == "time") step_time(form.options.trigger.time, by);
}

void step_trigger(Form& form, int by) {
  const auto& all = all_triggers();
  const std::size_t n = all.size();
  Trigger::Kind& kind = form.options.trigger.kind;
  kind = all[(place_of(kind) + n + (by > 0 ? 1 : n - 1)) % n].kind;
}

// From "never" up through 1 ms and more, and back.
void step_crash(Form& form, int by) {
  const Nanos after = form.crash_after();
  if (after == 0 || (by < 0 && after <= kCrashFirst)) {
    form.crash_chosen = by > 0 ? kCrashFirst : 0;
  } else {
    form.crash_chosen = std::llround(next_on_scale(static_cast<double>(after), by, static_cast<double>(kCrashFirst),
                                                   static_cast<double>(kCrashLast)));
  }
}

constexpr auto kFields = std::to_array<FormField<Form>>({
    {"trigger", "What freezes the record: the moment that is worth a look",
     [](const Form& f) { return std::string(f.trigger().name); }, step_trigger},
    {"threshold", "How many, or how long, it takes", threshold_text, step_threshold},
    {"before", "How much is kept from before the trigger", [](const Form& f) { return time_text(f.options.before, 3); },
     [](Form& f, int by) { step_time(f.options.before, by); }},
    {"after", "How much is recorded after it", [](const Form& f) { return time_text(f.options.after, 3); },
     [](Form& f, int by) { step_time(f.options.after, by); }},
    {"mode", "Single: once. Normal: armed again as soon as what it caught has been played to its end.",
     [](const Form& f) { return std::string(f.again ? "normal" : "single"); },
     [](Form& f, int) { f.again = !f.again; }},
    {"waits at most", "Without a trigger by then, the end of the run is shown",
     [](const Form& f) { return fmt::format("{:.0f} s", f.options.experiment.duration_s); },
     [](Form& f, int by) {
       f.options.experiment.duration_s = next_on_scale(f.options.experiment.duration_s, by, 1, kWaitsMax);
     }},
    {"strategy", "How a proposer waits after losing a round",
     [](const Form& f) { return f.options.experiment.strategy; },
     [](Form& f, int by) { f.options.experiment.strategy = next_strategy(f.options.experiment.strategy, by); }},
    {"proposers", "Each is a thread", [](const Form& f) { return fmt::format("{}", f.options.experiment.proposers); },
     [](Form& f, int by) {
       f.options.experiment.proposers = stepped(f.options.experiment.proposers, by, 1U, kThreadsMax);
     }},
    {"acceptors", "Each is a thread", [](const Form& f) { return fmt::format("{}", f.options.experiment.acceptors); },
     [](Form& f, int by) {
       f.options.experiment.acceptors = stepped(f.options.experiment.acceptors, by, 1U, kThreadsMax);
     }},
    {"A0 crashes after", "An acceptor goes down while its cluster runs: what is sent to it is lost",
     [](const Form& f) { return f.crash_after() == 0 ? std::string("never") : time_text(f.crash_after(), 3); },
     step_crash},
    {"it is down for", "Then it is up again, with all that it promised and voted",
     [](const Form& f) { return f.crash_after() == 0 ? std::string("none") : time_text(f.down_for, 3); },
     [](Form& f, int by) { step_time(f.down_for, by); }},
});

}  // namespace

CaptureForm::CaptureForm() {
  options.experiment.engine = Engine::threads;
  options.experiment.strategy = "none";
  options.experiment.proposers = 3;
  options.experiment.warm_up_s = 0;
  options.experiment.duration_s = 10;
}

const TriggerInfo& CaptureForm::trigger() const {
  return all_triggers()[place_of(options.trigger.kind)];
}

Nanos CaptureForm::crash_after() const {
  const bool needed = options.trigger.kind == Trigger::Kind::first_crash;
  return crash_chosen == 0 && needed ? kCrashUsual : crash_chosen;
}

CaptureOptions CaptureForm::asked() const {
  constexpr double kTimeoutUs = 300;  // some 20 R, as in virtual time: what was lost must be missed within the picture
  CaptureOptions asked = options;
  if (crash_after() == 0) return asked;
  asked.experiment.faults =
      to_text({.faults = {{.at = crash_after(), .lasts = down_for, .a = {{AgentKind::acceptor, 0}}}}});
  asked.experiment.timeout_us = kTimeoutUs;
  return asked;
}

std::span<const FormField<CaptureForm>> CaptureForm::fields() {
  return kFields;
}

void CapturePanel::arm(Scope& scope) {
  auto started = Capture::start(form_.asked());
  rearms_ = started && form_.again;
  if (!started) return scope.say(started.error().message);
  capture_ = std::move(*started);
  scope.say(fmt::format("armed: {}", form_.trigger().name));
}

void CapturePanel::stop() {
  rearms_ = false;
  if (capture_) capture_->stop();
}

namespace {

std::string loss_text(const History& history) {
  if (history.missing() > 0) return fmt::format("{} lost: the gaps", count_text(history.missing()));
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    if (!history.lane(i).gaps.empty()) return "older ones overwritten: the gaps";
  }
  return "none lost";
}

}  // namespace

std::optional<Expected<Capture::Caught>> CapturePanel::advance(Scope& scope) {
  if (!capture_) {
    const bool played = scope.name() == kCaptured && !scope.playing() && scope.now() >= scope.take().history.last();
    if (rearms_ && played) arm(scope);
    return std::nullopt;
  }
  if (capture_->state() != Capture::State::done) return std::nullopt;
  auto caught = capture_->take();
  capture_.reset();
  if (!caught) {
    rearms_ = false;
    return tl::unexpected(caught.error());
  }
  const History& history = caught->source->take().history;
  caught_ = fmt::format("{}: {} events kept, {}", caught->text, count_text(history.size()), loss_text(history));
  return caught;
}

void CapturePanel::show(const Capture::Caught& caught, Scope& scope) const {
  const bool came = caught.triggered_at >= 0;
  const Nanos around = 2 * scope.take().pace;
  scope.jump(came ? caught.triggered_at : scope.take().history.last());
  // The trigger's time, or where the trace ends: a thread without a core records nothing.
  const Nanos at = scope.now();
  scope.show(at - around, at + around);
  if (came) scope.notes.annotate(at, "trigger: " + caught.text);
  scope.say(caught_);
  if (!rearms_) return;
  scope.jump(at - scope.take().pace);  // a second before it
  scope.playback().play(true);
}

void CapturePanel::draw(Canvas& canvas, const Box& box, Scope& scope) {
  const Theme& theme = scope.theme();
  Box rest = box;
  rest.a.y = canvas.paragraph(rest.a, rest.width(), theme.quiet,
                              "Real threads at full speed. A trigger freezes what they recorded, to be played slowly.",
                              Type::small) +
             canvas.px(8);
  draw_form(canvas, rest, canvas.px(96), theme, CaptureForm::fields(), form_, line_);
  rest.a.y += canvas.px(8);
  buttons(canvas, rest, scope);
  rest.a.y += canvas.px(44);
  canvas.push_clip(rest);
  canvas.paragraph(rest.a, rest.width(), armed() ? theme.text : theme.quiet, state_text(), Type::small);
  canvas.pop_clip();
}

void CapturePanel::buttons(Canvas& canvas, const Box& box, Scope& scope) {
  const Theme& theme = scope.theme();
  float x = box.a.x - canvas.px(8);
  const auto press = [&](const char* name, const char* tip, float width) {
    const Box place = {{x, box.a.y}, {x + canvas.px(width), box.a.y + canvas.px(34)}};
    x = place.b.x + canvas.px(8);
    canvas.box(place, theme.pressed, 6);
    return button(canvas, place, theme, name, tip, true);
  };
  const bool on = armed();
  if (press(on ? "Trigger now" : "Arm", on ? "Do not wait for the trigger (Enter)" : "Start the threads (Enter)", 112))
    main_action(scope);
  if ((on || rearms_) && press("Stop", "End it, and show how the run ended (Backspace)", 72)) stop();
}

std::string CapturePanel::state_text() const {
  if (armed()) {
    const char* state = capture_->state() == Capture::State::triggered ? "Triggered" : "Armed";
    return fmt::format("{}: {} events looked at, {} decisions so far", state, count_text(capture_->seen()),
                       count_text(capture_->decisions()));
  }
  if (rearms_) return caught_ + ". Armed again once this has played.";
  return caught_.empty() ? "Not armed. Arrow keys change, Enter arms." : caught_;
}

void CapturePanel::main_action(Scope& scope) {
  if (armed()) return pull();
  arm(scope);
}

bool CapturePanel::press(KeyPress key, Scope& scope) {
  if (key.key == keys::enter) {
    main_action(scope);
    return true;
  }
  if (key.key == keys::backspace) {
    stop();
    return true;
  }
  return press_in_form(key, CaptureForm::fields(), form_, line_);
}

}  // namespace paxoscope::viz

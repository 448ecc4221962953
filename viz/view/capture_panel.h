// The capture's place in the window: what pulls the trigger, how much is kept around it, arming, and what was caught.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "viz/model/capture.h"
#include "viz/view/form_view.h"
#include "viz/view/scope.h"

namespace paxoscope::viz {

inline constexpr std::string_view kCaptured = "captured";  // the name of what was caught, in the scope

// How a capture is set up; the lines of its form.
struct CaptureForm {
  CaptureForm();
  CaptureOptions options;
  Nanos crash_chosen =
      0;  // acceptor A0 goes down so long after the start; 0: never, or as usual if a crash is waited for
  Nanos down_for = 500 * kMicrosecond;
  bool again = false;  // arm again once what was caught has been played ("normal"); false: once ("single")
  const TriggerInfo& trigger() const;
  Nanos crash_after() const;
  CaptureOptions asked() const;  // the options, with the crash

  static std::span<const FormField<CaptureForm>> fields();
};

// Not thread-safe. The cluster runs on threads of its own and never waits for this.
class CapturePanel {
 public:
  // Starts the cluster and waits for the trigger; says so, or what is wrong with the form.
  void arm(Scope& scope);
  bool armed() const { return capture_ != nullptr; }
  void pull() { capture_->trigger_now(); }  // only while armed
  void stop();                              // armed: what is there is shown. Either way it is not armed again.

  // Once before each picture: what has just been caught, or why it could not be. Nothing: go on.
  std::optional<Expected<Capture::Caught>> advance(Scope& scope);
  // Once the scope has it: the trigger in the middle, and a flag that says what it was.
  void show(const Capture::Caught& caught, Scope& scope) const;

  void draw(Canvas& canvas, const Box& box, Scope& scope);
  // Whether the key was the panel's.
  bool press(KeyPress key, Scope& scope);

 private:
  std::string state_text() const;
  void main_action(Scope& scope);
  void buttons(Canvas& canvas, const Box& box, Scope& scope);

  CaptureForm form_;
  std::size_t line_ = 0;
  std::unique_ptr<Capture> capture_;  // null: not armed
  std::string caught_;                // what the last one said
  bool rearms_ = false;               // when what was caught has been played
};

}  // namespace paxoscope::viz

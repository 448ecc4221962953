// The legend under the arena: what the marks in flight are, and what their colour says.
#include <iterator>
#include <string_view>

#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

void draw_legend(Canvas& canvas, const Box& box, const Scope& scope) {
  struct Entry {
    MessageKind kind;
    const char* tip;
  };
  constexpr Entry kEntries[] = {
      {MessageKind::rejected, "Rejected: the acceptor has promised a higher ballot"},
      {MessageKind::accepted, "Accepted: an acceptor has voted. A quorum of votes in one ballot decides"},
      {MessageKind::accept, "Accept: a proposer asks for votes for a value in its ballot (phase 2)"},
      {MessageKind::promise, "Promise: an acceptor will refuse every lower ballot, and reports its last vote"},
      {MessageKind::prepare, "Prepare: a proposer asks acceptors to promise its ballot (phase 1)"}};
  const Theme& theme = scope.theme();
  const float y = box.centre().y, text_y = y - canvas.line_height(Type::small) * 0.42F;
  const auto width_of = [&](std::string_view text) { return canvas.text_width(text, Type::small); };
  float x = box.b.x - canvas.px(4), names = 0;
  for (const Entry& entry : kEntries) names += width_of(name_of(entry.kind)) + canvas.px(36);
  if (canvas.px(36) * static_cast<float>(std::size(kEntries)) > box.width()) return;
  const bool named = names <= box.width();  // a tooltip has the name all the same
  const std::string_view colour =
      scope.look.colour_by == ColourBy::owner ? "colour: whose ballot it is" : "colour: which value";
  if (named && names + width_of(colour) + canvas.px(20) <= box.width()) {
    canvas.text({x, text_y}, theme.faint, colour, Type::small, Align::right);
    x -= width_of(colour) + canvas.px(20);
  }
  for (const Entry& entry : kEntries) {
    const char* name = name_of(entry.kind);
    const float left = x - canvas.px(18) - (named ? width_of(name) : 0);
    canvas.mark(mark_of(entry.kind), {left + canvas.px(6), y}, canvas.px(6), theme.quiet);
    if (named) canvas.text({left + canvas.px(18), text_y}, theme.quiet, name, Type::small);
    canvas.touch({{left, y - canvas.px(9)}, {x, y + canvas.px(9)}}, name, entry.tip);
    x = left - canvas.px(18);
  }
}

}  // namespace paxoscope::viz

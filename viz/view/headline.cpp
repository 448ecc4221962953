// The permanent line: who fights and who is winning, what the cluster as a whole knows, and whether safety holds.
#include <fmt/format.h>

#include <string>

#include "core/check/rules.h"
#include "viz/model/contest.h"
#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

std::string safety_tip(const Safety& safety) {
  if (!safety.holds)
    return safety.rule == 0 ? "What a client was told does not fit what was decided."
                            : fmt::format("R{}: {}", safety.rule, kRules.at(static_cast<std::size_t>(safety.rule)));
  if (!safety.judged) return safety.text;
  return "Every rule of the protocol has held so far: at most one value is chosen, promises only rise, votes follow "
         "them.";
}

}  // namespace

void draw_headline(Canvas& canvas, const Box& box, Scope& scope) {
  const Moment& moment = scope.moment();
  const Theme& theme = scope.theme();
  const Contest contest = contest_of(moment);
  const bool decided =
      moment.knowledge.kind == Knowledge::Kind::chosen || moment.knowledge.kind == Knowledge::Kind::learned;
  // Safety, on the right.
  const Safety& safety = moment.safety;
  const char* verdict = !safety.holds ? "SAFETY BROKEN" : safety.judged ? "safety holds" : "safety not judged";
  const ImU32 tone = !safety.holds ? theme.broken : safety.judged ? theme.chosen : theme.quiet;
  const float width = canvas.text_width(verdict, Type::strong) + canvas.px(22);
  const float left = box.b.x - width;
  canvas.mark(safety.holds ? Mark::granted : Mark::rejected, {left + canvas.px(8), box.a.y + canvas.px(13)},
              canvas.px(7), tone);
  canvas.text({left + canvas.px(22), box.a.y + canvas.px(4)}, tone, verdict, Type::strong);
  canvas.touch({{left, box.a.y}, {box.b.x, box.a.y + canvas.px(24)}}, "safety", safety_tip(safety));
  // The contest, in the hue of who leads.
  float x = box.a.x;
  if (contest.leader) {
    canvas.box({{x, box.a.y + canvas.px(2)}, {x + canvas.px(5), box.a.y + canvas.px(24)}},
               decided ? theme.chosen : scope.owner_colour(*contest.leader), 2);
    x += canvas.px(15);
  }
  const float room = left - canvas.px(24) - x;
  const ImU32 ink = safety.holds ? theme.text : theme.broken;
  // What broke is told in full, if need be on both lines.
  if (!safety.holds && canvas.text_width(contest.text, Type::large) > room) {
    canvas.paragraph({x, box.a.y}, room, ink, contest.text, Type::strong);
    return;
  }
  const bool large = canvas.text_width(contest.text, Type::large) <= room;
  canvas.text_within({x, box.a.y + canvas.px(large ? 0 : 4)}, room, ink, contest.text,
                     large ? Type::large : Type::strong);
  canvas.text_within({box.a.x, box.a.y + canvas.px(31)}, box.width() * 0.7F, theme.quiet,
                     fmt::format("{} · {}", moment.instance_name, moment.knowledge.text));
}

}  // namespace paxoscope::viz

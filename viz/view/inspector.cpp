// What is selected, in words; and the rule that was just applied.
#include "viz/model/inspector.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "core/check/rules.h"
#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

struct Term {
  std::string_view name, meaning;
};
constexpr auto kTerms = std::to_array<Term>({
    {"state", "What it is at just now"},
    {"own value", "What its client would like to be decided"},
    {"ballot", "A ballot (n, proposer) names one round of one proposer. The higher one wins."},
    {"asks votes for", "If a vote was reported to it, it must carry that one on: it may already be decided"},
    {"quorum", "So many acceptors that any two such groups share one"},
    {"granted", "Acceptors whose promise or vote it has counted"},
    {"refused", "Acceptors that have promised a higher ballot, as it knows"},
    {"asked", "The request is on its way"},
    {"request lost", "The network has lost the request"},
    {"granted, not heard", "Promised but silent: the answer is still on its way, or lost"},
    {"refused, not heard", "The refusal is still on its way, or lost"},
    {"why", "A refusal, a timeout, or its own choice"},
    {"beaten by", "The ballot that made its round fail"},
    {"wait", "Backing off: it waits, so that another can finish both phases"},
    {"learned", "The decision, as it knows it"},
    {"last_bal", "The highest ballot it has promised or voted in. It refuses all below, and it only rises."},
    {"v_bal", "The ballot of its last vote, which it reports in every promise"},
    {"vote", "What it voted for last"},
});

std::string_view meaning_of(std::string_view name) {
  for (const Term& term : kTerms) {
    if (term.name == name) return term.meaning;
  }
  return "";
}

class InspectorPanel {
 public:
  InspectorPanel(Canvas& canvas, const Box& box, Scope& scope)
      : canvas_(canvas), box_(box), scope_(scope), theme_(scope.theme()), y_(box.a.y) {}

  void draw(bool with_prose) {
    canvas_.push_clip(box_);
    if (with_prose) prose();
    rule();
    y_ += canvas_.px(14);
    selected();
    canvas_.pop_clip();
  }

 private:
  void say(std::string_view text, ImU32 colour) {
    y_ = canvas_.paragraph({box_.a.x, y_}, box_.width(), colour, text, Type::normal, box_.b.y) + canvas_.px(2);
  }

  // What the author of the play says here.
  void prose() {
    const Prose* here = nullptr;
    for (const Prose& it : scope_.take().prose) {
      if (it.at <= scope_.now()) here = &it;
    }
    if (here == nullptr) return;
    const float top = y_, inset = canvas_.px(12);
    y_ = canvas_.paragraph({box_.a.x + inset, y_}, box_.width() - inset, theme_.text, here->text);
    canvas_.box({{box_.a.x, top}, {box_.a.x + canvas_.px(3), y_ - canvas_.px(2)}}, theme_.faint, 1);
    y_ += canvas_.px(14);
  }

  void rule() {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "THE STEP JUST TAKEN", "The rule that was applied last");
    const Moment& moment = scope_.moment();
    if (scope_.take().history.size() == 0 && !scope_.is_live()) {
      say("There is no event in this record. Open another (o), or a scenario (s).", theme_.quiet);
    } else if (moment.last.empty()) {
      say("Nothing has happened yet. Press space to play, or the right arrow for one step.", theme_.quiet);
    } else {
      say(moment.last, theme_.text);
    }
    if (!moment.safety.holds) broken(moment.safety);
  }

  void broken(const Safety& safety) {
    y_ = draw_title(canvas_, {box_.a.x, y_ + canvas_.px(14)}, theme_, "THE RULE THAT BROKE", "The first that did");
    say(safety.text, theme_.broken);
    if (safety.rule > 0)
      say(fmt::format("R{} demands: {}.", safety.rule, kRules.at(static_cast<std::size_t>(safety.rule))), theme_.quiet);
  }

  void selected() {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "SELECTED", "Click an agent or a message, or press Tab");
    const Selection it = scope_.selected;
    const Decree& decree = scope_.decree();
    if (it.kind == Selection::Kind::none)
      return say("Nothing. Click a proposer, an acceptor or a message to see its state and its reasons.", theme_.quiet);
    if (it.kind == Selection::Kind::message) {
      const ProposerId owner = decree.messages()[it.id].owner();
      return inspection(inspect_message(decree, it.id), scope_.owner_colour(owner));
    }
    const bool proposer = it.kind == Selection::Kind::proposer;
    const AgentKind kind = proposer ? AgentKind::proposer : AgentKind::acceptor;
    inspection(inspect_agent(decree, scope_.moment(), kind, it.id),
               proposer ? scope_.owner_colour(it.id) : theme_.text);
    if (scope_.is_live()) crash_button(kind, it.id);
  }

  void inspection(const Inspection& found, ImU32 hue) {
    canvas_.text_within({box_.a.x, y_}, box_.width(), hue, found.title, Type::strong);
    y_ += canvas_.line_height(Type::strong) + canvas_.px(4);
    if (!found.sentence.empty()) {
      say(found.sentence, theme_.text);
      y_ += canvas_.px(6);
    }
    for (const Fact& fact : found.facts) {
      canvas_.text_within({box_.a.x, y_}, canvas_.px(112), theme_.faint, fact.name);
      const float left = box_.a.x + canvas_.px(118), top = y_;
      y_ = canvas_.paragraph({left, y_}, box_.b.x - left, theme_.text, fact.value) + canvas_.px(3);
      canvas_.touch({{box_.a.x, top}, {box_.b.x, y_}}, "fact " + fact.name, meaning_of(fact.name));
    }
  }

  void crash_button(AgentKind kind, std::uint32_t id) {
    bool up = true;
    for (const AcceptorMoment& it : scope_.moment().acceptors) {
      if (kind == AgentKind::acceptor && it.id == id) up = it.up;
    }
    for (const ProposerMoment& it : scope_.moment().proposers) {
      if (kind == AgentKind::proposer && it.id == id) up = it.up;
    }
    const Box place = {{box_.a.x, y_ + canvas_.px(8)}, {box_.a.x + canvas_.px(110), y_ + canvas_.px(40)}};
    canvas_.box(place, theme_.raised, 6);
    if (button(canvas_, place, theme_, up ? "Crash it" : "Restart it", "An acceptor keeps its promises and votes (x)"))
      scope_.toggle_crash(kind, id);
  }

  Canvas& canvas_;
  Box box_;
  Scope& scope_;
  const Theme& theme_;
  float y_;
};

}  // namespace

void draw_inspector(Canvas& canvas, const Box& box, Scope& scope, bool prose) {
  InspectorPanel(canvas, box, scope).draw(prose);
}

}  // namespace paxoscope::viz

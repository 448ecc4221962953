// What is selected, in words; and the rule that was just applied.
#include <fmt/format.h>

#include <string>

#include "core/scenario/narrate.h"
#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

class Inspector {
 public:
  Inspector(Canvas& canvas, const Box& box, Scope& scope)
      : canvas_(canvas), box_(box), scope_(scope), theme_(scope.theme()), y_(box.a.y) {}

  void draw(bool with_prose) {
    canvas_.push_clip(box_);
    if (with_prose) prose();
    rule();
    y_ += canvas_.px(14);
    switch (scope_.selected.kind) {
      case Selection::Kind::none: nothing(); break;
      case Selection::Kind::proposer:
        for (const ProposerMoment& it : scope_.moment().proposers) {
          if (it.id == scope_.selected.id) proposer(it);
        }
        break;
      case Selection::Kind::acceptor:
        for (const AcceptorMoment& it : scope_.moment().acceptors) {
          if (it.id == scope_.selected.id) acceptor(it);
        }
        break;
      case Selection::Kind::message: message(scope_.decree().messages()[scope_.selected.id]); break;
    }
    canvas_.pop_clip();
  }

 private:
  void heading(std::string_view text, ImU32 colour) {
    canvas_.text({box_.a.x, y_}, colour, text, Type::strong);
    y_ += canvas_.line_height(Type::strong) + canvas_.px(4);
  }
  void say(std::string_view text, ImU32 colour) {
    y_ = canvas_.paragraph({box_.a.x, y_}, box_.width(), colour, text) + canvas_.px(2);
  }
  void row(std::string_view name, std::string_view value, std::string_view tip) {
    canvas_.text({box_.a.x, y_}, theme_.faint, name);
    const float left = box_.a.x + canvas_.px(104);
    canvas_.text_within({left, y_}, box_.b.x - left, theme_.text, value);
    canvas_.touch({{box_.a.x, y_}, {box_.b.x, y_ + canvas_.line_height(Type::normal)}}, name, tip);
    y_ += canvas_.line_height(Type::normal) + canvas_.px(3);
  }

  // What the author of the play says here.
  void prose() {
    const Prose* here = nullptr;
    for (const Prose& it : scope_.take().prose) {
      if (it.at <= scope_.now()) here = &it;
    }
    if (here == nullptr) return;
    const float top = y_;
    y_ = canvas_.paragraph({box_.a.x + canvas_.px(12), y_}, box_.width() - canvas_.px(12), theme_.text, here->text) +
         canvas_.px(2);
    canvas_.box({{box_.a.x, top}, {box_.a.x + canvas_.px(3), y_ - canvas_.px(4)}}, theme_.faint, 1);
    y_ += canvas_.px(12);
  }

  void rule() {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "THE STEP JUST TAKEN",
                    "The rule that was applied last, in one sentence");
    const Moment& moment = scope_.moment();
    if (moment.last.empty()) {
      say("Nothing has happened yet. Press space to play, or the right arrow for one step.", theme_.quiet);
    } else {
      say(moment.last, theme_.text);
    }
    if (!moment.safety.holds) say(moment.safety.text, theme_.broken);
  }

  void nothing() {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "SELECTED", "Click a proposer, an acceptor or a message");
    say("Nothing. Click a proposer, an acceptor or a message to see its state and its reasons.", theme_.quiet);
  }

  void proposer(const ProposerMoment& it) {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "SELECTED", "Click elsewhere to select something else");
    heading(fmt::format("Proposer P{}", it.id), scope_.owner_colour(it.id));
    if (!it.says.empty()) {
      say(it.says, theme_.text);
      y_ += canvas_.px(6);
    }
    row("ballot", it.ballot.is_none() ? "none yet" : text_of(it.ballot),
        "A ballot (n, proposer) names one round of one proposer. Higher ones win.");
    row("attempt", fmt::format("{}", it.attempt), "Ballots it has tried on this instance");
    row("own value",
        it.read  ? "none: it reads"
        : it.own ? fmt::format("{}", *it.own)
                 : "none",
        "What it would like to be decided");
    if (it.candidate)
      row("asks for",
          it.adopted ? fmt::format("{}, the vote in {}", *it.candidate, text_of(it.adopted_from))
                     : fmt::format("{}, its own", *it.candidate),
          "What it asks votes for. If a vote was reported to it, it must carry that one on.");
    if (it.needed > 0)
      row("quorum", fmt::format("{} of {} needed, {} refused", it.granted, it.needed, it.refused),
          "How many acceptors must grant this phase, so that any two quorums share one");
    if (it.state == ProposerMoment::State::backing_off) {
      row("waits",
          it.wait > 0 ? fmt::format("{}, {} left", time_text(it.wait, 3), time_text(it.wait_left, 3)) : "unknown",
          "Backing off: it waits, so that another can finish both phases");
      row("because",
          it.beaten_by.is_none() ? "no quorum answered in time" : fmt::format("{} was promised", text_of(it.beaten_by)),
          "Why it tries again: a refusal, a timeout, or its own choice");
    }
    if (it.learned) row("learned", fmt::format("{}", *it.learned), "The decision, as it knows it");
  }

  void acceptor(const AcceptorMoment& it) {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "SELECTED", "Click elsewhere to select something else");
    heading(fmt::format("Acceptor A{}{}", it.id, it.up ? "" : ", down"), it.up ? theme_.text : theme_.broken);
    row("promised", it.last_bal.is_none() ? "nothing" : text_of(it.last_bal),
        "last_bal: the highest ballot it has promised or voted in. It refuses lower ones.");
    row("voted", it.v_bal.is_none() ? "not yet" : fmt::format("{} in {}", it.vote, text_of(it.v_bal)),
        "v_bal and its value: its last vote, which it reports in every promise");
    row("promises", fmt::format("{}", it.promises.size()), "How often its promise has risen");
    row("votes", fmt::format("{}", it.votes.size()), "How often it has voted on this instance");
    if (scope_.is_live()) {
      const Box box = {{box_.a.x, y_ + canvas_.px(8)}, {box_.a.x + canvas_.px(120), y_ + canvas_.px(40)}};
      canvas_.box(box, theme_.raised, 6);
      if (button(canvas_, box, theme_, it.up ? "Crash it" : "Restart it", "It keeps what it has promised and voted"))
        scope_.toggle_crash(AgentKind::acceptor, it.id);
    }
  }

  void message(const Message& it) {
    y_ = draw_title(canvas_, {box_.a.x, y_}, theme_, "SELECTED", "Click elsewhere to select something else");
    heading(fmt::format("{} {}", name_of(it.kind), text_of(it.ballot)), scope_.owner_colour(it.owner()));
    row("from, to", fmt::format("{} to {}", text_of(it.from_kind(), it.from), text_of(it.to_kind(), it.to)), "");
    if (it.kind == MessageKind::rejected)
      row("because", fmt::format("{} was promised", text_of(it.last_bal)),
          "An acceptor refuses what is below its promise");
    if (it.kind == MessageKind::promise)
      row("reports", it.v_bal.is_none() ? "no vote" : fmt::format("{} in {}", it.value, text_of(it.v_bal)),
          "The acceptor's last vote. The proposer must carry on that of the highest ballot.");
    if (it.kind == MessageKind::accept || it.kind == MessageKind::accepted)
      row("value", fmt::format("{}", it.value), "What the vote is for");
    row("sent", time_text(it.sent, 5), "");
    row(it.fate == Fate::delivered ? "arrives"
        : it.fate == Fate::lost    ? "lost"
                                   : "arrival",
        it.fate == Fate::unknown
            ? "unknown: the record ends before"
            : fmt::format("{} ({} later)", time_text(it.arrives, 5), time_text(it.arrives - it.sent, 3)),
        "");
    if (it.ignored) row("", "ignored: it answers nothing open", "A late, doubled or foreign answer changes nothing");
  }

  Canvas& canvas_;
  Box box_;
  Scope& scope_;
  const Theme& theme_;
  float y_;
};

}  // namespace

void draw_inspector(Canvas& canvas, const Box& box, Scope& scope, bool prose) {
  Inspector(canvas, box, scope).draw(prose);
}

}  // namespace paxoscope::viz

// The arena: proposers in a row on top, acceptors in a row below, and what flies between them right now.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

#include "viz/model/contest.h"
#include "viz/model/text.h"
#include "viz/view/panels.h"

namespace paxoscope::viz {

namespace {

constexpr float kPi = std::numbers::pi_v<float>;
constexpr double kFlashSeconds = 0.9;

using State = ProposerMoment::State;

// A row of cards of equal width, centred in the box.
class Row {
 public:
  Row(const Canvas& canvas, const Box& box, std::size_t count, float widest, float gap) : box_(box) {
    const auto n = static_cast<float>(std::max<std::size_t>(count, 1));
    pitch_ = std::min(box.width() / n, canvas.px(widest + gap * 4));
    width_ = std::min(canvas.px(widest), pitch_ - std::min(canvas.px(gap), pitch_ * 0.15F));
    left_ = box.centre().x - pitch_ * n / 2;
  }
  Box card(std::size_t place) const {
    const float centre = left_ + pitch_ * (static_cast<float>(place) + 0.5F);
    return {{centre - width_ / 2, box_.a.y}, {centre + width_ / 2, box_.b.y}};
  }
  float width() const { return width_; }

 private:
  Box box_;
  float pitch_ = 0, width_ = 0, left_ = 0;
};

class Arena : Panel {
 public:
  Arena(Canvas& canvas, const Box& box, Scope& scope)
      : Panel(canvas, box, scope),
        moment_(scope.moment()),
        contest_(contest_of(moment_)),
        proposers_(canvas, upper(canvas, box), moment_.proposers.size(), 196, 18),
        acceptors_(canvas, lower(canvas, box), moment_.acceptors.size(), 190, 22) {}

  void draw() {
    cut_links();
    for (std::size_t i = 0; i < moment_.proposers.size(); ++i) proposer(moment_.proposers[i], proposers_.card(i));
    collect_rungs();
    for (std::size_t i = 0; i < moment_.acceptors.size(); ++i) acceptor(moment_.acceptors[i], acceptors_.card(i));
    for (const Flying& flying : moment_.flying) fly(flying);
    if (scope_.is_live()) link_under_pointer();
    flash();
    if (afterwards_) afterwards_();
  }

 private:
  static Box upper(const Canvas& canvas, const Box& box) {
    const float height = std::clamp(box.height() * 0.36F, canvas.px(76), canvas.px(112));
    return {{box.a.x, box.a.y}, {box.b.x, box.a.y + height}};
  }
  // The acceptors' ladders get what is left after the space in which messages fly.
  static Box lower(const Canvas& canvas, const Box& box) {
    const float bottom = box.b.y - canvas.px(6), rest = bottom - upper(canvas, box).b.y;
    const float height = std::clamp(rest * 0.58F, canvas.px(70), canvas.px(230));
    return {{box.a.x, bottom - height}, {box.b.x, bottom}};
  }
  // The cards have room for all their lines.
  bool tall(const Box& card) const { return card.height() >= canvas_.px(100); }

  bool chosen() const {
    return moment_.knowledge.kind == Knowledge::Kind::chosen || moment_.knowledge.kind == Knowledge::Kind::learned;
  }
  // What it does now was not recorded: what shows is how it was last known.
  bool in_gap(AgentKind kind, std::uint32_t id) const {
    const History& history = scope_.take().history;
    const auto lane = history.find_lane(kind, id);
    return lane && History::in_gap(history.lane(*lane), scope_.now());
  }
  Touch choose(const Box& card, Selection selection, const std::string& name, const std::string& tip) {
    const Touch touch = canvas_.touch(card, name, tip);
    if (touch.clicked) scope_.selected = selection;
    if (scope_.selected == selection) canvas_.frame(card.inset(-canvas_.px(3), -canvas_.px(3)), theme_.text, 9, 1.5F);
    return touch;
  }

  // ------------------------------------------------------------------------------------------------- proposers

  // Its own; or that of the value it asks for, or would.
  ImU32 hue_of(const ProposerMoment& it) const {
    const std::optional<Value> value = it.candidate ? it.candidate : it.own;
    return scope_.look.colour_by == ColourBy::value && value ? scope_.value_colour(*value) : scope_.owner_colour(it.id);
  }

  void proposer(const ProposerMoment& it, const Box& card) {
    const ImU32 hue = hue_of(it);
    const bool leads = contest_.leader == it.id, idle = it.state == State::idle || !it.up;
    canvas_.box(card, leads ? mixed(theme_.raised, hue, 0.16F) : theme_.raised, 8);
    canvas_.frame(card, it.up ? faded(hue, idle ? 0.35F : 1) : theme_.broken, 8, leads ? 2.5F : 1.2F);
    if (card.width() >= canvas_.px(150)) {
      words_beside(it, card, idle);
    } else {
      words_below(it, card, idle);
    }
    if (it.state != State::idle) draw_lamps(canvas_, card, theme_, it, hue);
    choose(card, {Selection::Kind::proposer, it.id}, fmt::format("proposer {}", it.id), proposer_tip(it));
  }

  // Its disc, with what is left of a wait around it.
  void face(const ProposerMoment& it, ImVec2 at, float radius, bool idle) {
    const ImU32 hue = hue_of(it);
    canvas_.disc(at, radius - canvas_.px(3), idle ? faded(hue, 0.3F) : hue);
    const std::string name = text_of(AgentKind::proposer, it.id);
    const Type type = canvas_.text_width(name, Type::strong) < 2 * radius - canvas_.px(10) ? Type::strong : Type::small;
    canvas_.text({at.x, at.y - canvas_.line_height(type) * 0.42F}, theme_.background, name, type, Align::centre);
    wait_arc(it, at, radius);
  }
  void words_beside(const ProposerMoment& it, const Box& card, bool idle) {
    const float radius = canvas_.px(21);
    face(it, {card.a.x + canvas_.px(14) + radius, card.a.y + canvas_.px(tall(card) ? 14 : 8) + radius}, radius, idle);
    const float x = card.a.x + canvas_.px(26) + radius * 2, width = card.b.x - x - canvas_.px(8);
    float y = card.a.y + canvas_.px(tall(card) ? 12 : 6);
    canvas_.text_within({x, y}, width, idle ? theme_.quiet : theme_.text, ballot_text(it), Type::strong);
    y += canvas_.line_height(Type::normal);
    state_line(it, {x, y}, width, Align::left);
    y += canvas_.line_height(Type::small);
    if (tall(card)) canvas_.text_within({x, y}, width, theme_.quiet, value_text(it), Type::small);
  }
  void words_below(const ProposerMoment& it, const Box& card, bool idle) {
    const float x = card.centre().x, width = card.width() - canvas_.px(4);
    const float radius = std::min(canvas_.px(tall(card) ? 17 : 13), width / 2);
    face(it, {x, card.a.y + canvas_.px(8) + radius}, radius, idle);
    const float y = card.a.y + canvas_.px(10) + radius * 2;
    const std::string ballot = ballot_text(it);
    const bool fits = canvas_.text_width(ballot, Type::strong) <= width;
    canvas_.text_within({x, y}, width, idle ? theme_.quiet : theme_.text,
                        {ballot, it.ballot.is_none() ? "none yet" : ""}, fits ? Type::strong : Type::small,
                        Align::centre);
    if (tall(card)) state_line(it, {x, y + canvas_.line_height(Type::normal)}, width, Align::centre);
  }
  // In as many words as there is room for.
  void state_line(const ProposerMoment& it, ImVec2 at, float width, Align align) {
    if (in_gap(AgentKind::proposer, it.id))
      return (void)canvas_.text_within(at, width, theme_.broken, {"not recorded now", "no record"}, Type::small, align);
    canvas_.text_within(at, width, theme_.quiet, {state_text(it), reason_text(it), state_word(it)}, Type::small, align);
  }

  // What is left of a wait runs out around the proposer.
  void wait_arc(const ProposerMoment& it, ImVec2 face, float radius) {
    if (it.state != State::backing_off && it.state != State::waiting_to_start) return;
    const double left =
        it.wait > 0 ? std::clamp(static_cast<double>(it.wait_left) / static_cast<double>(it.wait), 0.0, 1.0) : 1;
    canvas_.arc(face, radius, 0, 2 * kPi, theme_.line, 3);
    if (left > 0) {
      const float from = -kPi / 2;
      canvas_.arc(face, radius, from, from + static_cast<float>(left) * 2 * kPi, hue_of(it), 3);
    }
  }

  static std::string ballot_text(const ProposerMoment& it) {
    return it.ballot.is_none() ? "no ballot yet" : text_of(it.ballot);
  }
  static const char* state_word(const ProposerMoment& it) {
    if (!it.up) return "crashed";
    switch (it.state) {
      case State::idle: return "idle";
      case State::waiting_to_start: return "waits";
      case State::preparing: return "preparing";
      case State::accepting: return "accepting";
      case State::backing_off: return "backs off";
      case State::decided: return "knows it";
      case State::empty: return "found none";
      case State::abandoned: return "gave up";
    }
    return "";
  }
  static std::string reason_text(const ProposerMoment& it) {
    if (!it.up || it.state != State::backing_off) return state_word(it);
    const char* why = it.why == Why::timeout ? "timeout" : it.why == Why::refusal ? "refused" : "own choice";
    return fmt::format("{} ({})", state_word(it), why);
  }
  static std::string state_text(const ProposerMoment& it) {
    if (it.up && it.state == State::backing_off && it.wait_left > 0)
      return fmt::format("{}, {} left", reason_text(it), time_text(it.wait_left, 2));
    if (it.up && it.state == State::backing_off) return reason_text(it);
    if (it.up && (it.state == State::preparing || it.state == State::accepting) && it.attempt > 1)
      return fmt::format("{}, attempt {}", state_word(it), it.attempt);
    return state_word(it);
  }
  std::string value_name(Value value) const { return text_of(moment_.instance, value); }
  std::string value_text(const ProposerMoment& it) const {
    if (it.learned) return fmt::format("decided {}", value_name(*it.learned));
    if (it.adopted && it.candidate) return fmt::format("carries on {}", value_name(*it.candidate));
    if (it.read) return "reads";
    return it.own ? fmt::format("wants {}", value_name(*it.own)) : std::string();
  }
  static std::string proposer_tip(const ProposerMoment& it) {
    return fmt::format("Proposer P{}: {}", it.id, it.says.empty() ? state_text(it) : it.says);
  }

  // ------------------------------------------------------------------------------------------------- acceptors

  // The ballots that the acceptors' ladders have rungs for, lowest first: the same for all, so that they compare.
  void collect_rungs() {
    std::set<Ballot> seen, stand;
    for (const AcceptorMoment& it : moment_.acceptors) {
      for (const Vote& promise : it.promises) seen.insert(promise.ballot);
      for (const Vote& vote : it.votes) seen.insert(vote.ballot);
      for (const Ballot ballot : {it.last_bal, it.v_bal}) {
        if (!ballot.is_none()) stand.insert(ballot);
      }
    }
    measure_names(seen);
    const auto room =
        static_cast<std::size_t>(std::max(1.0F, ladder_box(acceptors_.card(0)).height() / canvas_.px(kRung)));
    // Where there is no room for all: those that some acceptor stands on, then the highest.
    while (stand.size() > room) stand.erase(stand.begin());
    for (auto it = seen.rbegin(); it != seen.rend() && stand.size() < room; ++it) stand.insert(*it);
    hidden_ = seen.size() - std::min(seen.size(), stand.size());
    rungs_.assign(stand.begin(), stand.end());
    measure_names(stand);
  }
  void measure_names(const std::set<Ballot>& ballots) {
    label_ = 0;
    for (const Ballot ballot : ballots) label_ = std::max(label_, canvas_.text_width(text_of(ballot), Type::small));
  }
  static constexpr float kRung = 17;
  float padding(const Box& card) const { return std::min(canvas_.px(12), card.width() * 0.08F); }
  // Where there is no room beside the rungs for their ballots.
  bool rungs_named(const Box& card) const { return card.width() - 2 * padding(card) > label_ * 2; }
  // What it has promised need not be said again below a named rung where height is short.
  bool promise_told(const Box& card) const { return tall(card) || !rungs_named(card); }
  Box ladder_box(const Box& card) const {
    const float foot = canvas_.px(promise_told(card) ? 38 : 22);
    return {{card.a.x + padding(card), card.a.y + canvas_.px(28)}, {card.b.x - padding(card), card.b.y - foot}};
  }
  float rung_y(const Box& ladder, Ballot ballot) const {
    const auto place = std::lower_bound(rungs_.begin(), rungs_.end(), ballot) - rungs_.begin();
    return ladder.b.y - canvas_.px(kRung) * (static_cast<float>(place) + 0.5F);
  }
  bool has_rung(Ballot ballot) const { return std::binary_search(rungs_.begin(), rungs_.end(), ballot); }

  void acceptor(const AcceptorMoment& it, const Box& card) {
    // In the ballot that decided, or in a later one that carried the value on.
    const bool voted_chosen = chosen() && it.v_bal >= moment_.knowledge.ballot && it.vote == moment_.knowledge.value;
    canvas_.box(card, theme_.raised, 8);
    canvas_.frame(card,
                  !it.up         ? theme_.broken
                  : voted_chosen ? theme_.chosen
                                 : theme_.line,
                  8, voted_chosen ? 2 : 1.2F);
    const float pad = padding(card);
    canvas_.text({card.a.x + pad, card.a.y + canvas_.px(8)}, theme_.text, text_of(AgentKind::acceptor, it.id),
                 Type::strong);
    if (!it.up)
      canvas_.text({card.b.x - pad - canvas_.px(scope_.is_live() ? 26 : 0), card.a.y + canvas_.px(9)}, theme_.broken,
                   "down", Type::small, Align::right);
    power_button(it, card);
    const bool unknown = in_gap(AgentKind::acceptor, it.id);
    if (unknown)
      canvas_.text_within({card.a.x + pad + canvas_.px(30), card.a.y + canvas_.px(9)}, card.width() - canvas_.px(46),
                          theme_.broken, {"not recorded now", "no record", "gap"}, Type::small);
    if (hidden_ > 0 && it.up && !unknown)
      canvas_.text_within(
          {card.a.x + pad + canvas_.px(30), card.a.y + canvas_.px(9)}, card.width() - canvas_.px(76), theme_.faint,
          {fmt::format("{} more ballot{}", hidden_, hidden_ == 1 ? "" : "s"), fmt::format("{} more", hidden_), ""},
          Type::small);
    const Box ladder = ladder_box(card);
    ballot_ladder(it, ladder);
    const float width = ladder.width();
    float y = ladder.b.y + canvas_.px(3);
    if (it.last_bal.is_none() && promise_told(card)) {
      canvas_.text_within({ladder.a.x, y}, width, theme_.faint,
                          {whole() ? "has promised nothing" : "no promise seen", "no promise"}, Type::small);
    } else if (promise_told(card)) {
      const std::string ballot = text_of(it.last_bal);
      canvas_.text_within({ladder.a.x, y}, width, theme_.quiet, {"promised " + ballot, "prom. " + ballot, ballot},
                          Type::small);
    }
    if (promise_told(card)) y += canvas_.line_height(Type::small);
    if (it.v_bal.is_none()) {
      canvas_.text_within({ladder.a.x, y}, width, theme_.faint, {whole() ? "no vote" : "no vote seen", "no vote"},
                          Type::small);
    } else {
      const std::string value = value_name(it.vote);
      canvas_.text_within(
          {ladder.a.x, y}, width, voted_chosen ? theme_.chosen : theme_.text,
          {fmt::format("voted {} in {}", value, text_of(it.v_bal)), fmt::format("voted {}", value), value},
          Type::small);
    }
    choose(card, {Selection::Kind::acceptor, it.id}, fmt::format("acceptor {}", it.id), acceptor_tip(it));
  }

  // Of a record that is not whole, nobody knows what was before.
  bool whole() const { return scope_.take().doubt.empty(); }
  std::string acceptor_tip(const AcceptorMoment& it) const {
    const std::string promise =
        !it.last_bal.is_none()
            ? fmt::format("It has promised {} and refuses every ballot below it.", text_of(it.last_bal))
        : whole() ? std::string("It has promised nothing: it will answer any ballot.")
                  : std::string("What it had promised before was not recorded.");
    return fmt::format("Acceptor A{}. {} A line is the promise, which only rises; a filled triangle is a vote.", it.id,
                       promise);
  }

  void power_button(const AcceptorMoment& it, const Box& card) {
    if (!scope_.is_live()) return;
    const float size = canvas_.px(20);
    const Box box = {{card.b.x - size - canvas_.px(6), card.a.y + canvas_.px(6)},
                     {card.b.x - canvas_.px(6), card.a.y + canvas_.px(6) + size}};
    const Touch touch =
        canvas_.touch(box, fmt::format("power A{}", it.id),
                      it.up ? "Crash this acceptor" : "Restart it, with what it had promised and voted");
    const ImU32 colour = touch.hovered ? (it.up ? theme_.broken : theme_.chosen) : theme_.faint;
    const ImVec2 centre = box.centre();
    canvas_.arc(centre, canvas_.px(6), -kPi * 0.25F, kPi * 1.25F, colour, 1.8F);
    canvas_.line({centre.x, centre.y - canvas_.px(8)}, {centre.x, centre.y - canvas_.px(1)}, colour, 1.8F);
    if (touch.clicked) afterwards_ = [this, id = it.id] { scope_.toggle_crash(AgentKind::acceptor, id); };
  }

  void ballot_ladder(const AcceptorMoment& it, const Box& box) {
    canvas_.push_clip({{box.a.x, box.a.y - canvas_.px(4)}, box.b});
    const float x = box.a.x + (box.width() > label_ * 2 ? label_ + canvas_.px(8) : 0);
    for (const Ballot rung : rungs_) {
      const float y = rung_y(box, rung);
      canvas_.line({x, y}, {box.b.x, y}, theme_.line);
      if (x > box.a.x) {
        const bool stands = rung == it.last_bal || rung == it.v_bal;
        canvas_.text({x - canvas_.px(8), y - canvas_.line_height(Type::small) * 0.42F},
                     stands ? theme_.text : theme_.faint, text_of(rung), Type::small, Align::right);
      }
    }
    // What it promised before: a short step each.
    for (const Vote& promise : it.promises) {
      if (!has_rung(promise.ballot) || promise.ballot == it.last_bal) continue;
      const float y = rung_y(box, promise.ballot);
      canvas_.line({x, y}, {x + (box.b.x - x) * 0.3F, y}, faded(scope_.owner_colour(promise.ballot.proposer()), 0.6F),
                   2);
    }
    if (has_rung(it.last_bal)) {
      const float y = rung_y(box, it.last_bal);
      canvas_.box({{x, y - canvas_.px(2)}, {box.b.x, y + canvas_.px(2)}}, scope_.owner_colour(it.last_bal.proposer()),
                  2);
    }
    for (const Vote& vote : it.votes) {
      if (!has_rung(vote.ballot)) continue;
      const bool last = vote.ballot == it.v_bal;
      const ImU32 colour = faded(scope_.colour(vote.ballot, vote.value), last ? 1 : 0.55F);
      const ImVec2 at = {x + (box.b.x - x) * 0.62F, rung_y(box, vote.ballot)};
      canvas_.mark(Mark::accepted, at, canvas_.px(10), theme_.raised);
      canvas_.mark(Mark::accepted, at, canvas_.px(7.5F), colour);
    }
    canvas_.pop_clip();
  }

  // ------------------------------------------------------------------------------------------------- messages

  ImVec2 rim(AgentKind kind, std::uint32_t id) const {
    if (kind == AgentKind::proposer) {
      for (std::size_t i = 0; i < moment_.proposers.size(); ++i) {
        if (moment_.proposers[i].id == id)
          return {proposers_.card(i).centre().x, proposers_.card(i).b.y + canvas_.px(8)};
      }
    }
    for (std::size_t i = 0; i < moment_.acceptors.size(); ++i) {
      if (moment_.acceptors[i].id == id) return {acceptors_.card(i).centre().x, acceptors_.card(i).a.y - canvas_.px(8)};
    }
    return box_.centre();
  }

  void fly(const Flying& flying) {
    const Message& message = scope_.decree().messages()[flying.message];
    ImVec2 from = rim(message.from_kind(), message.from), to = rim(message.to_kind(), message.to);
    // Each proposer has a lane of its own at an acceptor, and replies one beside the requests.
    const float side = canvas_.px(message.request() ? -7 : 7);
    from.x += side;
    to.x += side;
    const auto share = static_cast<float>(flying.progress);
    // Of what is never seen to arrive, all that is known is that it was sent: it stays where it stops, and pales.
    const bool stranded = message.fate == Fate::unknown && flying.progress >= message.reaches;
    const ImU32 hue = faded(scope_.colour(message.ballot, message.value), stranded ? 0.4F : 1);
    ImVec2 at = between(from, to, share);
    // A refusal bounces off: it leaves in a bow.
    if (message.refusal()) at.x += canvas_.px(22) * std::sin(share * kPi);
    const ImVec2 tail = between(from, to, std::max(0.0F, share - 0.13F));
    const bool strong = message.kind == MessageKind::accept || message.kind == MessageKind::accepted;
    if (!message.refusal()) canvas_.line(tail, at, faded(hue, strong ? 0.5F : 0.3F), strong ? 3 : 2);
    const float radius = canvas_.px(strong ? 8.5F : 7.5F);
    const bool lost = message.fate == Fate::lost && share > 0.4F;
    canvas_.mark(mark_of(message.kind), at, radius, faded(hue, lost ? 1.3F - share * 2 > 0.2F ? 0.6F : 0.3F : 1));
    const Selection selection = {Selection::Kind::message, flying.message};
    const Touch touch = canvas_.touch({{at.x - radius, at.y - radius}, {at.x + radius, at.y + radius}},
                                      fmt::format("message {}", flying.message), message_tip(message));
    if (touch.hovered) scope_.hovered = selection;
    if (touch.clicked) scope_.selected = selection;
    if (touch.hovered || scope_.selected == selection) {
      canvas_.line(from, to, faded(hue, 0.35F));
      canvas_.arc(at, radius + canvas_.px(4), 0, 2 * kPi, theme_.text, 1.5F);
    }
  }
  static ImVec2 between(ImVec2 a, ImVec2 b, float share) {
    return {a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share};
  }
  static std::string message_tip(const Message& message) {
    return fmt::format("{} {} from {} to {}{}", name_of(message.kind), text_of(message.ballot),
                       text_of(message.from_kind(), message.from), text_of(message.to_kind(), message.to),
                       message.fate == Fate::lost ? ": it will get lost" : "");
  }

  // Links that are cut; a click on the one under the pointer cuts or mends it.
  void cut_links() {
    if (!scope_.is_live()) return;
    for (const ProposerMoment& proposer : moment_.proposers) {
      for (const AcceptorMoment& acceptor : moment_.acceptors) {
        if (!scope_.is_cut(proposer.id, acceptor.id)) continue;
        const ImVec2 a = rim(AgentKind::proposer, proposer.id), b = rim(AgentKind::acceptor, acceptor.id);
        dashed(canvas_, a, b, faded(theme_.broken, 0.7F));
        canvas_.mark(Mark::rejected, between(a, b, 0.5F), canvas_.px(7), theme_.broken);
      }
    }
  }
  void link_under_pointer() {
    const ImVec2 mouse = ImGui::GetMousePos();
    if (mouse.y < proposers_.card(0).b.y || mouse.y > acceptors_.card(0).a.y || !box_.contains(mouse)) return;
    float best = canvas_.px(7);
    std::uint32_t from = 0, to = 0;
    for (const ProposerMoment& proposer : moment_.proposers) {
      for (const AcceptorMoment& acceptor : moment_.acceptors) {
        const ImVec2 a = rim(AgentKind::proposer, proposer.id), b = rim(AgentKind::acceptor, acceptor.id);
        const float share = (mouse.y - a.y) / (b.y - a.y);
        const float away = std::abs(between(a, b, share).x - mouse.x);
        if (away >= best) continue;
        best = away;
        from = proposer.id;
        to = acceptor.id;
      }
    }
    if (best >= canvas_.px(7)) return;
    const bool cut = scope_.is_cut(from, to);
    const float reach = canvas_.px(7);
    const Touch touch =
        canvas_.touch({{mouse.x - reach, mouse.y - reach}, {mouse.x + reach, mouse.y + reach}}, "link",
                      fmt::format("The link between P{} and A{}: click to {} it", from, to, cut ? "mend" : "cut"));
    if (!touch.hovered) return;
    canvas_.line(rim(AgentKind::proposer, from), rim(AgentKind::acceptor, to), faded(theme_.quiet, 0.5F), 1.5F);
    if (touch.clicked) afterwards_ = [this, from, to] { scope_.toggle_link(from, to); };
  }

  // ------------------------------------------------------------------------------------------------- the rest

  // A decision flashes once around the acceptors that made it.
  void flash() {
    if (!chosen()) return;
    const double seconds =
        static_cast<double>(moment_.at - moment_.knowledge.since) / static_cast<double>(scope_.take().pace);
    if (seconds < 0 || seconds > kFlashSeconds) return;
    const auto share = static_cast<float>(seconds / kFlashSeconds);
    for (std::size_t i = 0; i < moment_.acceptors.size(); ++i) {
      if (moment_.acceptors[i].v_bal != moment_.knowledge.ballot) continue;
      const float grow = canvas_.px(3 + 12 * share);
      canvas_.frame(acceptors_.card(i).inset(-grow, -grow), faded(theme_.chosen, 1 - share), 12, 3);
    }
  }

  const Moment& moment_;
  Contest contest_;
  std::function<void()> afterwards_;  // what a click asked for: it takes away the moment that is being drawn
  Row proposers_, acceptors_;
  std::vector<Ballot> rungs_;
  std::size_t hidden_ = 0;  // ballots without a rung
  float label_ = 0;         // the width of the longest ballot's name
};

}  // namespace

void draw_arena(Canvas& canvas, const Box& box, Scope& scope) {
  Arena(canvas, box, scope).draw();
}

}  // namespace paxoscope::viz

#include "viz/model/decree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/counted.h"
#include "viz/model/decree_state.h"
#include "viz/model/text.h"

namespace paxoscope::viz {

namespace {

constexpr std::uint32_t kKeyframesMax = 256;
constexpr std::uint32_t kStrideMin = 512;

std::size_t place_of(const std::vector<std::uint32_t>& ids, std::uint32_t id) {
  const auto found = std::lower_bound(ids.begin(), ids.end(), id);
  return found != ids.end() && *found == id ? static_cast<std::size_t>(found - ids.begin()) : ids.size();
}

}  // namespace

Decree::Decree(const Take& take, const InstanceId& instance) : take_(&take), instance_(instance) {
  collect();
  link_messages();
  follow_votes();
  follow_proposers();
  make_keyframes();
}

Decree::~Decree() = default;
Decree::Decree(Decree&&) noexcept = default;
Decree& Decree::operator=(Decree&&) noexcept = default;

void Decree::collect() {
  const History& history = take_->history;
  ids_ = history.events_of(instance_);
  const std::vector<EventId> faults = history.faults();
  const auto middle = static_cast<std::ptrdiff_t>(ids_.size());
  ids_.insert(ids_.end(), faults.begin(), faults.end());
  std::inplace_merge(ids_.begin(), ids_.begin() + middle, ids_.end(),
                     [&](EventId a, EventId b) { return history.time(a) < history.time(b); });
  events_.reserve(ids_.size());
  for (const EventId id : ids_) events_.push_back(history.event(id));
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    (lane.kind == AgentKind::proposer ? proposers_ : acceptors_).push_back(lane.agent);
  }
  for (int id = 0; id < take_->quorums.acceptors(); ++id) acceptors_.push_back(static_cast<std::uint32_t>(id));
  std::sort(acceptors_.begin(), acceptors_.end());
  acceptors_.erase(std::unique(acceptors_.begin(), acceptors_.end()), acceptors_.end());
}

std::uint32_t Decree::events_before(Nanos at) const {
  const auto after = std::upper_bound(events_.begin(), events_.end(), at,
                                      [](Nanos time, const Event& event) { return time < event.at; });
  return static_cast<std::uint32_t>(after - events_.begin());
}

namespace {

// Who voted in one ballot.
struct BallotVotes {
  std::array<std::uint64_t, 2> voters = {0, 0};  // a bit per acceptor
  std::uint32_t count = 0;
  bool add(std::uint32_t acceptor) {
    const std::uint64_t bit = std::uint64_t{1} << (acceptor & 63U);
    if (acceptor >= kMaxAcceptors || (voters[acceptor >> 6U] & bit) != 0) return false;
    voters[acceptor >> 6U] |= bit;
    ++count;
    return true;
  }
};

}  // namespace

void Decree::follow_votes() {
  std::map<Ballot, BallotVotes> ballots;
  votes_.resize(acceptors_.size());
  promises_.resize(acceptors_.size());
  std::vector<Ballot> promised(acceptors_.size());
  Progress now;
  for (std::uint32_t i = 0; i < events_.size(); ++i) {
    const Event& event = events_[i];
    if (event.kind == EventKind::proposed && progress_.empty()) progress_.push_back({.event = i});
    if (event.kind != EventKind::answered) continue;
    const std::size_t place = place_of(acceptors_, event.agent);
    if (std::exchange(promised[place], event.last_bal) != event.last_bal) {
      promises_[place].push_back({event.last_bal, 0, event.at});
    }
    if (event.phase != Phase::accept || event.v_bal != event.ballot) continue;
    BallotVotes& votes = ballots[event.ballot];
    if (!votes.add(event.agent)) continue;
    votes_[place].push_back({event.ballot, event.vote, event.at});
    if (decisive_ != kNone) continue;
    const bool chosen = votes.count >= static_cast<std::uint32_t>(take_->quorums.size(Phase::accept));
    if (chosen || event.ballot >= now.ballot) {
      now = {i, chosen ? Knowledge::Kind::chosen : Knowledge::Kind::voted, event.ballot, event.vote, votes.count};
      progress_.push_back(now);
    }
    if (!chosen) continue;
    decisive_ = i;
    chosen_in_ = event.ballot;
    chosen_ = event.vote;
  }
}

void Decree::make_keyframes() {
  State state;
  for (const std::uint32_t id : proposers_) {
    OfProposer proposer;
    proposer.shown.id = id;
    proposer.shown.last_event = kNone;
    proposer.shown.lamps.resize(acceptors_.size(), Lamp::idle);
    state.proposers.push_back(std::move(proposer));
  }
  for (const std::uint32_t id : acceptors_) state.acceptors.push_back({.id = id});
  const auto events = static_cast<std::uint32_t>(events_.size());
  stride_ = std::max(kStrideMin, events / kKeyframesMax + 1);
  for (std::uint32_t i = 0; i < events; ++i) {
    if (i % stride_ == 0) keyframes_.push_back(state);
    apply(state, i);
  }
  if (keyframes_.empty()) keyframes_.push_back(state);
}

void Decree::apply(State& state, std::uint32_t index) const {
  const Event& event = events_[index];
  if (event.agent_kind == AgentKind::acceptor) {
    const std::size_t place = place_of(acceptors_, event.agent);
    if (place < acceptors_.size()) apply_to_acceptor(state, place, event);
    return;
  }
  const std::size_t place = place_of(proposers_, event.agent);
  if (place == proposers_.size()) return;
  OfProposer& proposer = state.proposers[place];
  if (event.kind != EventKind::duplicated && event.kind != EventKind::dropped) proposer.shown.last_event = index;
  apply_to_proposer(proposer, event);
}

void Decree::apply_to_acceptor(State& state, std::size_t place, const Event& event) const {
  AcceptorMoment& acceptor = state.acceptors[place];
  if (event.kind == EventKind::crashed || event.kind == EventKind::restarted) {
    acceptor.up = event.kind == EventKind::restarted;
    return;
  }
  if (event.kind != EventKind::answered && event.kind != EventKind::refused) return;
  if (event.kind == EventKind::answered) {
    const bool same = acceptor.last_bal == event.last_bal && acceptor.v_bal == event.v_bal;
    acceptor.last_bal = event.last_bal;
    acceptor.v_bal = event.v_bal;
    acceptor.vote = event.vote;
    if (!same) acceptor.changed = event.at;
  }
  const std::size_t owner = place_of(proposers_, event.peer);
  if (owner == proposers_.size() || !state.proposers[owner].is_at(event)) return;
  Lamp& lamp = state.proposers[owner].shown.lamps[place];
  if (lamp == Lamp::request_flying || lamp == Lamp::request_lost) {
    lamp = event.granted ? Lamp::granted_silent : Lamp::refused_silent;
  }
}

void Decree::apply_to_proposer(OfProposer& proposer, const Event& event) const {
  ProposerMoment& shown = proposer.shown;
  switch (event.kind) {
    case EventKind::proposed: return proposer.propose(event);
    case EventKind::sent: return begin_phase(proposer, event);
    case EventKind::used: return count_reply(proposer, event);
    case EventKind::dropped: {
      const std::size_t acceptor = place_of(acceptors_, event.peer);
      if (event.round == 0 || acceptor == acceptors_.size() || !proposer.is_at(event)) return;
      if (shown.lamps[acceptor] == Lamp::request_flying) shown.lamps[acceptor] = Lamp::request_lost;
      return;
    }
    case EventKind::backed_off:
      shown.state = ProposerMoment::State::backing_off;
      shown.why = event.last_bal.is_none() ? Why::timeout : Why::refusal;
      shown.beaten_by = event.last_bal;
      shown.wait = event.value;
      proposer.waits_since = event.at;
      return;
    case EventKind::decided:
      shown.state = ProposerMoment::State::decided;
      shown.learned = event.value;
      shown.learned_at = event.at;
      shown.why = Why::none;
      return;
    case EventKind::empty: shown.state = ProposerMoment::State::empty; return;
    case EventKind::abandoned: shown.state = ProposerMoment::State::abandoned; return;
    case EventKind::crashed:
      shown.up = false;
      if (!shown.learned) shown.state = ProposerMoment::State::idle;
      proposer.lamps_out();
      return;
    case EventKind::restarted: shown.up = true; return;
    default: return;
  }
}

void Decree::begin_phase(OfProposer& proposer, const Event& sent) const {
  ProposerMoment& shown = proposer.shown;
  const bool prepare = sent.phase == Phase::prepare;
  shown.state = prepare ? ProposerMoment::State::preparing : ProposerMoment::State::accepting;
  shown.ballot = sent.ballot;
  shown.why = Why::none;
  shown.wait = 0;
  if (prepare) {
    ++shown.attempt;
    shown.candidate.reset();
    shown.adopted = false;
    shown.adopted_from = {};
  } else {
    shown.candidate = sent.value;
  }
  proposer.round = sent.round;
  proposer.phase = sent.phase;
  proposer.lamps_out();
  for (std::size_t i = 0; i < acceptors_.size(); ++i) {
    if (asks(sent.agent, i)) shown.lamps[i] = Lamp::request_flying;
  }
  shown.granted = shown.refused = 0;
  shown.needed = take_->quorums.size(sent.phase);
  proposer.took_part = true;
}

void Decree::count_reply(OfProposer& proposer, const Event& used) const {
  ProposerMoment& shown = proposer.shown;
  const std::size_t acceptor = place_of(acceptors_, used.peer);
  if (acceptor == acceptors_.size() || !proposer.is_at(used)) return;
  shown.lamps[acceptor] = used.granted ? Lamp::granted : Lamp::refused;
  ++(used.granted ? shown.granted : shown.refused);
  if (used.granted && used.phase == Phase::prepare && used.v_bal > shown.adopted_from) {
    shown.adopted = true;
    shown.adopted_from = used.v_bal;
    shown.candidate = used.vote;
  }
}

bool Decree::asks(std::uint32_t proposer, std::size_t acceptor) const {
  if (take_->asks_everybody) return acceptor < static_cast<std::size_t>(take_->quorums.acceptors());
  return asked_[place_of(proposers_, proposer)][acceptor];
}

Moment Decree::at(Nanos at) const {
  Moment moment{.at = at, .instance = instance_, .instance_name = take_->cast.instance(instance_)};
  const std::uint32_t events = events_before(at);
  const std::uint32_t keyframe = std::min(events / stride_, static_cast<std::uint32_t>(keyframes_.size() - 1));
  State state = keyframes_[keyframe];
  for (std::uint32_t i = keyframe * stride_; i < events; ++i) apply(state, i);

  const auto until_now = [&](const std::vector<Vote>& votes) {
    const auto end =
        std::upper_bound(votes.begin(), votes.end(), at, [](Nanos time, const Vote& vote) { return time < vote.at; });
    return std::span<const Vote>(votes.data(), static_cast<std::size_t>(end - votes.begin()));
  };
  for (std::size_t i = 0; i < state.acceptors.size(); ++i) {
    state.acceptors[i].votes = until_now(votes_[i]);
    state.acceptors[i].promises = until_now(promises_[i]);
  }
  moment.acceptors = std::move(state.acceptors);
  const std::span<const Event> all = events_;
  const auto sentence = [&](std::uint32_t event) {
    const std::uint32_t first = event - std::min<std::uint32_t>(event, 256);
    return narrate(events_[event], all.subspan(first, event - first), take_->cast);
  };
  for (OfProposer& proposer : state.proposers) {
    ProposerMoment& shown = proposer.shown;
    if (shown.wait > 0) shown.wait_left = std::max<Nanos>(0, proposer.waits_since + shown.wait - at);
    if (shown.last_event != kNone) shown.says = sentence(shown.last_event);
    moment.knowledge.learners += proposer.took_part ? 1 : 0;
    moment.knowledge.learned += shown.learned ? 1 : 0;
    moment.proposers.push_back(std::move(shown));
  }
  moment.last_event = events == 0 ? kNone : events - 1;
  if (events > 0) {
    moment.last = sentence(events - 1);
    moment.last_at = events_[events - 1].at;
  }
  fill_flying(moment);
  fill_knowledge(moment, events);
  fill_safety(moment);
  return moment;
}

void Decree::fill_flying(Moment& moment) const {
  const Nanos at = moment.at;
  const auto after = std::upper_bound(messages_.begin(), messages_.end(), at,
                                      [](Nanos time, const Message& message) { return time < message.sent; });
  std::vector<std::uint32_t> flying;
  for (auto i = static_cast<std::size_t>(after - messages_.begin()); i-- > 0 && latest_[i] > at;) {
    if (messages_[i].fate != Fate::unknown && messages_[i].arrives > at)
      flying.push_back(static_cast<std::uint32_t>(i));
  }
  for (const std::uint32_t i : unresolved_) {
    if (messages_[i].sent <= at) flying.push_back(i);
  }
  std::sort(flying.begin(), flying.end());
  for (const std::uint32_t i : flying) {
    const Message& message = messages_[i];
    const double whole = std::max(1.0, static_cast<double>(message.arrives - message.sent));
    const double share = std::min(1.0, static_cast<double>(at - message.sent) / whole);
    moment.flying.push_back({i, share * message.reaches});
  }
}

void Decree::fill_knowledge(Moment& moment, std::uint32_t events) const {
  Knowledge& known = moment.knowledge;
  known.quorum = static_cast<std::uint32_t>(take_->quorums.size(Phase::accept));
  const auto after = std::upper_bound(progress_.begin(), progress_.end(), events,
                                      [](std::uint32_t end, const Progress& p) { return end <= p.event; });
  if (after == progress_.begin()) {
    known.text = events == 0 ? "nobody has proposed here yet" : "open: nobody has voted";
    return;
  }
  const Progress& now = *(after - 1);
  known.kind = now.kind;
  known.value = now.value;
  known.ballot = now.ballot;
  known.votes = now.votes;
  known.since = events_[now.event].at;
  switch (known.kind) {
    case Knowledge::Kind::open: known.text = "open: nobody has voted"; return;
    case Knowledge::Kind::voted:
      known.text = fmt::format("open: {} has {} of {} votes in {}", text_of(instance_, known.value), known.votes,
                               known.quorum, text_of(known.ballot));
      return;
    default: break;
  }
  if (known.learned > 0) known.kind = Knowledge::Kind::learned;
  known.text = fmt::format("chosen: {} in {}; learned by {} of {}", text_of(instance_, known.value),
                           text_of(known.ballot), known.learned, counted(known.learners, "proposer"));
}

void Decree::fill_safety(Moment& moment) const {
  Safety& safety = moment.safety;
  safety.judged = take_->doubt.empty();
  safety.text = safety.judged ? "safety holds" : fmt::format("no rule broken so far: {}", take_->doubt);
  for (const Finding& finding : take_->findings) {
    if (finding.at > moment.at) break;
    safety.holds = false;
    safety.rule = finding.rule;
    safety.at = finding.at;
    const std::string what = finding.rule == 0 ? "A client is told wrong" : fmt::format("R{} broken", finding.rule);
    safety.text = fmt::format("{} at {}: {}", what, time_text(finding.at), finding.sentence);
    return;
  }
}

}  // namespace paxoscope::viz

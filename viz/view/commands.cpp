#include "viz/view/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/backoff/registry.h"
#include "core/experiment/experiment.h"
#include "viz/model/scenarios.h"
#include "viz/model/search.h"
#include "viz/model/text.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

namespace {

constexpr double kZoom = 1.6, kPan = 0.2;

constexpr auto kCommands = std::to_array<Command>({
    {{' '}, "Time", "play or pause", [](Screen& s) { s.scope().playback().play(!s.scope().playing()); }},
    {{keys::right}, "Time", "one step forward", [](Screen& s) { s.scope().step(false); }},
    {{keys::left}, "Time", "one step back", [](Screen& s) { s.scope().step(true); }},
    {{'['}, "Time", "half as fast", [](Screen& s) { s.scope().playback().set_speed(s.scope().playback().speed() / 2); }},
    {{']'}, "Time", "twice as fast", [](Screen& s) { s.scope().playback().set_speed(s.scope().playback().speed() * 2); }},
    {{keys::home}, "Time", "to the beginning", [](Screen& s) { s.scope().jump(s.scope().take().history.first()); }},
    {{keys::end}, "Time", "to the end", [](Screen& s) { s.scope().jump(s.scope().take().history.last()); }},
    {{'d'}, "Time", "to the decision", [](Screen& s) { s.scope().jump_to_decision(); }},
    {{'+'}, "Look at", "zoom in", [](Screen& s) { s.scope().zoom(kZoom, s.scope().now()); }},
    {{'-'}, "Look at", "zoom out", [](Screen& s) { s.scope().zoom(1 / kZoom, s.scope().now()); }},
    {{keys::left, true}, "Look at", "earlier times", [](Screen& s) { s.scope().pan(-kPan); }},
    {{keys::right, true}, "Look at", "later times", [](Screen& s) { s.scope().pan(kPan); }},
    {{'0'}, "Look at", "the whole run", [](Screen& s) { s.scope().show_all(); }},
    {{keys::tab}, "Look at", "select the next agent", [](Screen& s) { s.select_next(false); }},
    {{keys::tab, true}, "Look at", "select the agent before", [](Screen& s) { s.select_next(true); }},
    {{'n'}, "Look at", "the next instance", [](Screen& s) { s.next_instance(false); }},
    {{'N'}, "Look at", "the instance before", [](Screen& s) { s.next_instance(true); }},
    {{'x'}, "Act", "crash or restart the selected agent", [](Screen& s) { s.crash_selected(); }},
    {{'a'}, "Act", "write a note at the cursor", [](Screen& s) { s.show(Screen::Overlay::annotate); }},
    {{'e'}, "Act", "set up an experiment", [](Screen& s) { s.show(SidePanel::experiment); }},
    {{'c'}, "Act", "capture from real threads", [](Screen& s) { s.show(SidePanel::capture); }},
    {{'r'}, "Act", "arm the capture, or stop it", [](Screen& s) { s.arm_or_stop(); }},
    {{'s'}, "Window", "scenarios", [](Screen& s) { s.show(Screen::Overlay::scenarios); }},
    {{'o'}, "Window", "open a trace file", [](Screen& s) { s.show(Screen::Overlay::open); }},
    {{'g'}, "Window", "guided tour", [](Screen& s) { s.start_tour(); }},
    {{'/'}, "Window", "search, or do anything by name", [](Screen& s) { s.show(Screen::Overlay::search); }},
    {{'?'}, "Window", "this help", [](Screen& s) { s.show(Screen::Overlay::help); }},
    {{'i'}, "Window", "inspector", [](Screen& s) { s.show(SidePanel::inspect); }},
    {{'m'}, "Window", "meters", [](Screen& s) { s.show(SidePanel::meters); }},
    {{'1'}, "Window", "messages over time", [](Screen& s) { s.settings().lower = LowerPanel::messages; }},
    {{'2'}, "Window", "ballots over time", [](Screen& s) { s.settings().lower = LowerPanel::ballots; }},
    {{'3'}, "Window", "compare strategies", [](Screen& s) { s.settings().lower = LowerPanel::compare; }},
    {{'t'}, "Window", "dark or light", [](Screen& s) { s.settings().dark = !s.settings().dark; }},
    {{'v'}, "Window", "colour by owner or by value",
     [](Screen& s) {
       s.settings().colour_by = s.settings().colour_by == ColourBy::owner ? ColourBy::value : ColourBy::owner;
     }},
    {{'p'}, "Window", "save the picture as SVG", [](Screen& s) { s.export_wish = "paxoscope.svg"; }},
    {{'P'}, "Window", "save the picture as PNG", [](Screen& s) { s.export_wish = "paxoscope.png"; }},
    {{'q'}, "Window", "quit", [](Screen& s) { s.quit = true; }},
});

// Whether every word of the query is somewhere in the text; upper and lower case are the same.
bool matches(std::string_view text, std::string_view query) {
  const auto lower = [](std::string_view from) {
    std::string to(from);
    for (char& c : to) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return to;
  };
  const std::string hay = lower(text), words = lower(query);
  std::size_t begin = 0;
  while (begin < words.size()) {
    std::size_t end = words.find(' ', begin);
    if (end == std::string::npos) end = words.size();
    if (end > begin && hay.find(words.substr(begin, end - begin)) == std::string::npos) return false;
    begin = end + 1;
  }
  return true;
}

class Offers {
 public:
  Offers(Screen& screen, std::string_view query, std::size_t most) : screen_(screen), query_(query), most_(most) {}

  std::vector<Offer> run() {
    file();
    setting();
    for (const Command& command : kCommands)
      offer("do", std::string(command.name), [run = command.run](Screen& s) { run(s); });
    for (const Scenario& scenario : all_scenarios()) {
      offer("open", fmt::format("{} ({})", scenario.title, scenario.name),
            [name = scenario.name](Screen& s) { s.open_scenario(name); });
    }
    agents();
    forks();
    if (screen_.scope().is_live()) {
      for (const StrategyInfo& strategy : all_strategies())
        offer("set", fmt::format("strategy {}", strategy.name), set("strategy", std::string(strategy.name)));
    }
    if (!query_.empty()) events();
    return std::move(found_);
  }

 private:
  void offer(std::string kind, std::string text, std::function<void(Screen&)> run) {
    if (found_.size() < most_ && matches(kind + " " + text, query_))
      found_.push_back({std::move(kind), std::move(text), std::move(run)});
  }

  static std::function<void(Screen&)> set(const std::string& name, const std::string& value) {
    return [name, value](Screen& s) {
      LiveSource* live = s.scope().live();
      if (live == nullptr) return s.scope().say("Settings belong to a live scenario: this is a recording.");
      nlohmann::json json = to_json(live->experiment());
      const auto parsed = nlohmann::json::parse(value, nullptr, false);
      json[name] = parsed.is_discarded() || json[name].is_string() ? nlohmann::json(value) : parsed;
      const auto experiment = experiment_from_json(json);
      if (!experiment) return s.scope().say(experiment.error().message);
      if (s.scope().change(*experiment)) s.scope().say(fmt::format("{} is now {}", name, value));
    };
  }

  // "acceptors 5", "strategy full_jitter:base=2R": a member of the experiment and what it is to be.
  void setting() {
    const std::size_t space = query_.find(' ');
    if (space == std::string_view::npos || space + 1 >= query_.size() || !screen_.scope().is_live()) return;
    const std::string name(query_.substr(0, space)), value(query_.substr(space + 1));
    if (to_json(Experiment{}).contains(name))
      found_.push_back({"set", fmt::format("{} to {}", name, value), set(name, value)});
  }

  void agents() {
    const Decree& decree = screen_.scope().decree();
    for (const std::uint32_t id : decree.proposers()) {
      offer("select", fmt::format("P{}", id), [id](Screen& s) {
        s.scope().selected = {Selection::Kind::proposer, id};
      });
    }
    for (const std::uint32_t id : decree.acceptors()) {
      offer("select", fmt::format("A{}", id), [id](Screen& s) {
        s.scope().selected = {Selection::Kind::acceptor, id};
      });
    }
    if (!screen_.scope().is_live()) return;
    for (const std::uint32_t id : decree.acceptors()) {
      offer("crash or restart", fmt::format("A{}", id),
            [id](Screen& s) { s.scope().toggle_crash(AgentKind::acceptor, id); });
    }
    for (const std::uint32_t id : decree.proposers()) {
      offer("crash or restart", fmt::format("P{}", id),
            [id](Screen& s) { s.scope().toggle_crash(AgentKind::proposer, id); });
      for (const std::uint32_t acceptor : decree.acceptors()) {
        offer("cut or mend", fmt::format("the link P{} A{}", id, acceptor),
              [id, acceptor](Screen& s) { s.scope().toggle_link(id, acceptor); });
      }
    }
  }

  // What happened to the instance in focus, in its own words.
  void events() {
    const Decree& decree = screen_.scope().decree();
    Nanos from = screen_.scope().take().history.first() - 1;
    while (found_.size() < most_) {
      const auto found = viz::search(decree, query_, from);
      if (!found || found->at <= from) return;  // none, or around the end
      from = found->at;
      found_.push_back({time_text(found->at), found->text, [at = found->at, instance = found->instance](Screen& s) {
                          s.scope().focus_on(instance);
                          s.scope().jump(at);
                        }});
    }
  }

  // Runs that were left when somebody went back and did something else.
  void forks() {
    if (!screen_.scope().is_live()) return;
    const auto forks = screen_.scope().live()->forks();
    for (std::size_t i = 0; i < forks.size(); ++i)
      offer("return to the run", forks[i].name, [i](Screen& s) { s.scope().return_to(i); });
  }

  void file() {
    constexpr std::string_view kOpen = "open ";
    if (!query_.starts_with(kOpen) || query_.find('/') == std::string_view::npos) return;
    const std::string path(query_.substr(kOpen.size()));
    found_.push_back({"open", path, [path](Screen& s) { s.open_file(path); }});
  }

  Screen& screen_;
  std::string_view query_;
  std::size_t most_;
  std::vector<Offer> found_;
};

}  // namespace

std::span<const Command> all_commands() {
  return kCommands;
}

std::vector<Offer> offers(Screen& screen, std::string_view query, std::size_t most) {
  return Offers(screen, query, most).run();
}

}  // namespace paxoscope::viz

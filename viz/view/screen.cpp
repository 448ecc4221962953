#include "viz/view/screen.h"

#include <fmt/format.h>

#include <algorithm>

#include "viz/model/scenarios.h"
#include "viz/view/commands.h"

namespace paxoscope::viz {

namespace {

template <class Which>
struct Tab {
  Which panel;
  const char* name;
  const char* tip;
};

// From the left; the text of the first is flush with what is below. Returns the x to the right of the last.
template <class Which, std::size_t n>
float tab_row(Canvas& canvas, const Box& row, const Theme& theme, const Tab<Which> (&tabs)[n], Which& shown) {
  float x = row.a.x - canvas.px(9);
  for (const Tab<Which>& tab : tabs) {
    const float width = canvas.text_width(tab.name, Type::normal) + canvas.px(18);
    if (button(canvas, {{x, row.a.y}, {x + width, row.b.y}}, theme, tab.name, tab.tip, shown == tab.panel))
      shown = tab.panel;
    x += width;
  }
  return x;
}

}  // namespace

Layout lay_out(const Canvas& canvas, ImVec2 size, const Settings& settings) {
  // Where height is short, the side goes down all of it: what it has to say is tall.
  const bool low = size.y < canvas.px(860);
  const float gap = canvas.px(20), bar = canvas.px(low ? 40 : 46), headline = canvas.px(low ? 54 : 58),
              tabs = canvas.px(30), transport = canvas.px(low ? 44 : 50);
  const float side = std::max(size.x * settings.side_width, canvas.px(286));
  const float top = bar + headline + canvas.px(8), middle = size.y - top - tabs - transport;
  const bool both = size.y >= canvas.px(kHeightWanted);  // else what is below the arena is left out
  const float arena = both
                          ? std::clamp(middle * settings.split, std::min(canvas.px(196), middle * 0.7F), middle * 0.78F)
                          : middle + tabs;
  const float left = size.x - gap * 2.2F - side, bottom = size.y - transport - canvas.px(2);
  Layout layout;
  layout.bar = {{gap, 0}, {size.x - gap, bar}};
  layout.headline = {{gap, bar + canvas.px(6)}, {size.x - gap, bar + headline}};
  layout.arena = {{gap, top}, {left, top + arena}};
  layout.side = {{size.x - gap - side, top}, {size.x - gap, low ? bottom : top + arena + tabs}};
  layout.tabs = {{gap, top + arena}, {layout.arena.b.x, top + arena + tabs}};
  layout.both = both;
  layout.lower = {{gap, layout.tabs.b.y + canvas.px(4)}, {low ? left : size.x - gap, bottom}};
  layout.transport = {{gap, size.y - transport}, {size.x - gap, size.y}};
  return layout;
}

void Screen::draw() {
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  // The background is what the picture is cleared with: filling it again would cost a software renderer 6 ms.
  ImGui::Begin("screen", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoBackground | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoNav |
                   ImGuiWindowFlags_NoScrollWithMouse);
  if (touchables) touchables->clear();
  ImGuiCanvas canvas(scale_, touchables.get());
  draw_panels(canvas, size);
  // What is behind an overlay steps back.
  if (overlay_ != Overlay::none) canvas.box({{0, 0}, size}, faded(scope_.theme().background, 0.6F), 0);
  splitters(canvas, lay_out(canvas, size, settings_), size);
  ImGui::End();
  ImGui::PopStyleVar();
  draw_overlay(size);
}

void Screen::draw_panels(Canvas& canvas, ImVec2 size) {
  scope_.look = {settings_.dark, settings_.colour_by};
  scope_.hovered = {};
  const Layout layout = lay_out(canvas, size, settings_);
  top_bar(canvas, layout.bar);
  draw_headline(canvas, layout.headline, scope_);
  draw_arena(canvas, layout.arena, scope_);
  side(canvas, layout.side);
  if (layout.both) lower(canvas, layout);
  draw_transport(canvas, layout.transport, scope_);
  notice(canvas, layout.both ? layout.lower : layout.arena);
}

void Screen::lower(Canvas& canvas, const Layout& layout) {
  lower_tabs(canvas, layout.tabs);
  switch (settings_.lower) {
    case LowerPanel::messages: return draw_ladder(canvas, layout.lower, scope_);
    case LowerPanel::ballots: return draw_ballots(canvas, layout.lower, scope_);
    case LowerPanel::compare: return draw_compare(canvas, layout.lower);
  }
}

// Buttons from the right; what is open on the left.
void Screen::top_bar(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  const float y = box.centre().y - canvas.line_height(Type::strong) * 0.42F;
  float x = box.b.x;
  const auto press = [&](std::string_view text, std::string_view tip, bool on = false) {
    const float width = canvas.text_width(text, Type::normal) + canvas.px(22);
    const Box place = {{x - width, box.a.y + canvas.px(8)}, {x, box.b.y - canvas.px(8)}};
    x -= width + canvas.px(2);
    return button(canvas, place, theme, text, tip, on);
  };
  if (press("Help", "Keys and mouse (?)", overlay_ == Overlay::help)) show(Overlay::help);
  if (press("Tour", "The three worked examples, step by step (g)", touring())) start_tour();
  if (press(settings_.dark ? "Light" : "Dark", "The other theme (t)")) settings_.dark = !settings_.dark;
  const bool by_owner = settings_.colour_by == ColourBy::owner;
  if (press(by_owner ? "Colour: owner" : "Colour: value", "What a colour means: whose ballot, or which value (v)"))
    settings_.colour_by = by_owner ? ColourBy::value : ColourBy::owner;
  if (press("Save picture", "What is on the screen, as SVG (p) or PNG (shift p)")) export_wish = "paxoscope.svg";
  if (press("Search", "Find events, or do anything by name (/)", overlay_ == Overlay::search)) show(Overlay::search);
  if (press("Open", "A trace file (o); or drop it onto the window", overlay_ == Overlay::open)) show(Overlay::open);
  if (press("Scenarios", "Plays, live clusters and planted bugs (s)", overlay_ == Overlay::scenarios))
    show(Overlay::scenarios);
  const float left = box.a.x + canvas.text_width("Paxoscope", Type::strong) + canvas.px(22);
  if (left > x) return;
  canvas.text({box.a.x, y}, theme.text, "Paxoscope", Type::strong, Align::left);
  const bool live = scope_.is_live();
  canvas.mark(live ? Mark::accept : Mark::square, {left, box.centre().y}, canvas.px(4.5F),
              live ? theme.chosen : theme.quiet);
  canvas.touch({{left - canvas.px(6), box.a.y}, {left + canvas.px(120), box.b.y}}, "source",
               live ? "Live, in virtual time: you can act on it" : "A recording: it can be looked at, not changed");
  canvas.text_within({left + canvas.px(14), y}, x - left - canvas.px(30), theme.quiet, scope_.take().title);
}

void Screen::side(Canvas& canvas, const Box& box) {
  Box rest = box;
  if (touring()) return tour(canvas, rest);
  side_tabs(canvas, rest);
  switch (settings_.side) {
    case SidePanel::inspect: draw_inspector(canvas, rest, scope_); break;
    case SidePanel::experiment: draw_experiment(canvas, rest); break;
    case SidePanel::meters: draw_meters(canvas, rest, scope_); break;
    case SidePanel::capture: capture_.draw(canvas, rest, scope_); break;
  }
}

void Screen::side_tabs(Canvas& canvas, Box& box) {
  constexpr Tab<SidePanel> kTabs[] = {
      {SidePanel::inspect, "Inspect", "What is selected, and the rule just applied (i)"},
      {SidePanel::meters, "Meters", "Figures of the time that shows (m)"},
      {SidePanel::experiment, "Experiment", "Set up a live cluster (e)"},
      {SidePanel::capture, "Capture", "Catch a moment of real threads at full speed (c)"}};
  const float top = box.a.y - canvas.px(4);
  tab_row(canvas, {{box.a.x, top}, {box.b.x, top + canvas.px(28)}}, scope_.theme(), kTabs, settings_.side);
  box.a.y += canvas.px(38);
}

void Screen::lower_tabs(Canvas& canvas, const Box& box) {
  constexpr Tab<LowerPanel> kTabs[] = {
      {LowerPanel::messages, "Messages", "Who sent what to whom, over time (1)"},
      {LowerPanel::ballots, "Ballots", "Each acceptor's promises and votes over time (2)"},
      {LowerPanel::compare, "Compare", "Strategies side by side on the same seed (3)"}};
  const float left =
      tab_row(canvas, box.inset(0, canvas.px(1)), scope_.theme(), kTabs, settings_.lower) + canvas.px(16);
  if (settings_.lower == LowerPanel::messages) return draw_legend(canvas, {{left, box.a.y}, box.b}, scope_);
  const ImVec2 end = {box.b.x - canvas.px(4), box.centre().y - canvas.line_height(Type::small) * 0.42F};
  const char* words = settings_.lower == LowerPanel::ballots
                          ? "line: the ballot promised   triangle: a vote"
                          : "solid: its own value won   pale: it learned another's   hatched: still open";
  canvas.text_within(end, end.x - left, scope_.theme().faint, {words, ""}, Type::small, Align::right);
}

// The edges between the panels can be moved.
void Screen::splitters(Canvas& canvas, const Layout& layout, ImVec2 size) {
  const ImGuiIO& io = ImGui::GetIO();
  const float y = layout.tabs.a.y - canvas.px(3), x = layout.side.a.x - canvas.px(14), reach = canvas.px(4);
  const Touch across =
      canvas.touch({{layout.bar.a.x, y - reach}, {layout.arena.b.x, y + reach}}, "splitter across", "");
  if (across.hovered || across.held) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeNS);
  if (across.held) settings_.split = std::clamp(settings_.split + io.MouseDelta.y / (size.y * 0.75F), 0.3F, 0.75F);
  const Touch down = canvas.touch({{x - reach, layout.side.a.y}, {x + reach, layout.side.b.y}}, "splitter down", "");
  if (down.hovered || down.held) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  if (down.held) settings_.side_width = std::clamp(settings_.side_width - io.MouseDelta.x / size.x, 0.15F, 0.4F);
}

// What was just done, for a few seconds.
void Screen::notice(Canvas& canvas, const Box& box) {
  if (scope_.said().empty()) return;
  const Theme& theme = scope_.theme();
  const float width = std::min(canvas.text_width(scope_.said(), Type::normal) + canvas.px(32), box.width());
  const Box place = {{box.centre().x - width / 2, box.b.y - canvas.px(36)},
                     {box.centre().x + width / 2, box.b.y - canvas.px(4)}};
  canvas.box(place, theme.pressed, 8);
  canvas.text_within({place.a.x + canvas.px(16), place.a.y + canvas.px(7)}, width - canvas.px(24), theme.text,
                     scope_.said());
}

void Screen::show(SidePanel panel) {
  if (settings_.side == panel && panel != SidePanel::inspect) panel = SidePanel::inspect;
  settings_.side = panel;
  overlay_ = Overlay::none;
}

void Screen::open_scenario(std::string_view name) {
  auto source = viz::open_scenario(name);
  if (!source) return scope_.say(source.error().message);
  open(std::move(*source), std::string(name));
  scope_.playback().play(true);
}

void Screen::open(std::unique_ptr<Source> source, std::string name) {
  end_tour();
  form_.reset();
  keep_notes();
  scope_.open(std::move(source), std::move(name));
}

void Screen::open_file(const std::string& path) {
  auto loader = TraceLoader::open(path);
  if (!loader) return scope_.say(loader.error().message);
  loader_ = std::move(*loader);
  loading_ = path;
}

void Screen::advance() {
  advance_tour();
  advance_capture();
  if (!loader_) return;
  if (!loader_->done()) return scope_.say(fmt::format("reading {}: {:.0f} %", loading_, loader_->progress() * 100));
  auto source = loader_->take();
  loader_.reset();
  const std::string remark = source->remark();
  open(std::move(source), loading_);
  take_notes(loading_);
  scope_.say(remark.empty() ? fmt::format("opened {}", loading_) : remark);
}

void Screen::take_notes(const std::string& trace) {
  notes_path_ = notes_path(trace);
  auto notes = load_notes(notes_path_);
  if (!notes) return scope_.say(notes.error().message);
  scope_.notes = std::move(*notes);
  const Notes& kept = scope_.notes;
  if (kept.view_to <= kept.view_from) return;
  if (!kept.follows) scope_.focus_on(kept.focus);
  scope_.jump(kept.cursor);
  scope_.show(kept.view_from, kept.view_to);
}

void Screen::keep_notes() {
  if (notes_path_.empty()) return;
  Notes& notes = scope_.notes;
  notes.cursor = scope_.now();
  notes.view_from = scope_.view().from;
  notes.view_to = scope_.view().to;
  notes.focus = scope_.decree().instance();
  notes.follows = !scope_.focus_chosen();
  if (const auto kept = save_notes(notes_path_, notes); !kept) scope_.say(kept.error().message);
  notes_path_.clear();
}

void Screen::select_next(bool back) {
  const Decree& decree = scope_.decree();
  std::vector<Selection> all;
  for (const std::uint32_t id : decree.proposers()) all.push_back({Selection::Kind::proposer, id});
  for (const std::uint32_t id : decree.acceptors()) all.push_back({Selection::Kind::acceptor, id});
  if (all.empty()) return;
  const auto at = std::find(all.begin(), all.end(), scope_.selected);
  const auto n = static_cast<std::ptrdiff_t>(all.size());
  std::ptrdiff_t place = at == all.end() ? (back ? 0 : -1) : at - all.begin();
  place = (place + (back ? n - 1 : 1)) % n;
  scope_.selected = all[static_cast<std::size_t>(place)];
}

void Screen::crash_selected() {
  const Selection it = scope_.selected;
  if (it.kind == Selection::Kind::acceptor) return scope_.toggle_crash(AgentKind::acceptor, it.id);
  if (it.kind == Selection::Kind::proposer) return scope_.toggle_crash(AgentKind::proposer, it.id);
  scope_.say("Select a proposer or an acceptor first: click it, or press Tab.");
}

void Screen::next_instance(bool back) {
  const auto instances = scope_.take().history.instances();
  if (instances.empty()) return;
  std::size_t at = 0;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    if (instances[i].id == scope_.decree().instance()) at = i;
  }
  at = back ? (at == 0 ? 0 : at - 1) : std::min(at + 1, instances.size() - 1);
  scope_.focus_on(instances[at].id);
  scope_.jump(instances[at].began);
}

void Screen::advance_capture() {
  auto caught = capture_.advance(scope_);
  if (!caught) return;
  if (!*caught) return scope_.say((*caught).error().message);
  open(std::move((*caught)->source), std::string(kCaptured));
  capture_.show(**caught, scope_);
}

void Screen::arm_or_stop() {
  if (capture_.armed()) return capture_.stop();
  capture_.arm(scope_);
}

// Whether the key was that of the form at the side.
bool Screen::press_in_side(KeyPress key) {
  if (touring() || key.shift) return false;
  if (settings_.side == SidePanel::capture) return capture_.press(key, scope_);
  if (settings_.side != SidePanel::experiment) return false;
  if (key.key != keys::enter) return press_in_form(key, ExperimentForm::fields(), form(), form_line_);
  start_experiment();
  return true;
}

void Screen::press(KeyPress key) {
  if (press_in_overlay(key) || press_in_side(key)) return;
  if (touring()) {
    if (key.key == keys::enter) return tour_step(1);
    if (key.key == keys::backspace) return tour_step(-1);
    if (key.key == keys::escape) return end_tour();
  }
  if (key.key == keys::escape) {
    scope_.selected = {};
    return scope_.focus_on(std::nullopt);
  }
  for (const Command& command : all_commands()) {
    // A character says itself whether shift was held.
    const bool same = command.key.key == key.key && (key.key < keys::left || command.key.shift == key.shift);
    if (same) return command.run(*this);
  }
}

void style_widgets(const Theme& theme, float scale) {
  ImGuiStyle style;
  style.WindowPadding = {14, 12};
  style.FramePadding = {9, 5};
  style.ItemSpacing = {10, 8};
  style.FrameRounding = style.GrabRounding = style.PopupRounding = style.WindowRounding = 6;
  style.ScrollbarRounding = 6;
  style.WindowBorderSize = style.PopupBorderSize = 1;
  style.ScaleAllSizes(scale);
  const auto set = [&](ImGuiCol which, ImU32 colour) { style.Colors[which] = ImGui::ColorConvertU32ToFloat4(colour); };
  set(ImGuiCol_Text, theme.text);
  set(ImGuiCol_TextDisabled, theme.faint);
  set(ImGuiCol_WindowBg, theme.background);
  set(ImGuiCol_PopupBg, theme.background);
  set(ImGuiCol_Border, theme.line);
  set(ImGuiCol_BorderShadow, 0);
  for (const ImGuiCol which : {ImGuiCol_FrameBg, ImGuiCol_Button, ImGuiCol_Header, ImGuiCol_ScrollbarBg})
    set(which, theme.raised);
  for (const ImGuiCol which :
       {ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive, ImGuiCol_ButtonHovered, ImGuiCol_ButtonActive,
        ImGuiCol_HeaderHovered, ImGuiCol_HeaderActive, ImGuiCol_ScrollbarGrab})
    set(which, theme.pressed);
  for (const ImGuiCol which : {ImGuiCol_SliderGrab, ImGuiCol_ScrollbarGrabHovered, ImGuiCol_ScrollbarGrabActive})
    set(which, theme.faint);
  for (const ImGuiCol which : {ImGuiCol_SliderGrabActive, ImGuiCol_CheckMark, ImGuiCol_NavHighlight})
    set(which, theme.text);
  set(ImGuiCol_TextSelectedBg, theme.pressed);
  set(ImGuiCol_Separator, theme.line);
  ImGui::GetStyle() = style;
}

}  // namespace paxoscope::viz

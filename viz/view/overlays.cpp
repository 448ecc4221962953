// What floats above the panels: the scenario menu, the search, the help.
#include <fmt/format.h>

#include <algorithm>

#include "viz/model/scenarios.h"
#include "viz/model/text.h"
#include "viz/view/commands.h"
#include "viz/view/screen.h"

namespace paxoscope::viz {

namespace {

constexpr std::size_t kFoundMost = 12;

struct Size {
  float width, height;
};
Size size_of(Screen::Overlay overlay) {
  switch (overlay) {
    case Screen::Overlay::scenarios: return {1040, 660};
    case Screen::Overlay::search:
    case Screen::Overlay::open: return {720, 480};
    case Screen::Overlay::annotate: return {720, 120};
    default: return {1010, 600};
  }
}

// A line of a list: it lights up under the pointer, or when the keyboard has chosen it.
Touch list_line(Canvas& canvas, const Box& box, const Theme& theme, bool chosen, std::string_view name,
                std::string_view tip = {}) {
  const Touch touch = canvas.touch(box, name, tip);
  if (chosen || touch.hovered) canvas.box(box, chosen ? theme.pressed : theme.raised, 6);
  return touch;
}

void caret(Canvas& canvas, ImVec2 at, std::string_view before, const Theme& theme) {
  const float x = at.x + canvas.text_width(before, Type::large) + canvas.px(2);
  canvas.line({x, at.y}, {x, at.y + canvas.px(22)}, theme.text, 1.5F);
}

}  // namespace

void Screen::show(Overlay overlay) {
  overlay_ = overlay_ == overlay ? Overlay::none : overlay;
  query_.clear();
  found_.clear();
  chosen_ = 0;
  if (overlay_ != Overlay::open) return;
  if (folder_.empty()) folder_ = starting_folder();
  files_ = list_traces(folder_);
}

// Reading a long story takes a while: it is searched once for each query.
const std::vector<Offer>& Screen::found() {
  if (found_.empty() || found_for_ != query_) {
    found_ = offers(*this, query_, kFoundMost);
    found_for_ = query_;
  }
  return found_;
}

// The chosen line of the menu or of the search is done, and the overlay gone.
void Screen::take_chosen() {
  const Overlay from = overlay_;
  if (from == Overlay::open) return take_file(files_[chosen_]);
  overlay_ = Overlay::none;
  if (from == Overlay::scenarios) {
    open_scenario(all_scenarios()[chosen_].name);
  } else {
    const auto run = found()[chosen_].run;
    run(*this);
  }
}

void Screen::type_query(KeyPress key) {
  if (key.key == keys::backspace && !query_.empty()) query_.pop_back();
  if (key.key >= ' ' && key.key < 0x7f) query_ += static_cast<char>(key.key);
  if (key.key != keys::down && key.key != keys::up) chosen_ = 0;
}

// That can be chosen.
std::size_t Screen::overlay_lines() {
  switch (overlay_) {
    case Overlay::scenarios: return all_scenarios().size();
    case Overlay::search: return found().size();
    case Overlay::open: return files_.size();
    default: return 0;
  }
}

// Whether the key was the overlay's.
bool Screen::press_in_overlay(KeyPress key) {
  if (overlay_ == Overlay::none) return false;
  if (key.key == keys::escape) {
    overlay_ = Overlay::none;
    return true;
  }
  const std::size_t lines = overlay_lines();
  if (key.key == keys::down && chosen_ + 1 < lines) ++chosen_;
  if (key.key == keys::up && chosen_ > 0) --chosen_;
  if (key.key == keys::enter && chosen_ < lines) {
    take_chosen();
    return true;
  }
  if (overlay_ == Overlay::annotate && key.key == keys::enter) {
    overlay_ = Overlay::none;
    scope_.notes.annotate(scope_.now(), query_);
    return true;
  }
  if (overlay_ == Overlay::search || overlay_ == Overlay::annotate) {
    type_query(key);
    return true;
  }
  if (key.key == keys::down || key.key == keys::up) return true;
  overlay_ = Overlay::none;  // any other key closes it, and does what it does
  return key.key == '?' || key.key == 's';
}

void Screen::draw_overlay(ImVec2 size) {
  if (overlay_ == Overlay::none) return;
  const Theme& theme = scope_.theme();
  const Size wanted = size_of(overlay_);
  const ImVec2 extent = {std::min(wanted.width * scale_, size.x - 24 * scale_),
                         std::min(wanted.height * scale_, size.y - 60 * scale_)};
  const ImVec2 corner = {(size.x - extent.x) / 2, std::max(44 * scale_, (size.y - extent.y) / 2 - 30 * scale_)};
  ImGui::SetNextWindowPos(corner);
  ImGui::SetNextWindowSize(extent);
  ImGui::SetNextWindowFocus();
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 10 * scale_);
  ImGui::Begin("overlay", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings |
                   ImGuiWindowFlags_NoNav);
  ImGuiCanvas canvas(scale_, touchables.get());
  const Box box = Box{corner, {corner.x + extent.x, corner.y + extent.y}}.inset(canvas.px(24), canvas.px(20));
  const Box close = {{box.b.x - canvas.px(60), box.a.y - canvas.px(6)},
                     {box.b.x + canvas.px(8), box.a.y + canvas.px(22)}};
  if (button(canvas, close, theme, "Close", "Close (Esc)")) {
    overlay_ = Overlay::none;
  } else if (overlay_ == Overlay::scenarios) {
    draw_scenarios(canvas, box);
  } else if (overlay_ == Overlay::search) {
    draw_search(canvas, box);
  } else if (overlay_ == Overlay::open) {
    draw_files(canvas, box);
  } else if (overlay_ == Overlay::annotate) {
    draw_annotate(canvas, box);
  } else {
    draw_help(canvas, box);
  }
  // Clicking beside it closes it.
  const bool outside = ImGui::IsMouseClicked(ImGuiMouseButton_Left) &&
                       !ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem);
  ImGui::End();
  ImGui::PopStyleVar(2);
  if (outside) overlay_ = Overlay::none;
}

// What works in one column, what is planted in two; and below, what the chosen one shows.
void Screen::draw_scenarios(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  canvas.text(box.a, theme.text, "Scenarios", Type::large, Align::left);
  const auto scenarios = all_scenarios();
  const auto is_bug = [](const Scenario& it) { return it.kind == Scenario::Kind::planted_bug; };
  const auto sound =
      static_cast<std::size_t>(std::find_if(scenarios.begin(), scenarios.end(), is_bug) - scenarios.begin());
  const std::size_t rows = std::max<std::size_t>({sound, (scenarios.size() - sound + 1) / 2, 1});
  const float gap = canvas.px(20), column = (box.width() - 2 * gap) / 3, title = box.a.y + canvas.px(42);
  const float top = title + canvas.px(22), bottom = box.b.y - canvas.px(40);
  const float row = std::min(canvas.px(34), (bottom - top) / static_cast<float>(rows));
  canvas.text({box.a.x + canvas.px(10), title}, theme.faint, "PLAYS AND LIVE CLUSTERS", Type::small);
  canvas.text({box.a.x + column + gap + canvas.px(10), title}, theme.faint, "PLANTED BUGS: EACH BREAKS A RULE",
              Type::small);
  std::size_t told = chosen_, taken = scenarios.size();
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    const Scenario& it = scenarios[i];
    const std::size_t place = i < sound ? i : i - sound, at = i < sound ? 0 : 1 + place / rows;
    const float x = box.a.x + (column + gap) * static_cast<float>(at), y = top + row * static_cast<float>(place % rows);
    const Box line = {{x, y}, {x + column, y + row - canvas.px(2)}};
    const Touch touch = list_line(canvas, line, theme, i == chosen_, it.name);
    if (touch.hovered) told = i;
    if (touch.clicked) taken = i;
    const float text_y = line.centre().y - canvas.line_height(Type::normal) * 0.42F;
    const bool live = it.kind == Scenario::Kind::live;
    canvas.text_within({x + canvas.px(10), text_y}, column - canvas.px(live ? 52 : 20), theme.text, it.title);
    if (live) canvas.text({line.b.x - canvas.px(10), text_y}, theme.chosen, "live", Type::small, Align::right);
  }
  canvas.paragraph({box.a.x + canvas.px(10), bottom + canvas.px(8)}, box.width() - canvas.px(20), theme.quiet,
                   scenarios[std::min(told, scenarios.size() - 1)].summary, Type::normal, box.b.y + canvas.px(8));
  if (taken == scenarios.size()) return;
  overlay_ = Overlay::none;
  open_scenario(scenarios[taken].name);
}

void Screen::draw_search(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  const float line = canvas.px(30);
  if (query_.empty())
    canvas.text({box.a.x + canvas.px(8), box.a.y}, theme.faint, "crash A1,  strategy lease,  rejects (2,10) …",
                Type::large, Align::left);
  canvas.text(box.a, theme.text, query_, Type::large, Align::left);
  caret(canvas, box.a, query_, theme);
  canvas.line({box.a.x, box.a.y + canvas.px(34)}, {box.b.x, box.a.y + canvas.px(34)}, theme.line);
  const std::vector<Offer>& found = this->found();
  float y = box.a.y + canvas.px(44);
  if (found.empty()) canvas.text({box.a.x, y}, theme.quiet, "Nothing of that name, and no event that says so.");
  std::size_t wanted = found.size();
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Box row = {{box.a.x - canvas.px(8), y}, {box.b.x + canvas.px(8), y + line - canvas.px(2)}};
    if (list_line(canvas, row, theme, i == chosen_, fmt::format("found {}", i)).clicked) wanted = i;
    canvas.text_within({box.a.x, y + canvas.px(6)}, canvas.px(104), theme.faint, found[i].kind, Type::small);
    canvas.text_within({box.a.x + canvas.px(112), y + canvas.px(5)}, box.width() - canvas.px(120), theme.text,
                       found[i].text);
    y += line;
  }
  if (wanted == found.size()) return;
  overlay_ = Overlay::none;
  const auto run = found[wanted].run;
  run(*this);
}

// A folder is looked into, a trace is opened.
void Screen::take_file(const FileEntry& file) {
  const FileEntry taken = file;  // it may be one of those that are listed anew
  chosen_ = 0;
  if (taken.folder) {
    folder_ = taken.path;
    files_ = list_traces(folder_);
  } else {
    overlay_ = Overlay::none;
    open_file(taken.path);
  }
}

void Screen::draw_files(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  canvas.text(box.a, theme.text, "Open a trace", Type::large, Align::left);
  canvas.text_within({box.a.x, box.a.y + canvas.px(32)}, box.width(), theme.quiet, folder_);
  const float top = box.a.y + canvas.px(64), row = canvas.px(30);
  const auto room = static_cast<std::size_t>(std::max(1.0F, (box.b.y - canvas.px(28) - top) / row));
  const std::size_t first = chosen_ < room ? 0 : chosen_ - room + 1;
  const FileEntry* wanted = nullptr;
  for (std::size_t i = first; i < std::min(files_.size(), first + room); ++i) {
    const float y = top + row * static_cast<float>(i - first);
    const Box line = {{box.a.x - canvas.px(8), y}, {box.b.x + canvas.px(8), y + row - canvas.px(2)}};
    const char* tip = files_[i].folder ? "Look into it" : "Open it";
    if (list_line(canvas, line, theme, i == chosen_, files_[i].name, tip).clicked) wanted = &files_[i];
    canvas.text_within({box.a.x + canvas.px(6), y + canvas.px(5)}, box.width() - canvas.px(12),
                       files_[i].folder ? theme.quiet : theme.text, files_[i].name);
  }
  const ImGuiIO& io = ImGui::GetIO();
  if (io.MouseWheel > 0 && chosen_ > 0) --chosen_;
  if (io.MouseWheel < 0 && chosen_ + 1 < files_.size()) ++chosen_;
  const bool none = std::none_of(files_.begin(), files_.end(), [](const FileEntry& it) { return !it.folder; });
  canvas.text_within({box.a.x, box.b.y - canvas.px(18)}, box.width(), theme.faint,
                     none ? "No file here ends in .trace. Record one: paxoscope trace record run.trace"
                          : "A file of another name: drop it onto the window, or press / and type open and its path",
                     Type::small);
  if (wanted != nullptr) take_file(*wanted);
}

void Screen::draw_annotate(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  if (query_.empty())
    canvas.text({box.a.x + canvas.px(8), box.a.y}, theme.faint, "What is remarkable here? Enter keeps it, Esc does not",
                Type::large, Align::left);
  canvas.text(box.a, theme.text, query_, Type::large, Align::left);
  caret(canvas, box.a, query_, theme);
  canvas.text({box.a.x, box.a.y + canvas.px(40)}, theme.quiet, fmt::format("at {}", time_text(scope_.now(), 6)));
}

void Screen::draw_help(Canvas& canvas, const Box& box) {
  const Theme& theme = scope_.theme();
  canvas.text(box.a, theme.text, "Keys, and what the mouse does", Type::large, Align::left);
  constexpr float kRows = 24;  // of the longest column, with its titles
  const float top = box.a.y + canvas.px(40), line = std::min(canvas.px(23), (box.b.y - top) / kRows);
  const Type type = line < canvas.px(19) ? Type::small : Type::normal;
  const float column = box.width() / 3;
  float x = box.a.x, y = top;
  const auto title = [&](std::string_view text, bool new_column) {
    if (new_column) {
      x += column;
      y = top;
    } else if (y > top) {
      y += line / 2;
    }
    canvas.text({x, y}, theme.faint, text, Type::small);
    y += line;
  };
  std::string_view group;
  for (const Command& command : all_commands()) {
    if (command.group != group) title(command.group, command.group == "Act");
    group = command.group;
    canvas.text({x, y}, theme.text, name_of(command.key), type == Type::small ? type : Type::strong, Align::left);
    canvas.text_within({x + canvas.px(84), y}, column - canvas.px(92), theme.quiet, command.name, type);
    y += line;
  }
  title("Mouse", true);
  for (const char* text :
       {"Wheel: zoom", "Drag: move in time", "Click: select, and go there",
        "Double click on a dense block: look into it", "Click on a link: cut or mend it",
        "Click on an acceptor's switch: crash or restart it", "Drag the edges between panels: resize them",
        "Drop a trace file onto the window: open it"}) {
    y = canvas.paragraph({x, y}, column - canvas.px(10), theme.quiet, text, type) + canvas.px(3);
  }
}

}  // namespace paxoscope::viz

#include "core/experiment/names.h"

#include <array>

namespace paxoscope {

namespace {

using namespace std::string_view_literals;

template <class Enum, std::size_t N>
using Table = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Table<Engine, 3> kEngines{
    {{Engine::threads, "threads"sv}, {Engine::simulation, "simulation"sv}, {Engine::wire, "wire"sv}}};
constexpr Table<GiveUp, 3> kGiveUps{{{GiveUp::first_nack, "first_nack"sv},
                                     {GiveUp::majority_out_of_reach, "majority_out_of_reach"sv},
                                     {GiveUp::all_replies, "all_replies"sv}}};
constexpr Table<Learning, 3> kLearnings{{{Learning::own_round, "own_round"sv},
                                         {Learning::visible, "visible"sv},
                                         {Learning::announcement, "announcement"sv}}};
constexpr Table<KeyChoice, 4> kChoices{{{KeyChoice::hot, "hot"sv},
                                        {KeyChoice::uniform, "uniform"sv},
                                        {KeyChoice::zipf, "zipf"sv},
                                        {KeyChoice::disjoint, "disjoint"sv}}};
constexpr Table<WaitKind, 3> kWaits{
    {{WaitKind::spin, "spin"sv}, {WaitKind::yield, "yield"sv}, {WaitKind::park, "park"sv}}};
constexpr Table<StopReason, 7> kReasons{{{StopReason::time, "time"sv},
                                         {StopReason::decisions, "decisions"sv},
                                         {StopReason::operations, "operations"sv},
                                         {StopReason::interrupted, "interrupted"sv},
                                         {StopReason::violation, "violation"sv},
                                         {StopReason::livelock, "livelock"sv},
                                         {StopReason::events, "events"sv}}};

}  // namespace

template <>
NameTable<Engine> names<Engine>() {
  return kEngines;
}
template <>
NameTable<GiveUp> names<GiveUp>() {
  return kGiveUps;
}
template <>
NameTable<Learning> names<Learning>() {
  return kLearnings;
}
template <>
NameTable<KeyChoice> names<KeyChoice>() {
  return kChoices;
}
template <>
NameTable<WaitKind> names<WaitKind>() {
  return kWaits;
}
template <>
NameTable<StopReason> names<StopReason>() {
  return kReasons;
}

std::string_view name_of(Engine value) {
  return name_in_table(value);
}
std::string_view name_of(GiveUp value) {
  return name_in_table(value);
}
std::string_view name_of(Learning value) {
  return name_in_table(value);
}
std::string_view name_of(KeyChoice value) {
  return name_in_table(value);
}
std::string_view name_of(WaitKind value) {
  return name_in_table(value);
}
std::string_view name_of(StopReason value) {
  return name_in_table(value);
}

}  // namespace paxoscope

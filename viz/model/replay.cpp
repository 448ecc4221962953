#include "viz/model/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <system_error>

#include "core/experiment/trace_setting.h"
#include "core/trace/reader.h"
#include "viz/model/judge.h"

namespace paxoscope::viz {

namespace {

constexpr std::size_t kBlocksWaiting = 64;  // decoded and not yet indexed

std::string remark_of(const TraceStatus& status) {
  if (status.error) return status.error->message;
  if (status.missing > 0) return fmt::format("{} events were recorded and lost", status.missing);
  return "";
}

}  // namespace

// From the thread that decodes to the one that indexes.
class TraceLoader::Handover {
 public:
  // Waits while too many blocks wait. False: nobody wants more.
  bool put(std::vector<Event> block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return blocks_.size() < kBlocksWaiting || stopped_; });
    if (stopped_) return false;
    blocks_.push_back(std::move(block));
    changed_.notify_all();
    return true;
  }
  // Waits for the next. False: there will be none.
  bool get(std::vector<Event>& block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !blocks_.empty() || ended_ || stopped_; });
    if (blocks_.empty() || stopped_) return false;
    block = std::move(blocks_.front());
    blocks_.pop_front();
    changed_.notify_all();
    return true;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<Event>> blocks_;  // these are guarded by mutex_
  bool ended_ = false, stopped_ = false;
};

struct ReplaySource::Judges {
  std::thread thread;
  Judgement judgement;            // of the thread until `done`
  std::atomic<bool> done{false};  // stored with release, loaded with acquire
  std::atomic<bool> stop{false};  // a wish, relaxed
};

ReplaySource::ReplaySource(Take take, std::string remark)
    : take_(std::move(take)), remark_(std::move(remark)), judges_(std::make_unique<Judges>()) {
  take_.doubt = "it is still being checked";
  judges_->thread = std::thread([judges = judges_.get(), this] {
    judges->judgement = judgement_of(take_, &judges->stop);  // reads only what nobody writes: not findings, nor doubt
    judges->done.store(true, std::memory_order_release);
  });
}

ReplaySource::~ReplaySource() {
  judges_->stop.store(true, std::memory_order_relaxed);
  if (judges_->thread.joinable()) judges_->thread.join();
}

bool ReplaySource::poll() {
  if (!judges_->thread.joinable() || !judges_->done.load(std::memory_order_acquire)) return false;
  judges_->thread.join();
  take_.findings = std::move(judges_->judgement.findings);
  take_.doubt = std::move(judges_->judgement.doubt);
  if (take_.doubt.empty() && !remark_.empty()) take_.doubt = "the file is not whole";
  return true;
}

struct TraceLoader::Work {
  explicit Work(const std::string& path) : in(path, std::ios::binary) {}
  std::ifstream in;
  std::optional<TraceReader> reader;
  std::uint64_t bytes = 1;
  Take take;
  std::string remark;
  Handover handover;
  std::atomic<std::uint64_t> events{0};  // indexed; relaxed: it only moves a progress bar
  std::atomic<bool> done{false};         // stored with release, loaded with acquire
  std::thread decoder, indexer;

  void decode() {
    std::vector<Event> block;
    while (reader->next(block) && handover.put(std::move(block))) block = {};
    handover.end();
  }
  void index() {
    std::vector<Event> block;
    while (handover.get(block)) {
      for (const Event& event : block) take.history.add(event);
      events.store(take.history.size(), std::memory_order_relaxed);
    }
    take.history.finish();
    done.store(true, std::memory_order_release);
  }
};

TraceLoader::TraceLoader(std::unique_ptr<Work> work) : work_(std::move(work)) {
  work_->decoder = std::thread([work = work_.get()] { work->decode(); });
  work_->indexer = std::thread([work = work_.get()] { work->index(); });
}

TraceLoader::~TraceLoader() {
  work_->handover.stop();
  if (work_->decoder.joinable()) work_->decoder.join();
  if (work_->indexer.joinable()) work_->indexer.join();
}

Expected<std::unique_ptr<TraceLoader>> TraceLoader::open(const std::string& path) {
  auto work = std::make_unique<Work>(path);
  if (!work->in) return fail(fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  auto reader = TraceReader::open(work->in);
  if (!reader) return fail(fmt::format("{}: {}", path, reader.error().message));
  work->reader.emplace(std::move(*reader));
  std::error_code error;
  work->bytes = std::max<std::uint64_t>(1, std::filesystem::file_size(path, error));
  work->take.title = std::filesystem::path(path).filename().string();
  return std::unique_ptr<TraceLoader>(new TraceLoader(std::move(work)));
}

double TraceLoader::progress() const {
  const auto read = static_cast<double>(work_->events.load(std::memory_order_relaxed) * sizeof(PackedEvent));
  return done() ? 1 : std::min(1.0, read / static_cast<double>(work_->bytes));
}

bool TraceLoader::done() const {
  return work_->done.load(std::memory_order_acquire);
}

std::unique_ptr<ReplaySource> TraceLoader::take() {
  work_->decoder.join();
  work_->indexer.join();
  read_metadata(work_->reader->metadata(), work_->take);
  work_->take.pace = pace_of(work_->take.history);
  return std::make_unique<ReplaySource>(std::move(work_->take), remark_of(work_->reader->status()));
}

Expected<std::unique_ptr<ReplaySource>> open_trace(const std::string& path) {
  auto loader = TraceLoader::open(path);
  if (!loader) return tl::unexpected(loader.error());
  return (*loader)->take();
}

Nanos pace_of(const History& history) {
  constexpr std::uint32_t kLooked = 2000;  // events of a lane
  constexpr Nanos kStepwise = 50;          // a "round trip" so short is a play's, counted in steps
  std::vector<Nanos> round_trips;
  for (std::size_t i = 0; i < history.lanes(); ++i) {
    const History::Lane& lane = history.lane(i);
    if (lane.kind != AgentKind::proposer) continue;
    Nanos sent = -1;
    for (std::uint32_t p = 0; p < std::min(lane.size, kLooked); ++p) {
      const Event event = history.event_at(lane, p);
      if (event.kind == EventKind::sent) sent = event.at;
      if (event.kind != EventKind::used || sent < 0) continue;
      round_trips.push_back(event.at - std::exchange(sent, -1));
    }
  }
  if (round_trips.empty()) return std::max<Nanos>(1, (history.last() - history.first()) / 20);
  const auto middle = round_trips.begin() + static_cast<std::ptrdiff_t>(round_trips.size() / 2);
  std::nth_element(round_trips.begin(), middle, round_trips.end());
  return *middle < kStepwise ? 3 : 5 * *middle;
}

void read_metadata(std::string_view metadata, Take& take) {
  if (const auto setting = parse_trace_metadata(metadata)) {
    take.quorums = setting->rules.quorums;
    take.learning = setting->rules.learning;
    take.asks_everybody = setting->engine != "play" && setting->engine != "explorer";
    return;
  }
  int acceptors = 1;
  for (std::size_t i = 0; i < take.history.lanes(); ++i) {
    const History::Lane& lane = take.history.lane(i);
    if (lane.kind == AgentKind::acceptor) acceptors = std::max(acceptors, static_cast<int>(lane.agent) + 1);
  }
  take.quorums = Quorums::majority(std::min(acceptors, kMaxAcceptors));
}

}  // namespace paxoscope::viz

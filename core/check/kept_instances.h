// The instances that the rule checker keeps: those lately spoken of as they are, the others packed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/check/packed_instance.h"

namespace paxoscope::rules_detail {

// A key's oldest instance that has no open operation makes room for its newest, and so does, of all that every acceptor
// has retired, the one that was retired first. Not thread-safe.
class Instances {
 public:
  // As in RuleOptions, and beyond those with an open operation.
  struct Limits {
    std::uint32_t versions_kept = 0;
    std::uint32_t retired_kept = 0;
    std::uint32_t unpacked_max = 0;
  };
  Instances(int acceptors, const Limits& limits)
      : limits_(limits), fresh_(static_cast<std::size_t>(acceptors)), lost_at_(static_cast<std::size_t>(acceptors)) {}

  // Made on first touch; null when it was closed before. `close` is called with what has to go. Valid until the next
  // call.
  template <class Close>
  Instance* find(const InstanceId& id, Close close) {
    Instance*& cached = cached_at(id);
    if (cached != nullptr && cached->id == id) return touch(cached);
    auto place = instances_.find(id);
    if (place == instances_.end()) {
      Key& key = key_of(id);
      if (key.any_closed && id.ver <= key.closed_up_to) return nullptr;
      if (id.ver < key.retired_by_all) {
        close_retired(1, close);
        retired_.push_back(id);
      } else {
        key.order.push_back(id.ver);
        if (key.order.size() > limits_.versions_kept) close_oldest(id.key, key, close);
      }
      place = make(id);
      note_unpacked(*place);
    } else if (!place->second.whole) {
      unpack(*place);
      note_unpacked(*place);
    }
    return touch(cached = place->second.whole.get());
  }

  // The acceptor has retired the versions of the key below this one. False when it had done so before.
  template <class Close>
  bool retire(std::uint32_t acceptor, const InstanceId& first, std::uint64_t event, Close close) {
    Key& key = key_of(first);
    if (first.ver <= key.retired_below[acceptor].ver) return false;
    key.retired_below[acceptor] = {first.ver, event};
    const auto least = std::min_element(key.retired_below.begin(), key.retired_below.end(),
                                        [](const auto& a, const auto& b) { return a.ver < b.ver; });
    if (least->ver <= key.retired_by_all) return true;
    key.retired_by_all = least->ver;
    const std::size_t before = retired_.size();
    std::erase_if(key.order, [&](std::uint64_t ver) {
      if (ver >= key.retired_by_all) return false;
      retired_.push_back({ver, first.key});
      return true;
    });
    close_retired(retired_.size() - before, close);
    return true;
  }

  // What the acceptor of this event, which must be an acceptor's, has retired of the instance's key.
  const RetiredBelow& retired_below(const Event& event) { return key_of(event.instance).retired_below[event.agent]; }

  std::uint64_t size() const { return instances_.size(); }

  // As if none had been seen; keeps the memory.
  void clear() {
    while (!instances_.empty()) remove(instances_.begin());
    for (auto& [number, key] : keys_) key.clear();
    unpacked_.clear();
    retired_.clear();
    std::fill(fresh_.begin(), fresh_.end(), AcceptorView());
    std::fill(lost_at_.begin(), lost_at_.end(), 0);
    losses_ = 0;
  }

  // In the order of key and version. Afterwards only clear().
  template <class Visit>
  void for_each(Visit visit) {
    std::vector<Map::value_type*> all;
    all.reserve(instances_.size());
    for (auto& entry : instances_) all.push_back(&entry);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) {
      return a->first.key != b->first.key ? a->first.key < b->first.key : a->first.ver < b->first.ver;
    });
    for (Map::value_type* entry : all) {
      if (!entry->second.whole) unpack(*entry);
      visit(*entry->second.whole);
      put_aside(entry->second);
    }
  }

  // Events of this acceptor are missing, of whatever instance, those included that we have not heard of yet.
  void lose_track_of(std::uint32_t acceptor) {
    for (auto& [id, kept] : instances_) {
      if (kept.whole) kept.whole->acceptors[acceptor].known = false;
    }
    fresh_[acceptor].known = false;
    lost_at_[acceptor] = ++losses_;
  }

 private:
  struct Kept {
    std::unique_ptr<Instance> whole;  // or null, and then
    std::string packed;
    std::uint64_t packed_at = 0;  // after so many losses
  };
  using Map = std::unordered_map<InstanceId, Kept, InstanceHash>;
  static constexpr std::size_t kCache = 1024;
  struct Key {
    std::deque<std::uint64_t> order;          // versions that not every acceptor has retired, by first touch
    std::vector<RetiredBelow> retired_below;  // by acceptor
    std::uint64_t retired_by_all = 0;         // the versions below it
    bool any_closed = false;
    std::uint64_t closed_up_to = 0;
    void clear() {  // keeps the memory
      order.clear();
      std::fill(retired_below.begin(), retired_below.end(), RetiredBelow());
      retired_by_all = 0;
      any_closed = false;
      closed_up_to = 0;
    }
  };

  Key& key_of(const InstanceId& id) {
    Key& key = keys_[id.key];
    if (key.retired_below.empty()) key.retired_below.resize(fresh_.size());
    return key;
  }

  // The newest of them is not there yet.
  template <class Close>
  void close_oldest(std::uint32_t number, Key& key, Close close) {
    for (std::size_t tries = key.order.size() - 1; tries > 0; --tries) {
      const InstanceId id{key.order.front(), number};
      key.order.pop_front();
      if (close_quiet(id, key, close)) return;
      key.order.push_back(id.ver);
    }
  }

  // Makes room for so many, of which each may meet one that somebody is at work on.
  template <class Close>
  void close_retired(std::size_t more, Close close) {
    for (std::size_t tries = 2 * more; tries > 0 && retired_.size() >= limits_.retired_kept; --tries) {
      if (retired_.empty()) return;
      const InstanceId id = retired_.front();
      retired_.pop_front();
      if (!close_quiet(id, keys_[id.key], close)) retired_.push_back(id);
    }
  }

  // False when somebody is at work on it.
  template <class Close>
  bool close_quiet(const InstanceId& id, Key& key, Close close) {
    const auto found = instances_.find(id);
    if (found->second.whole && found->second.whole->operations > 0) return false;
    if (!found->second.whole) unpack(*found);
    close(*found->second.whole);
    key.closed_up_to = key.any_closed ? std::max(key.closed_up_to, id.ver) : id.ver;
    key.any_closed = true;
    remove(found);
    return true;
  }

  Instance*& cached_at(const InstanceId& id) { return cache_[InstanceHash()(id) >> 3U & (kCache - 1)]; }

  static Instance* touch(Instance* instance) {
    instance->touched = true;
    return instance;
  }

  // The newest of those that are whole. When there are enough, packs older ones: as a clock does, those that were not
  // touched since it last came by. So there are more of them when more are in use.
  void note_unpacked(Map::value_type& entry) {
    unpacked_.push_back(&entry);
    constexpr std::size_t kTries = 2;
    for (std::size_t tries = std::min(kTries, unpacked_.size() - 1); tries > 0; --tries) {
      if (unpacked_.size() <= limits_.unpacked_max) return;
      Map::value_type* const oldest = unpacked_.front();
      unpacked_.pop_front();
      Instance* const instance = oldest->second.whole.get();
      if (instance == nullptr || oldest == &entry) continue;  // it was closed since, and perhaps made anew
      if (instance->operations > 0 || instance->touched) {
        instance->touched = false;
        unpacked_.push_back(oldest);
      } else {
        pack(*oldest);
      }
    }
  }

  void pack(Map::value_type& entry) {
    packer_.begin();
    each_field(packer_, *entry.second.whole);
    entry.second.packed = packer_.bytes();
    entry.second.packed_at = losses_;
    put_aside(entry.second);
  }

  void unpack(Map::value_type& entry) {
    Kept& kept = entry.second;
    kept.whole = take_spare(entry.first);
    Unpacker unpacker(kept.packed);
    each_field(unpacker, *kept.whole);
    for (std::size_t a = 0; a < lost_at_.size(); ++a) {
      if (lost_at_[a] > kept.packed_at) kept.whole->acceptors[a].known = false;
    }
  }

  Map::iterator make(const InstanceId& id) {
    Map::iterator place;
    if (spare_entries_.empty()) {
      place = instances_.try_emplace(id).first;
    } else {
      spare_entries_.back().key() = id;
      place = instances_.insert(std::move(spare_entries_.back())).position;
      spare_entries_.pop_back();
    }
    place->second.whole = take_spare(id);
    return place;
  }

  void remove(Map::iterator place) {
    put_aside(place->second);
    spare_entries_.push_back(instances_.extract(place));
  }

  std::unique_ptr<Instance> take_spare(const InstanceId& id) {
    std::unique_ptr<Instance> instance;
    if (spare_.empty()) {
      instance = std::make_unique<Instance>();
    } else {
      instance = std::move(spare_.back());
      spare_.pop_back();
    }
    instance->clear(fresh_);
    instance->id = id;
    instance->retired_below = &key_of(id).retired_below;
    return instance;
  }

  void put_aside(Kept& kept) {
    if (!kept.whole) return;
    Instance*& cached = cached_at(kept.whole->id);
    if (cached == kept.whole.get()) cached = nullptr;
    spare_.push_back(std::move(kept.whole));
  }

  Limits limits_;
  std::vector<AcceptorView> fresh_;     // of an instance not heard of before
  std::vector<std::uint64_t> lost_at_;  // by acceptor: which of the losses was its last
  std::uint64_t losses_ = 0;
  Map instances_;
  std::unordered_map<std::uint32_t, Key> keys_;
  std::deque<InstanceId> retired_;  // by all acceptors, in that order
  // In the order in which they came to be so. Entries live as long as this does: what was closed lies in
  // spare_entries_, or is in use again.
  std::deque<Map::value_type*> unpacked_;
  Packer packer_;
  std::vector<std::unique_ptr<Instance>> spare_;  // for their memory
  std::vector<Map::node_type> spare_entries_;
  std::array<Instance*, kCache> cache_{};
};

}  // namespace paxoscope::rules_detail

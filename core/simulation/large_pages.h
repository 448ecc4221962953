// Memory in large pages where there is much of it. With a million messages on their way nearly every access is to
// another page, and finding 4 KiB pages takes longer than reading them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <new>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace paxoscope {

// A standard allocator. Asks for large pages from 4 MiB up; whether they are given is the system's business, and
// nothing but speed depends on it.
template <class T>
struct LargePages {
  using value_type = T;
  LargePages() = default;
  template <class U>
  explicit LargePages(const LargePages<U>&) {}

  T* allocate(std::size_t count) {
    void* memory = ::operator new(count * sizeof(T), alignment(count));
#ifdef __linux__
    if (count * sizeof(T) >= kFrom) (void)madvise(memory, count * sizeof(T), MADV_HUGEPAGE);
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    ::operator delete(memory, alignment(count));
  }

  template <class U>
  bool operator==(const LargePages<U>&) const {
    return true;
  }

 private:
  static constexpr std::size_t kFrom = std::size_t{4} << 20;
  static constexpr std::size_t kPage = std::size_t{2} << 20;
  static constexpr std::align_val_t alignment(std::size_t count) {
    constexpr std::size_t kLine = 64;
    return std::align_val_t(count * sizeof(T) >= kFrom ? kPage : std::max(alignof(T), kLine));
  }
};

}  // namespace paxoscope

#include "tests/support/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t of_this_thread = 0;
std::atomic<std::uint64_t> of_all_threads{0};

void count() {
  ++of_this_thread;
  of_all_threads.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

std::uint64_t paxoscope::allocations_so_far() {
  return of_this_thread;
}

std::uint64_t paxoscope::allocations_of_all_threads() {
  return of_all_threads.load();
}

#ifdef PAXOSCOPE_SANITIZED

// The sanitizers have operators of their own, and tell whoever wants to know.
#include <sanitizer/allocator_interface.h>

namespace {

[[maybe_unused]] const int kHooked = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { count(); }, [](const volatile void*) {});

}  // namespace

#else

void* operator new(std::size_t size) {
  count();
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
// std::stable_sort's buffer comes this way; every form must be of one kind.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  count();
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

#endif

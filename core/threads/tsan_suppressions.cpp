// Compiled into every program under ThreadSanitizer. It does not model the fences with which moodycamel's queue hands
// an emptied block back to its producer, and reports those two accesses as a race; our own code stays checked.

extern "C" const char* __tsan_default_suppressions();  // NOLINT: the name is TSan's

extern "C" const char* __tsan_default_suppressions() {  // NOLINT
  return "race:moodycamel::ConcurrentQueue\n";
}

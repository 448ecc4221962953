#include <benchmark/benchmark.h>
int main(int c, char** v) {
  benchmark::Initialize(&c, v);
  benchmark::RunSpecifiedBenchmarks();
}

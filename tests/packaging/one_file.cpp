// Includes all headers and links threads. The consumer of find_package also instantiates a network in two
// files; it is the same code for each way to add backquery, so the others save the time.
#include <backquery/backquery.hpp>

#include <atomic>
#include <iostream>

int main() {
  std::atomic<int> tasks{0};
  backquery::ThreadPool(2).run(3, [&](backquery::Index) { ++tasks; });
  std::cout << backquery::name(backquery::Activation::sigmoid) << ", tasks: " << tasks << '\n';
  return tasks == 3 ? 0 : 1;
}

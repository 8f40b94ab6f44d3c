#include <backquery/backquery.hpp>

#include <string_view>

std::string_view name_elsewhere() {
  return backquery::name(backquery::Activation::sigmoid);
}

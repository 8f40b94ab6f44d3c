#include <backquery/model/load.hpp>
#include <backquery/model/save.hpp>

#ifdef BACKQUERY_EXPECT_ERROR
using Scalar = long double;
#else
using Scalar = double;
#endif

void copy(const std::string& from, const std::string& to) {
  backquery::save(backquery::load<Scalar>(from), to);
}

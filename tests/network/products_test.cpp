/// @file
/// Tiled products and kernels of columns are compared with plain loops, for sizes around a packet, a line and
/// a tile.
#include "catch.hpp"

#include <backquery/detail/kernels.hpp>
#include <backquery/detail/products.hpp>

#include "matrices.hpp"
#include "padded.hpp"
#include "tolerance.hpp"

#include <cstdint>
#include <vector>

using backquery::detail::ConstColumnsMap;
using Eigen::Index;

namespace {

/// Columns without padding.
template <typename Scalar>
ConstColumnsMap<Scalar> plain(const Matrix<Scalar>& m) {
  return {m.data(), m.rows(), m.cols(), Eigen::OuterStride<>(m.rows())};
}

template <typename Scalar>
Matrix<Scalar> plain_product(const Matrix<Scalar>& a, const Matrix<Scalar>& b) {
  Matrix<Scalar> z = Matrix<Scalar>::Zero(a.rows(), b.cols());
  for (Index row = 0; row < z.rows(); ++row)
    for (Index column = 0; column < z.cols(); ++column)
      for (Index k = 0; k < a.cols(); ++k) z(row, column) += a(row, k) * b(k, column);
  return z;
}

}  // namespace

TEMPLATE_TEST_CASE("tiles multiply as plain loops do", "[products]", EVERY_SCALAR, long double) {
  for (const Index rows : {1, 2, 7, 8, 15, 16, 17, 33, 48, 49, 100, 200}) {
    for (const Index columns : {1, 3, 4, 5, 8, 11, 70}) {
      const Index depth = 1 + (rows * 7 + columns * 5) % 23;
      CAPTURE(rows, columns, depth);
      const auto a = random_matrix<TestType>(rows, depth, -1, 1, 1),
                 b = random_matrix<TestType>(depth, columns, -1, 1, 2),
                 z = random_matrix<TestType>(rows, columns, -1, 1, 3);
      const Matrix<TestType> expected = z + plain_product<TestType>(a, b);
      const Padded<TestType> left(a), right(b), upright(a.transpose());

      Padded<TestType> by_columns(z), by_rows(z);
      backquery::detail::add_product<TestType>(left.map(), plain(b), by_columns.map());
      const Matrix<TestType> transposed = b.transpose();
      backquery::detail::add_product_transposed<TestType>(left.map(), plain(transposed), by_rows.map());
      CHECK(max_difference(by_columns.map(), expected) <= tolerance<TestType>());
      CHECK(max_difference(by_rows.map(), expected) <= tolerance<TestType>());
      CHECK(by_columns.padding_is_zero());

      Padded<TestType> dots(Matrix<TestType>::Constant(rows, columns, TestType(7)));
      backquery::detail::dot_product<TestType>(upright.map(), right.map(), dots.map());
      CHECK(max_difference(dots.map(), plain_product<TestType>(a, b)) <= tolerance<TestType>());
    }
  }
}

TEMPLATE_TEST_CASE("products are correct where a factor is copied block by block", "[products]", EVERY_SCALAR,
                   long double) {
  using backquery::detail::PackedRows;
  using backquery::detail::product_depth;
  const Index widest = PackedRows<TestType>::width, deepest = PackedRows<TestType>::depth;
  struct Shape {
    Index rows, depth, columns;
  };
  for (const auto [rows, depth, columns] :
       {Shape{33, 2 * product_depth<TestType> + 3, 17}, Shape{50, deepest, widest},
        Shape{9, deepest + 1, 2 * widest + 3}}) {
    CAPTURE(rows, depth, columns);
    const auto a = random_matrix<TestType>(rows, depth, -1, 1, 1),
               b = random_matrix<TestType>(depth, columns, -1, 1, 2);
    const auto expected = plain_product<TestType>(a, b);
    const double sum_bound = tolerance<TestType>(static_cast<double>(depth));
    const Padded<TestType> left(a);
    const Matrix<TestType> zero = Matrix<TestType>::Zero(rows, columns);
    Padded<TestType> by_columns(zero), by_rows(zero);
    backquery::detail::add_product<TestType>(left.map(), plain(b), by_columns.map());
    const Matrix<TestType> transposed = b.transpose();
    backquery::detail::add_product_transposed<TestType>(left.map(), plain(transposed), by_rows.map());
    CHECK(max_difference(by_columns.map(), expected) <= sum_bound);
    CHECK(max_difference(by_rows.map(), expected) <= sum_bound);
    CHECK(by_columns.padding_is_zero());
    CHECK(by_rows.padding_is_zero());
  }
}

TEMPLATE_TEST_CASE("columns are summed, updated and multiplied as by plain loops", "[products]", EVERY_SCALAR,
                   long double) {
  using namespace backquery::detail;
  for (const Index rows : {1, 9, 16, 17, 200}) {
    for (const Index count : {1, 3, 4, 5, 9}) {
      CAPTURE(rows, count);
      const auto w = random_matrix<TestType>(rows, 10, -1, 1, 1),
                 x = random_matrix<TestType>(count, 1, -1, 1, 2),
                 z = random_matrix<TestType>(rows, 1, -1, 1, 3);
      const std::vector<Index> list{9, 0, 4, 7, 2, 5, 1, 8, 3};
      Matrix<TestType> chosen(rows, count);
      for (Index k = 0; k < count; ++k) chosen.col(k) = w.col(list[static_cast<std::size_t>(k)]);

      const Padded<TestType> weights(w);
      const Index n = weights.map().outerStride();
      Padded<TestType> listed(z), every(z);
      add_columns<TestType>(ListedColumns<const TestType>{weights.map().data(), n, list.data()}, count,
                            x.data(), listed.map().data(), n);
      add_columns<TestType>(EveryColumn<const TestType>{weights.map().data(), n}, count, x.data(),
                            every.map().data(), n);
      CHECK(max_difference(listed.map(), z + plain_product<TestType>(chosen, x)) <= tolerance<TestType>());
      CHECK(max_difference(every.map(), z + plain_product<TestType>(w.leftCols(count), x)) <=
            tolerance<TestType>());

      Padded<TestType> updated(w);
      const Padded<TestType> d(z);
      update_columns<TestType>({updated.map().data(), n}, count, x.data(), d.map().data(), n);
      Matrix<TestType> expected = w;
      for (Index k = 0; k < count; ++k) expected.col(k) += x(k) * z;
      CHECK(max_difference(updated.map(), expected) <= tolerance<TestType>());

      Matrix<TestType> dots(count, 1);
      dot_columns<TestType>({weights.map().data(), n}, count, d.map().data(), dots.data());
      const Matrix<TestType> transposed = w.leftCols(count).transpose();
      CHECK(max_difference(dots, plain_product<TestType>(transposed, z)) <= tolerance<TestType>());
    }
  }
}

TEMPLATE_TEST_CASE("columns of a mask are summed as by plain loops", "[products]", EVERY_SCALAR,
                   long double) {
  using namespace backquery::detail;
  for (const Index rows : {1, 9, 17, 230}) {
    for (const std::uint64_t mask : {0x0ULL, 0x1ULL, 0x8000000000000000ULL, 0x8100200040006007ULL, ~0ULL}) {
      CAPTURE(rows, mask);
      const auto w = random_matrix<TestType>(rows, 64, -1, 1, 1),
                 x = random_matrix<TestType>(3, 64, -1, 1, 2), z = random_matrix<TestType>(rows, 1, -1, 1, 3);
      const Padded<TestType> weights(w);
      Padded<TestType> sums(z);
      const Index n = weights.map().outerStride();
      for_each_masked_band<TestType>(n, [&](auto* add, Index row) {
        add({weights.map().data() + row, n}, x.data() + 1, 3, mask, sums.map().data() + row);
      });
      Matrix<TestType> expected = z;
      for (Index k = 0; k < 64; ++k) {
        if ((mask >> k & 1) != 0) expected += x(1, k) * w.col(k);
      }
      CHECK(max_difference(sums.map(), expected) <= tolerance<TestType>());
      CHECK(sums.padding_is_zero());
    }
  }
}

TEMPLATE_TEST_CASE("a pass that sums and updates columns uses the columns from before the update",
                   "[products]", EVERY_SCALAR, long double) {
  using namespace backquery::detail;
  for (const Index rows : {1, 16, 17, 230}) {
    for (const Index count : {1, 10, 23}) {
      CAPTURE(rows, count);
      const auto w = random_matrix<TestType>(rows, count, -1, 1, 1),
                 e = random_matrix<TestType>(count, 1, -1, 1, 2),
                 d = random_matrix<TestType>(count, 1, -1, 1, 3),
                 x = random_matrix<TestType>(rows, 1, -1, 1, 4);
      Padded<TestType> columns(w), sums(x);
      const Padded<TestType> values(x);
      const EveryColumn<TestType> column{columns.map().data(), columns.map().outerStride()};
      Matrix<TestType> dots(count, 1);
      dot_columns<TestType>({column.first, column.step}, count, values.map().data(), dots.data());
      add_and_update_columns<TestType>(column, count, e.data(), d.data(), values.map().data(),
                                       sums.map().data());
      const Matrix<TestType> transposed = w.transpose(),
                             updated =
                                 w + d.transpose().replicate(rows, 1).cwiseProduct(x.replicate(1, count));
      CHECK(max_difference(dots, plain_product<TestType>(transposed, x)) <= tolerance<TestType>());
      CHECK(max_difference(sums.map(), plain_product<TestType>(w, e)) <= tolerance<TestType>());
      CHECK(max_difference(columns.map(), updated) <= tolerance<TestType>());
      CHECK(columns.padding_is_zero());
    }
  }
}

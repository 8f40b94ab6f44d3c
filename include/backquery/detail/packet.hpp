/// @file
/// The processor's vector register as Eigen sees it: the one place that uses Eigen's packet types. Where
/// there is none (long double, EIGEN_DONT_VECTORIZE), a packet is one scalar.
#pragma once

#include <Eigen/Core>

namespace backquery::detail {

/// Packets start on multiples of their own size; a padded column is a whole number of them.
template <typename Scalar>
struct Packet {
  using Register = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr Eigen::Index size = Eigen::internal::unpacket_traits<Register>::size;

  Register value;

  static Packet load(const Scalar* p) { return {Eigen::internal::pload<Register>(p)}; }
  static Packet broadcast(Scalar scalar) { return {Eigen::internal::pset1<Register>(scalar)}; }
  void store(Scalar* p) const { Eigen::internal::pstore<Scalar, Register>(p, value); }
  /// this + a b
  [[nodiscard]] Packet plus(Packet a, Packet b) const {
    return {Eigen::internal::pmadd(a.value, b.value, value)};
  }

  /// The sum of the lanes.
  [[nodiscard]] Scalar sum() const { return Eigen::internal::predux(value); }
};

}  // namespace backquery::detail

/// @file
/// Vector registers of the processor, based on Eigen's packet types. No other file uses Eigen::internal.
/// Eigen has no packets for WebAssembly, so this file uses WebAssembly's instructions. Without vector
/// registers (long double, or EIGEN_DONT_VECTORIZE except for WebAssembly) a packet is one scalar.
#pragma once

#include <Eigen/Core>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

namespace backquery::detail {

/// Packets are aligned to their own size. A padded column is a whole number of packets.
template <typename Scalar>
struct Packet {
  using Register = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr Eigen::Index size = Eigen::internal::unpacket_traits<Register>::size;

  Register value;

  static Packet load(const Scalar* p) { return {Eigen::internal::pload<Register>(p)}; }
  /// Starts to load the cache line of p.
  static void prefetch(const Scalar* p) { Eigen::internal::prefetch(p); }
  static Packet broadcast(Scalar scalar) { return {Eigen::internal::pset1<Register>(scalar)}; }
  /// Loads from any address.
  static Packet load_unaligned(const Scalar* p) { return {Eigen::internal::ploadu<Register>(p)}; }
  /// Keeps the value in a register. Otherwise GCC 12.2 with some tunings (-mtune=znver3) loads the value from
  /// memory for every product, which costs a third of the speed of a tile. Has no effect without fused
  /// multiply-add, because the products then need the register.
  static Packet in_register(Packet packet) {
#if EIGEN_ARCH_i386_OR_x86_64 && defined(EIGEN_VECTORIZE_FMA) && defined(EIGEN_OPTIMIZATION_BARRIER) && \
    !defined(__clang__)
    if constexpr (size > 1) {
      EIGEN_OPTIMIZATION_BARRIER(packet.value)
    }
#endif
    return packet;
  }
  void store(Scalar* p) const {
    Eigen::internal::pstore<Scalar, Register>(p, value);
  }
  /// this + a b
  [[nodiscard]] Packet plus(Packet a, Packet b) const {
    return {Eigen::internal::pmadd(a.value, b.value, value)};
  }

  /// this + c in lanes where a and b differ, this in the other lanes.
  [[nodiscard]] Packet plus_if_different(Packet a, Packet b, Packet c) const {
    if constexpr (size == 1) {
      return {a.value != b.value ? value + c.value : value};
    } else {
      const Register equal = Eigen::internal::pcmp_eq(a.value, b.value);
      return {Eigen::internal::padd(value, Eigen::internal::pandnot(c.value, equal))};
    }
  }

  /// The sum of the lanes.
  [[nodiscard]] Scalar sum() const {
    return Eigen::internal::predux(value);
  }
};

#ifdef __wasm_simd128__

template <>
struct Packet<float> {
  static constexpr Eigen::Index size = 4;

  v128_t value;

  static Packet load(const float* p) { return {wasm_v128_load(p)}; }
  static void prefetch(const float*) {}
  static Packet broadcast(float scalar) { return {wasm_f32x4_splat(scalar)}; }
  static Packet load_unaligned(const float* p) { return load(p); }
  static Packet in_register(Packet packet) { return packet; }
  void store(float* p) const { wasm_v128_store(p, value); }
  [[nodiscard]] Packet plus(Packet a, Packet b) const {
    return {wasm_f32x4_add(wasm_f32x4_mul(a.value, b.value), value)};
  }
  [[nodiscard]] Packet plus_if_different(Packet a, Packet b, Packet c) const {
    return {wasm_f32x4_add(value, wasm_v128_and(c.value, wasm_f32x4_ne(a.value, b.value)))};
  }
  [[nodiscard]] float sum() const {
    return (wasm_f32x4_extract_lane(value, 0) + wasm_f32x4_extract_lane(value, 2)) +
           (wasm_f32x4_extract_lane(value, 1) + wasm_f32x4_extract_lane(value, 3));
  }
};

template <>
struct Packet<double> {
  static constexpr Eigen::Index size = 2;

  v128_t value;

  static Packet load(const double* p) { return {wasm_v128_load(p)}; }
  static void prefetch(const double*) {}
  static Packet broadcast(double scalar) { return {wasm_f64x2_splat(scalar)}; }
  static Packet load_unaligned(const double* p) { return load(p); }
  static Packet in_register(Packet packet) { return packet; }
  void store(double* p) const { wasm_v128_store(p, value); }
  [[nodiscard]] Packet plus(Packet a, Packet b) const {
    return {wasm_f64x2_add(wasm_f64x2_mul(a.value, b.value), value)};
  }
  [[nodiscard]] Packet plus_if_different(Packet a, Packet b, Packet c) const {
    return {wasm_f64x2_add(value, wasm_v128_and(c.value, wasm_f64x2_ne(a.value, b.value)))};
  }
  [[nodiscard]] double sum() const {
    return wasm_f64x2_extract_lane(value, 0) + wasm_f64x2_extract_lane(value, 1);
  }
};

#endif

/// R packets, `step` scalars apart.
template <typename Scalar, int R>
struct Packets {
  using P = Packet<Scalar>;
  P first;
  Packets<Scalar, R - 1> rest;

  EIGEN_ALWAYS_INLINE static Packets zero() {
    return {P::broadcast(Scalar(0)), Packets<Scalar, R - 1>::zero()};
  }
  EIGEN_ALWAYS_INLINE static Packets load(const Scalar* p, Eigen::Index step = P::size) {
    return {P::load(p), Packets<Scalar, R - 1>::load(p + step, step)};
  }
  /// Loads adjacent packets from any address, and keeps them in registers.
  EIGEN_ALWAYS_INLINE static Packets load_in_registers(const Scalar* p) {
    return {P::in_register(P::load_unaligned(p)), Packets<Scalar, R - 1>::load_in_registers(p + P::size)};
  }
  EIGEN_ALWAYS_INLINE void add(const Packets& a, const P& b) {
    first = first.plus(a.first, b);
    rest.add(a.rest, b);
  }
  /// += a b for the packets a at p
  EIGEN_ALWAYS_INLINE void add_product(const Scalar* p, const P& b) {
    first = first.plus(P::load(p), b);
    rest.add_product(p + P::size, b);
  }
  /// this += a w, then w += b y, for the packets w at p.
  EIGEN_ALWAYS_INLINE void add_and_update(Scalar* p, const P& a, const P& b, const Packets& y) {
    const P w = P::load(p);
    first = first.plus(w, a);
    w.plus(y.first, b).store(p);
    rest.add_and_update(p + P::size, a, b, y.rest);
  }
  EIGEN_ALWAYS_INLINE void store(Scalar* p) const {
    first.store(p);
    rest.store(p + P::size);
  }
  EIGEN_ALWAYS_INLINE void add_to(Scalar* p) const {
    P::load(p).plus(first, P::broadcast(Scalar(1))).store(p);
    rest.add_to(p + P::size);
  }
  EIGEN_ALWAYS_INLINE void store_sums(Scalar* p) const {
    *p = first.sum();
    rest.store_sums(p + 1);
  }
};

template <typename Scalar>
struct Packets<Scalar, 0> {
  EIGEN_ALWAYS_INLINE static Packets zero() { return {}; }
  EIGEN_ALWAYS_INLINE static Packets load(const Scalar*, Eigen::Index = 0) { return {}; }
  EIGEN_ALWAYS_INLINE static Packets load_in_registers(const Scalar*) { return {}; }
  EIGEN_ALWAYS_INLINE void add(const Packets&, const Packet<Scalar>&) {}
  EIGEN_ALWAYS_INLINE void add_product(const Scalar*, const Packet<Scalar>&) {}
  EIGEN_ALWAYS_INLINE void add_and_update(Scalar*, const Packet<Scalar>&, const Packet<Scalar>&,
                                          const Packets&) {}
  EIGEN_ALWAYS_INLINE void store(Scalar*) const {}
  EIGEN_ALWAYS_INLINE void add_to(Scalar*) const {}
  EIGEN_ALWAYS_INLINE void store_sums(Scalar*) const {}
};

}  // namespace backquery::detail

#!/usr/bin/env bash
# Checks a compiler of this machine, on any Debian (as root): native.sh [COMPILER [PART...]], for example
# `native.sh clang++-21 headers`. The default compiler is g++. The part `packaging` is one more: each way to
# add backquery to a project.
source "$(dirname "$0")/common.sh"
compiler=("${1:-g++}")
[ $# -eq 0 ] || shift
install g++ "${compiler[0]/clang++/clang}" libeigen3-dev catch2 libcli11-dev libstb-dev libprotozero-dev make cmake pkg-config
build+=-${compiler[0]}
standards=(17 20 23)
# The tests are built with the first standard: C++20 with Clang, as in the preset clang, because in C++17 Clang
# warns of macros of Catch2.
[[ ${compiler[0]} != *clang* ]] || standards=(20 17 23)

check_packaging() {
  cmake -S . -B "$build/packaging" -D CMAKE_CXX_COMPILER="${compiler[0]}" >/dev/null
  ctest --test-dir "$build/packaging" -L packaging --output-on-failure
}

if [ "${1-}" != packaging ]; then
  check "$@"
fi
if [ $# -eq 0 ] || [ "$1" = packaging ]; then
  stage packaging check_packaging
fi

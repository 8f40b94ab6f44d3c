#!/usr/bin/env bash
# Checks compilers of this machine, on any Debian (as root): native.sh [COMPILER [PART...]], for example
# `native.sh clang++-21 headers`. The default compiler is g++.
source "$(dirname "$0")/common.sh"
install g++ libeigen3-dev catch2 libcli11-dev libstb-dev
compiler=("${1:-g++}")
[ $# -eq 0 ] || shift
build+=-${compiler[0]}
standards=(17 20 23)
check "$@"

#!/usr/bin/env bash
# Checks a 32-bit x86 processor on Debian 12 (as root): twice, with the x87 floating-point unit, which is the
# default of GCC, and with SSE2. The programs run on a 64-bit processor without an emulator.
source "$(dirname "$0")/common.sh"
install g++-i686-linux-gnu libeigen3-dev catch2 libcli11-dev libstb-dev
compiler=(i686-linux-gnu-g++ -static)
check "$@"
build+=-sse2
compiler+=(-msse2 -mfpmath=sse)
check "$@"

#!/usr/bin/env bash
# Checks a 32-bit x86 processor with SSE2 on Debian 12 (as root). The programs run on a 64-bit processor
# without an emulator. With the x87 unit, the default of GCC, the library must not compile.
source "$(dirname "$0")/common.sh"
install g++-i686-linux-gnu libeigen3-dev catch2 libcli11-dev libstb-dev libprotozero-dev
# Without _FILE_OFFSET_BITS, the C library does not open files above 2 GiB.
compiler=(i686-linux-gnu-g++ -static -msse2 -mfpmath=sse -D_FILE_OFFSET_BITS=64)
same_model=yes
check "$@"
if compile -mfpmath=387 -fsyntax-only include/backquery/detail/random.hpp 2> "$build/x87.log"; then
  echo "x87 is accepted" >&2
  exit 1
fi
grep -q 'error: .*compile with -msse2 -mfpmath=sse' "$build/x87.log"

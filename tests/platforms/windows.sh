#!/usr/bin/env bash
# Checks 64-bit Windows on Debian 12 (as root): programs of mingw-w64 (msvcrt, POSIX threads) run under wine.
source "$(dirname "$0")/common.sh"
install g++-mingw-w64-x86-64-posix libeigen3-dev catch2 libcli11-dev libstb-dev libprotozero-dev
if [ "${1-}" != headers ]; then
  install wine wine64
fi
compiler=(x86_64-w64-mingw32-g++-posix -static)
emulator=(wine)
extension=.exe
same_model=yes
prefix='#include <windows.h>'  # its macros are near, far, small, min, max and many others
export WINEPREFIX=$build/wine WINEDEBUG=-all
check "$@"

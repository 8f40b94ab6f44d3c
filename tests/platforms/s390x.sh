#!/usr/bin/env bash
# Checks s390x on Debian 12 (as root), the platform with big-endian byte order and a long double of 128 bits:
# programs of a cross compiler run under an emulator.
source "$(dirname "$0")/common.sh"
install g++-s390x-linux-gnu qemu-user-static libeigen3-dev catch2 libcli11-dev libstb-dev libprotozero-dev
compiler=(s390x-linux-gnu-g++ -static)
emulator=(qemu-s390x-static)
optimization=-O2  # contracts a product and a sum to one fused operation, which -O1 does not
check "$@"

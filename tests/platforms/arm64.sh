#!/usr/bin/env bash
# Checks ARM64 on Debian 12 (as root): programs of a cross compiler run under an emulator.
source "$(dirname "$0")/common.sh"
install g++-aarch64-linux-gnu qemu-user-static libeigen3-dev catch2 libcli11-dev libstb-dev libprotozero-dev
compiler=(aarch64-linux-gnu-g++ -static -Wno-psabi)
emulator=(qemu-aarch64-static)
optimization=-O2  # contracts a product and a sum to one fused operation, which -O1 does not
check "$@"

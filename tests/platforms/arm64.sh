#!/usr/bin/env bash
# Checks ARM64 on Debian 12 (as root): programs of a cross compiler run under an emulator.
source "$(dirname "$0")/common.sh"
install g++-aarch64-linux-gnu qemu-user-static libeigen3-dev catch2 libcli11-dev libstb-dev
compiler=(aarch64-linux-gnu-g++ -static)
emulator=(qemu-aarch64-static)
check "$@"

#!/usr/bin/env bash
# Builds the Debian package and the archive, installs them in a bare Debian 12 (a chroot, as root), and uses
# them by find_package, by pkg-config, and by g++ alone.
source "$(dirname "$0")/common.sh"
install cmake make g++ libeigen3-dev
cmake -S . -B "$build" -D BACKQUERY_BUILD_TESTS=OFF -D BACKQUERY_BUILD_EXAMPLES=OFF
(cd "$build" && rm -f -- *.deb *.tar.gz && cpack -G DEB && cpack -G TGZ)
make_chroot bookworm
rm -rf "$chroot/backquery"
mkdir "$chroot/backquery"
cp -r tests/packaging/{main.cpp,second.cpp,find_package} "$build"/*.deb "$build"/*.tar.gz "$chroot/backquery/"
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")

in_chroot bash -euxc '
  cd /backquery
  export DEBIAN_FRONTEND=noninteractive
  use_find_package() {
    rm -rf build
    cmake -S find_package -B build -D BACKQUERY_VERSION="$1" "${@:2}"
    cmake --build build
    build/consumer
  }
  apt-get update -q
  apt-get install -y -q --no-install-recommends ./libbackquery-dev_*.deb g++ make cmake pkg-config

  use_find_package "$1"
  g++ -std=c++17 main.cpp second.cpp $(pkg-config --cflags --libs backquery) -o by_pkg_config
  ./by_pkg_config
  g++ -std=c++17 -I /usr/include/eigen3 -pthread main.cpp second.cpp -o by_compiler
  ./by_compiler

  apt-get purge -y -q libbackquery-dev
  apt-get install -y -q --no-install-recommends libeigen3-dev
  if [ -e /usr/include/backquery ]; then exit 1; fi
  rm -rf /opt/backquery
  mkdir /opt/backquery
  tar -x -f backquery-*.tar.gz -C /opt/backquery --strip-components=1
  use_find_package "$1" -D CMAKE_PREFIX_PATH=/opt/backquery
' - "$version"
echo "the packages work"

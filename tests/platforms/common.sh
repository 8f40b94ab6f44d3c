# Functions and defaults of the scripts in this folder. A script installs its packages, sets the variables below
# and calls `check "$@"`, whose arguments select parts:
#
#     headers         all headers with strict warnings, without code generation
#     tests [TEST]... the tests of a folder (images) or of a file (images/read_csv); without TEST, all folders
#     train           mnist_train; its performance must be 0.89. Prints the checksum of the model
#
# Without arguments, every part is done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8  # wine needs UTF-8 for names of files
root=$PWD
build=$root/build/platforms/$(basename "$0" .sh)

compiler=(g++)          # command and options, also for linking
emulator=()             # command that runs a program
extension=              # of programs
prefix=                 # written before the #include lines of headers
standards=(17)          # of C++, for the headers; the first one also for the tests
optimization=-O1        # of the tests; -O1 compiles fastest
same_model=             # not empty: mnist_train must write the same model as on this machine

strict=$(sed -n 's/.*"STRICT": "\(.*\)".*/\1/p' CMakePresets.json)
groups=(network training threads augmentation model images tables metrics detail)  # the largest first

install() {
  if ! dpkg -s "$@" >/dev/null 2>&1; then
    apt-get update -q >/dev/null
    apt-get install -y -q --no-install-recommends "$@" >/dev/null
  fi
}

# make_chroot RELEASE: sets up that release of Debian in the folder $chroot (as root).
make_chroot() {
  install debootstrap util-linux
  chroot=$build/$1
  # The mirror of this machine, if it runs Debian; else the default of debootstrap.
  local mirror
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | head -n 1)
  if [ ! -d "$chroot" ]; then
    rm -rf "$chroot.part"
    debootstrap --variant=minbase "$1" "$chroot.part" ${mirror:+"$mirror"}
    # The index files of a mirror that is not updated daily may have expired.
    echo 'Acquire::Check-Valid-Until "false";' > "$chroot.part/etc/apt/apt.conf.d/platforms"
    mv "$chroot.part" "$chroot"
  fi
  rm -f "$chroot/etc/resolv.conf"
  cp /etc/resolv.conf "$chroot/etc/"
}

# in_chroot COMMAND...: runs the command in $chroot. The mounts end with the command.
in_chroot() {
  unshare --mount bash -ec 'mount -t proc proc "$1/proc"; exec chroot "$@"' - "$chroot" "$@"
}

# Header-only packages of Debian that every target can use. Their folders are named one by one, because
# /usr/include has the C library of this machine.
prepare() {
  # The warnings of tests/syntax.cmake for all compilers, and those for GCC.
  local last='^else'
  [[ ${compiler[0]} = *clang* ]] && last='^if'
  consumer=$(sed -n "/^set(consumer_warnings/,/$last/p" tests/syntax.cmake | grep -oE -e '-W[a-z-]+')
  mkdir -p "$build/packages"
  ln -sfn /usr/include/eigen3/Eigen "$build/packages/Eigen"
  ln -sfn /usr/include/catch2 "$build/packages/catch2"
  ln -sfn /usr/include/CLI "$build/packages/CLI"
  ln -sfn /usr/include/stb "$build/packages/stb"
  ln -sfn /usr/include/protozero "$build/packages/protozero"
  flags=(-Iinclude -Itests/support -isystem "$build/packages" -isystem "$build/packages/stb" -pthread
    -DBACKQUERY_TEST_DATA="\"$root/tests/data\"" -DBACKQUERY_EXAMPLE_DATA="\"$root/examples/data\"")
  [[ ${compiler[0]} = *clang* ]] || flags+=(--param=ggc-min-heapsize=1000000)  # as in CMakeLists.txt
}

run() { "${emulator[@]}" "$@"; }

# compile SOURCE OPTION...: with strict warnings as errors, by ccache if it is installed.
compile() {
  $(command -v ccache) "${compiler[@]}" -std="c++${standards[0]}" $strict "${flags[@]}" "$@"
}

# stage NAME COMMAND...: prints the time that the command takes.
stage() {
  local name=$1 start=$SECONDS
  shift
  echo "--- $(basename "$build"): $name"
  "$@"
  times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$name")")
}

# All headers and all templates, with the warnings of strict projects. gzip.hpp needs zlib, which cross
# compilers do not have.
check_headers() {
  local standard
  { echo "$prefix"
    (cd include && find backquery -name '*.hpp' ! -name gzip.hpp | sort | sed 's/.*/#include <&>/')
    echo '#include "instantiate.hpp"'
  } > "$build/headers.cpp"
  for standard in "${standards[@]}"; do
    compile -std="c++$standard" $consumer -Itests -fsyntax-only "$build/headers.cpp"
  done
}

# write_source TEST: writes a file that includes all files of the test, because most of the work of their
# compilation is common to them.
write_source() {
  local files=("tests/$1_test.cpp")
  [ ! -d "tests/$1" ] || files=("tests/$1"/*_test.cpp)
  printf "#include \"$root/%s\"\n" "${files[@]}" > "$build/${1/\//-}.cpp"
}

compile_main() {
  if [ -e "$build/packages/catch2/catch_all.hpp" ]; then
    main=(-lCatch2Main -lCatch2)
  else
    main=("$build/main.o")
    printf '#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n' > "$build/main.cpp"
    compile $optimization -c "$build/main.cpp" -o "$build/main.o"
  fi
}

check_tests() {
  local test failed=0
  compile_main
  for test in "$@"; do
    write_source "$test"
  done
  printf '%s\0' "${@/\//-}" |
    xargs -0 -P "${JOBS:-$(nproc)}" -I{} bash -ec \
      'source "$1"; compile $optimization -c "$build/$2.cpp" -o "$build/$2.o"' "$0" "$build/settings" {}
  for test in "${@/\//-}"; do
    compile "$build/$test.o" "${main[@]}" -o "$build/$test$extension"
    echo "$test"
    run "$build/$test$extension" || failed=1
  done
  return $failed
}

check_train() {
  compile -O2 -DNDEBUG examples/mnist/mnist_train.cpp -o "$build/mnist_train$extension"
  run "$build/mnist_train$extension" --epochs 10 --rotate 10 --save "$build/model.bq" |
    tee "$build/train.log"
  grep -q '^performance = 0\.8900' "$build/train.log"
  sha256sum "$build/model.bq"
  if [ -n "$same_model" ]; then
    tests/platforms/native.sh g++ train >/dev/null
    cmp "$build/model.bq" build/platforms/native-g++/model.bq
  fi
}

check() {
  prepare
  times=()
  declare -p root build compiler strict standards optimization flags > "$build/settings"
  declare -f compile >> "$build/settings"
  "${compiler[@]}" --version | head -n 1
  case ${1-} in
    headers) stage headers check_headers ;;
    tests) shift; [ $# -gt 0 ] || set -- "${groups[@]}"; stage "tests: $*" check_tests "$@" ;;
    train) stage train check_train ;;
    "") stage headers check_headers; stage train check_train; stage tests check_tests "${groups[@]}" ;;
    *) echo "$0: unknown part $1, expected headers, tests [GROUP...] or train" >&2; exit 2 ;;
  esac
  printf '%s\n' "${times[@]}"
}

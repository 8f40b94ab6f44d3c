#!/usr/bin/env bash
# Checks newer compilers, Eigen and Catch2 of another release of Debian, in a chroot on any Debian (as root):
# debian.sh trixie|sid [PART...]. The parts are those of native.sh, which runs in the chroot.
source "$(dirname "$0")/common.sh"
release=${1-}
case $release in
  trixie) compilers=(g++-14 clang++-19) ;;
  sid) compilers=(g++-16 clang++-21) ;;
  *) echo "$0: unknown release '$release', expected trixie or sid" >&2; exit 2 ;;
esac
shift
install git
make_chroot "$release"

# The sources are copied, not mounted, so that no command can delete them through the chroot.
rm -rf "$chroot/backquery/"{include,tests,examples}
mkdir -p "$chroot/backquery"
git ls-files -z | tar --null -T - -c | tar -x -C "$chroot/backquery"

for name in "${compilers[@]}"; do
  in_chroot bash /backquery/tests/platforms/native.sh "$name" "$@"
done

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
install debootstrap util-linux
chroot=$build/$release

# The mirror that this machine uses, if it is a Debian.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | head -n 1)
if [ ! -d "$chroot" ]; then
  rm -rf "$chroot.part"
  debootstrap --variant=minbase "$release" "$chroot.part" "${mirror:-http://deb.debian.org/debian}"
  # A mirror may be a copy of an older day.
  echo 'Acquire::Check-Valid-Until "false";' > "$chroot.part/etc/apt/apt.conf.d/platforms"
  mv "$chroot.part" "$chroot"
fi
rm -f "$chroot/etc/resolv.conf"
cp /etc/resolv.conf "$chroot/etc/"

# The sources are copied, not mounted, so that no command can delete them through the chroot.
rm -rf "$chroot/backquery/"{include,tests,examples}
mkdir -p "$chroot/backquery"
git ls-files -z | tar --null -T - -c | tar -x -C "$chroot/backquery"

# The mounts end with the command.
in_chroot() {
  unshare --mount bash -ec 'mount -t proc proc "$1/proc"; exec chroot "$@"' - "$chroot" "$@"
}

for name in "${compilers[@]}"; do
  in_chroot bash /backquery/tests/platforms/native.sh "$name" "$@"
done

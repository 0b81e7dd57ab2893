#!/usr/bin/env bash
# The image that ours are built from where no registry is in reach: a small Debian with a JRE, made by debootstrap
# from the mirror that apt uses here. Usage: .ci/base-image.sh [NAME]   (needs root, apt and a Docker engine)
# Does nothing when the image is there.
set -euo pipefail

image=${1:-ordeal-base:bookworm}
suite=bookworm
packages=ca-certificates,iptables,procps,openjdk-17-jre-headless

if docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image is there"
  exit
fi
if ! command -v debootstrap >/dev/null; then
  echo 'installing debootstrap'
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
fi

mirror=$(apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' |
  awk -v suite="$suite" '$1 == "Debian" && $2 == suite { print $3; exit }')
if [ -z "$mirror" ]; then
  echo "apt has no source for Debian $suite, so there is nothing to build $image from" >&2
  exit 1
fi

work=$(mktemp -d)
root=$work/root
# debootstrap leaves /proc mounted when it is interrupted.
trap 'umount -l "$root/proc" "$root/sys" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
echo "building $image with debootstrap"
debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$mirror" >"$work/log" 2>&1 || {
  tail -n 20 "$work/log" >&2
  exit 1
}
tar -C "$root" --exclude=./var/cache/apt/archives/*.deb --exclude=./var/lib/apt/lists/* -c . |
  docker import --change 'ENV LANG=C.UTF-8' - "$image" >/dev/null
echo "built $image"

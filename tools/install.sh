#!/bin/sh
# Installs what is missing for the named parts, and nothing else:
#
#     tools/install.sh build | test | lint ...
#
# Each package is asked for with dpkg-query first; when all are there, nothing runs as root and no
# network is used. Debian 12; elsewhere it names the packages and leaves the rest to you.
set -eu

# CMake configures the tests along with the program, so the small test libraries come with it.
build_packages="g++ make cmake ninja-build ccache pkg-config python3 ca-certificates
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsodium-dev
  libsqlite3-dev libpq-dev libcurl4-openssl-dev libspdlog-dev libfmt-dev libcli11-dev libpng-dev
  libqrcodegencpp-dev libjwt-dev libgtest-dev librapidcheck-dev libbenchmark-dev"
# A browser for the end-to-end tests, with the letters that its pictures need.
test_packages="chromium fonts-dejavu-core fonts-khmeros openssl sqlite3 postgresql"
lint_packages="clang-format-19 clang-tidy-19"
node_least=18

say() { printf '%s\n' "install: $*"; }

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Node from anywhere will do when it is recent enough; Debian keeps npm in a package of its own.
node_missing() {
  if ! command -v npm >/dev/null 2>&1 || ! command -v node >/dev/null 2>&1; then return 0; fi
  [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$node_least" ]
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    say "neither root nor sudo: run as root: $*" >&2
    return 1
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q "$@"; }

apt_install() { apt install -y --no-install-recommends "$@" </dev/null; }

lists_present() { ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1; }

wanted=""
for part in "$@"; do
  case "$part" in
    build) wanted="$wanted $build_packages" ;;
    test) wanted="$wanted $test_packages" ;;
    lint) wanted="$wanted $lint_packages" ;;
    *) say "unknown part '$part': build, test or lint" >&2; exit 2 ;;
  esac
done
case " $* " in *" build "* | *" test "*) node_wanted=yes ;; *) node_wanted=no ;; esac
if [ "$node_wanted" = yes ] && node_missing; then wanted="$wanted nodejs npm"; fi

if ! command -v dpkg-query >/dev/null 2>&1; then
  say "this is no Debian; make sure that these are there:" $wanted
  exit 0
fi

missing=""
for package in $wanted; do
  installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
  say "everything for '$*' is there"
  exit 0
fi

say "missing for '$*':$missing"
if ! lists_present; then
  say "fetching the package lists"
  apt update
fi
# shellcheck disable=SC2086  # a list of words
if ! apt_install $missing; then
  say "that failed; fetching newer package lists and trying once more"
  apt update
  apt_install $missing
fi
if [ "$node_wanted" = yes ] && node_missing; then
  say "node $node_least or newer and npm are still not on the PATH" >&2
  exit 1
fi
say "done"

#!/usr/bin/env bash
# A Docker engine for tests on a machine that has none: Debian's, started by hand and on the default socket.
# Usage: .ci/docker-engine.sh start|stop|status
#   start   does nothing when an engine answers; installs what is missing (needs root and apt)
#   stop    ends exactly the engine that `start` started, and removes its images, containers and logs
# Everything it makes is below ORDEAL_ENGINE_DIR; `docker.pid` in there says that an engine is ours.
set -euo pipefail

folder=${ORDEAL_ENGINE_DIR:-/var/lib/ordeal-engine}
pid_file=$folder/docker.pid
log=$folder/dockerd.log
start_within_s=60
stop_within_s=30

answers() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

# The pid of our engine; fails when it does not live. Pids are used again, so the command line has to name our file.
our_pid() {
  local pid
  pid=$(cat "$pid_file" 2>/dev/null) || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "--pidfile $pid_file" || return 1
  echo "$pid"
}

install_engine() {
  local missing=''
  for program in dockerd docker iptables; do command -v $program >/dev/null || missing=yes; done
  [ -n "$missing" ] || return 0
  echo 'installing docker.io and iptables'
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get install -y -qq --no-install-recommends docker.io iptables >/dev/null
}

start() {
  if version=$(answers); then
    echo "a Docker engine answers already: $version"
    return
  fi
  install_engine
  mkdir -p "$folder"
  rm -f "$pid_file"
  # A session of its own, so that a terminal's Ctrl-C does not reach it.
  setsid dockerd --pidfile "$pid_file" --data-root "$folder/data" --exec-root "$folder/exec" \
    >"$log" 2>&1 </dev/null &
  local child=$! deadline=$((SECONDS + start_within_s))
  until version=$(answers); do
    if ! kill -0 "$child" 2>/dev/null || ((SECONDS > deadline)); then
      echo "dockerd does not answer; the end of $log:" >&2
      tail -n 20 "$log" >&2
      stop
      return 1
    fi
    sleep 0.2
  done
  echo "started Docker $version, pid $(our_pid), log $log"
}

stop() {
  local pid
  if pid=$(our_pid); then
    kill -TERM "$pid"
    local deadline=$((SECONDS + stop_within_s))
    while kill -0 "$pid" 2>/dev/null && ((SECONDS <= deadline)); do sleep 0.2; done
    # A killed dockerd leaves its containerd behind.
    if kill -KILL "$pid" 2>/dev/null; then
      kill -KILL "$(cat "$folder/exec/containerd/containerd.pid")" 2>/dev/null || true
    fi
    echo "stopped the Docker engine, pid $pid"
  fi
  [ -d "$folder" ] || return 0
  # What the engine mounted below its folders goes before the folders do.
  awk -v below="$folder/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf "$folder"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  status) answers && our_pid ;;
  *) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;;
esac

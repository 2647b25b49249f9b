#!/bin/sh
set -e
if [ "$1" = remove ] && command -v systemctl >/dev/null 2>&1; then
  if [ -d /run/systemd/system ]; then
    systemctl stop lockstep.service || true
  fi
  # Where it was enabled a link to the unit would be left.
  systemctl --quiet disable lockstep.service || true
fi

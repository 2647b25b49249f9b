#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
if [ "$1" = purge ] && [ -d /var/lib/lockstep ]; then
  # Empty, where no install was made.
  rmdir /var/lib/lockstep 2>/dev/null ||
    echo 'The data folder /var/lib/lockstep holds the key of this install, and stays. Remove it by hand if nobody needs it.'
fi

#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if command -v systemd-sysusers >/dev/null 2>&1; then
    systemd-sysusers lockstep.conf || true
  elif command -v adduser >/dev/null 2>&1; then
    adduser --system --group --home /var/lib/lockstep --no-create-home --quiet lockstep || true
  fi
  if getent passwd lockstep >/dev/null 2>&1; then
    install -d -o lockstep -g lockstep -m 0700 /var/lib/lockstep
  fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    # Only what ran before: it goes on with the new version.
    [ -z "$2" ] || systemctl try-restart lockstep.service || true
  fi
  if [ -z "$2" ]; then
    cat <<'TEXT'
Lockstep is installed. Nothing runs yet. Next, at the machine that publishes:
  sudo -u lockstep lockstep init --role master --data /var/lib/lockstep
  sudo install -d -o lockstep -g lockstep /srv/www
  sudo -u lockstep lockstep site add www /srv/www --data /var/lib/lockstep
  sudo systemctl enable --now lockstep
A folder that is there already: chown -R lockstep /srv/www. More: man lockstep
TEXT
  fi
fi

#!/bin/sh
# Removes from an image what let its builder in. Runs as root on the builder machine, as the last thing.
set -eu

# The guest agent would bring the keys back at the next change of metadata. Newer ones are several services.
if [ -d /run/systemd/system ]; then
  for unit in google-guest-agent-manager google-guest-compat-manager google-guest-agent; do
    if systemctl is-active --quiet "$unit"; then systemctl stop "$unit"; fi
  done
else
  # Without systemd by its pid: the name in /proc/PID/comm is cut after 15 characters.
  for exe in /proc/[0-9]*/exe; do
    pid=${exe#/proc/}
    pid=${pid%/exe}
    case $(readlink "$exe" 2>/dev/null) in
      */google_guest_agent*) kill "$pid" && tail --pid="$pid" -f /dev/null ;;
    esac
  done
fi

# Everyone whom the agent let in: Packer's user, and those whom the project's metadata names.
seal_user() { # NAME
  home=$(getent passwd "$1" | cut -d : -f 6)
  [ -n "$home" ] || return 0
  rm -f "$home/.ssh/authorized_keys"
  rm -rf "$home/.ansible"
  if id -nG "$1" | tr ' ' '\n' | grep -qx google-sudoers; then gpasswd -d "$1" google-sudoers; fi
}

for file in /var/lib/google/google_users /var/lib/google_users; do
  [ -f "$file" ] || continue
  while read -r name || [ -n "$name" ]; do seal_user "$name"; done <"$file"
  rm -f "$file"
done
[ -z "${SUDO_USER:-}" ] || [ "$SUDO_USER" = root ] || seal_user "$SUDO_USER"

# Every machine gets an id of its own at its first boot. Its host keys are renewed by the guest agent.
: >/etc/machine-id
# The next boot empties /tmp on Debian, and not on every image.
find /tmp -xdev -mindepth 1 -delete 2>/dev/null || true

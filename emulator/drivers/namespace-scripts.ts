/**
 * Makes what is around a machine, in namespaces that are new: its disk, and a network in which relays lead to the
 * sockets in the current directory, which is the machine's. Then it goes where the machine is to be, with a network of
 * its own; the relays take no port of that. $1 layers of the disk, $2 what is written to it, $3 overlayfs's own
 * directory, $4 name, $5 address, $6 hardware address, $7 and $8 the scripts that go on.
 */
export const setUpScript = `set -eu
for tool in ip socat; do
  command -v "$tool" >/dev/null || { echo "$tool is missing; apt-get install iproute2 socat brings it." >&2; exit 1; }
done

mkdir -p root
mount -t overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" overlay root
echo "$4" >/proc/sys/kernel/hostname

ip link set lo up
ip link add relays type veth peer name eth0
ip link set eth0 address "$6"
for address in 169.254.169.254 169.254.169.253 10.128.0.1; do
  ip address add "$address/32" dev relays
done
ip link set relays up
ip route add "$5/32" dev relays src 10.128.0.1
relay() {
  # A side that is done sending still gets what the other one has for it.
  socat -t 3600 "$@" 2>/dev/null 3>&- &
}
relay TCP-LISTEN:80,bind=169.254.169.254,fork,reuseaddr,backlog=128 UNIX-CONNECT:metadata.sock
relay TCP-LISTEN:80,bind=169.254.169.253,fork,reuseaddr,backlog=128 UNIX-CONNECT:cloud.sock
[ ! -e proxy.sock ] || relay TCP-LISTEN:3128,bind=169.254.169.253,fork,reuseaddr,backlog=128 UNIX-CONNECT:proxy.sock
relay UNIX-LISTEN:ssh.sock,fork,unlink-early "TCP-CONNECT:$5:22"

exec 4</proc/self/ns/net
exec unshare --net /bin/sh -c "$7" enter "$5" "$!" "$8"
`

/** Goes into the machine and becomes its first process. $1 address, $2 the pid of a relay, $3 the script of that process. */
export const enterScript = `set -eu
nsenter --net=/proc/self/fd/4 ip link set eth0 netns "$$"
exec 4<&-
ip link set lo up
ip address add "$1/32" dev eth0
ip link set eth0 up
ip route add 10.128.0.1 dev eth0
ip route add 169.254.169.252/30 dev eth0
ip route add default via 10.128.0.1

mount -t proc proc root/proc
mount -t sysfs -o ro sysfs root/sys
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
mkdir root/run/lock root/run/sshd
mount -t tmpfs -o mode=755 tmpfs root/dev
for device in null zero full random urandom tty; do
  : >"root/dev/$device"
  mount --bind "/dev/$device" "root/dev/$device"
done
mkdir root/dev/pts root/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts root/dev/pts
mount -t tmpfs -o mode=1777 tmpfs root/dev/shm
ln -s pts/ptmx root/dev/ptmx
ln -s /proc/self/fd root/dev/fd
ln -s fd/0 root/dev/stdin
ln -s fd/1 root/dev/stdout
ln -s fd/2 root/dev/stderr

cd root
mkdir -p mnt
pivot_root . mnt
umount -l /mnt
exec /bin/sh -c "$3" init "$2"
`

/**
 * The first process of a machine: there is no systemd, so it runs what Google's units would. SIGTERM, or anything that
 * \`poweroff\` writes where it looks for an init without D-Bus, shuts the machine down. $1 is the pid of a relay.
 */
export const initScript = `
others() {
  found=''
  for process in /proc/[0-9]*; do
    # All relays are one program of the host, and have to stay to the last.
    [ "$process" = /proc/1 ] || [ "$process/exe" -ef "/proc/$relay/exe" ] || found="$found \${process#/proc/}"
  done
  [ -n "$found" ]
}

shut_down() {
  trap '' TERM
  google_metadata_script_runner shutdown
  # shellcheck disable=SC2086 # a list of numbers
  if others; then kill -TERM $found 2>/dev/null; fi
  while others; do sleep 0.05; done
  exit 0
}

relay=$1
trap shut_down TERM
mkfifo -m 600 /run/initctl
echo on >&3
exec 3>&-
/usr/sbin/sshd >&2
google_guest_agent >&2 &
google_metadata_script_runner startup &
head -c 1 /run/initctl >/dev/null &
wait "$!"
shut_down
`

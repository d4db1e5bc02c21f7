#!/bin/busybox sh
# First process of the guest: the host's files (read-only, over 9p) under a layer of memory, then /mnt/out/guest-init.
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
@LOAD_MODULES@
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro host /host || exec poweroff -f
mount -t tmpfs -o size=80% tmpfs /changes; mkdir /changes/upper /changes/work
mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work overlay /newroot || exec poweroff -f
mkdir -p /newroot/mnt/out
mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none out /newroot/mnt/out
mount --move /proc /newroot/proc; mount --move /sys /newroot/sys; mount --move /dev /newroot/dev
mkdir -p /newroot/dev/pts /newroot/dev/shm
mount -t devpts devpts /newroot/dev/pts; mount -t tmpfs shm /newroot/dev/shm; mount -t tmpfs run /newroot/run
ln -s /proc/self/fd /newroot/dev/fd
exec switch_root /newroot /mnt/out/guest-init

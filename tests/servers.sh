#!/bin/sh
# Installs the servers that the tests start themselves, where that can be done without asking:
# sshd (git over ssh), tmux, docker-registry, etcd, openssl, dockerd and a static busybox for its images,
# and a browser that looks at the pages.
# What is missing in the end is skipped by its tests, with the reason.
set -u
missing=""
for pair in sshd:openssh-server tmux:tmux docker-registry:docker-registry etcd:etcd-server openssl:openssl \
    dockerd:docker.io busybox:busybox-static ip:iproute2 \
    chromium:chromium; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || [ -x "/usr/sbin/${pair%%:*}" ] || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    # RUNLEVEL=1: the packages' own services are not started, the tests start theirs.
    apt-get update -qq && RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Not installed, their tests are skipped:$missing"
fi
exit 0

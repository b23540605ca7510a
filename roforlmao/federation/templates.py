"""The texts of the files that start a cluster; doubled braces are the files' own."""

from __future__ import annotations

from typing import Final

CERTIFICATES: Final = """#!/bin/sh
# Makes the authority of the cluster, a certificate for each member, and one for {operator}.
#   ./certificates.sh               once
#   ./certificates.sh client NAME   for each further operator: hand NAME.crt and NAME.key to them alone
# ca.key signs certificates and stays with you; no launcher and no member needs it.
set -eu
umask 077
cd "$(dirname "$0")"

sign() {{ # name, its extensions, and what signs it
    name=$1 extensions=$2
    shift 2
    [ ! -e "$name.key" ] || {{ echo "$name.key is there already; nothing was changed." >&2; exit 1; }}
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \\
        -subj "/CN=$name" -keyout "$name.key" -out "$name.csr"
    printf '%s\\n' "$extensions" | tr '|' '\\n' > "$name.ext"
    openssl x509 -req -in "$name.csr" -extfile "$name.ext" -out "$name.crt" "$@"
    rm "$name.csr" "$name.ext"
}}

signed() {{ # name, its extensions
    sign "$1" "$2" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825
}}

member() {{ # name, its addresses
    signed "$1" "subjectAltName=$2|extendedKeyUsage=serverAuth,clientAuth|keyUsage=digitalSignature"
}}

client() {{ # name
    case $1 in
        '' | -* | .* | *[!A-Za-z0-9._-]*) echo "'$1' cannot be an operator's name." >&2; exit 1 ;;
    esac
    signed "$1" "extendedKeyUsage=clientAuth|keyUsage=digitalSignature"
}}

if [ "${{1:-}}" = client ]; then
    client "${{2:-}}"
    exit
fi
sign ca "basicConstraints=critical,CA:TRUE|keyUsage=critical,keyCertSign,cRLSign" -signkey ca.key -days 3650
{members}
client {operator}
"""

SCRIPT: Final = """#!/bin/sh
# Starts member {name} here, in the foreground; its data goes beside this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec etcd \\
    {flags}
"""

UNIT: Final = """# /etc/systemd/system/roforlmao-etcd.service on the host of member {name}
[Unit]
Description=etcd member {name} of a roforlmao federation
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
User=etcd
StateDirectory=roforlmao-etcd
ExecStart=/usr/bin/etcd \\
    {flags}
Restart=always
RestartSec=5
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""

COMPOSE: Final = """# docker compose -f THIS up -d, in place of the systemd unit
services:
  etcd:
    image: quay.io/coreos/etcd:v3.4.34
    network_mode: host
    restart: always
    command:
      - /usr/local/bin/etcd
{flags}
    volumes:
      - {files}:{files}:ro
      - {data}:{data}
"""

README: Final = """A cluster for a federation
==========================

1. ./certificates.sh
2. Bring to each host its files, over a way that you trust (scp):
{hosts}
3. Start each member: ./etcd-NAME.sh to try it. To stay, put ca.crt, NAME.crt and NAME.key below
   {files} (readable for the user that runs etcd), and install
   etcd-NAME.service, or compose-NAME.yml with {data} for its data.
   A cluster of three begins to answer when two members run.
4. Join it yourself:
   python launcher.py federation join {endpoints} --ca ca.crt --cert {operator}.crt --key {operator}.key
5. Invite others: python launcher.py federation invite
   Each needs a certificate, too: ./certificates.sh client NAME, and NAME.crt and NAME.key are for them
   alone. The invite itself holds no secret.

Keep ca.key where only you can read it. The certificates end after 825 days: make new ones in time.
Who may write what can be limited with etcd's roles: docs/federation.md.
"""

#!/bin/sh
# Makes the secrets of a cluster, each in a file of its own: sh server/deploy/secrets.sh [FOLDER]
# What is there already stays as it is. The folder is for its owner alone; the files in it are
# readable, since each is mounted into containers that run as somebody else.
set -eu
folder=${1:-secrets}

random() {
    head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}
write() {
    [ -e "$folder/$1" ] || printf '%s\n' "$2" >"$folder/$1"
    chmod 644 "$folder/$1"
}

mkdir -p "$folder"
chmod 700 "$folder"
write session_secret "$(random)"
write postgres_password "$(random)"
write database_url "postgres://gloss:$(cat "$folder/postgres_password")@postgres:5432/gloss"
write redis_password "requirepass $(random)"
write redis_url "redis://:$(sed 's/^requirepass //' "$folder/redis_password")@redis:6379"
echo "The secrets are in $folder"

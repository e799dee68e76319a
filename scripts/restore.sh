#!/bin/sh
# Makes the volumes of a Kiln of docker-compose.yml from a copy of scripts/backup.sh. It starts nothing, and refuses to
# write into volumes that exist: `docker compose down -v` deletes them.
#   scripts/restore.sh <folder>
set -eu
[ $# = 1 ] && [ -d "$1" ] || { echo 'give the folder of the copy: scripts/restore.sh <folder>' >&2; exit 1; }
from=$(cd "$1" && pwd)
[ -n "${COMPOSE_FILE:-}" ] || cd "$(dirname "$0")/.."
for volume in objects postgres; do
  gzip -t "$from/$volume.tar.gz" || { echo "$from has no good $volume.tar.gz" >&2; exit 1; }
done
project=$(docker compose config --format json | sed -n 's/^  "name": "\(.*\)",*$/\1/p')
for volume in objects postgres valkey; do
  if docker volume inspect "${project}_$volume" >/dev/null 2>&1; then
    echo "the volume ${project}_$volume exists: docker compose down -v deletes it with its data" >&2
    exit 1
  fi
done
# Makes the containers, and with them the volumes, as Docker Compose labels them. Nothing runs.
docker compose create
image=$(docker inspect --format '{{.Image}}' "$(docker compose ps -q -a api | head -n 1)")
for volume in objects postgres; do
  echo "== restoring $volume"
  gzip -dc "$from/$volume.tar.gz" |
    docker run --rm -i --user 0 --network none --entrypoint tar -v "${project}_$volume:/to" "$image" -C /to -xpf -
done
echo 'restored; docker compose up -d --wait starts it'

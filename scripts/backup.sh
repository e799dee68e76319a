#!/bin/sh
# Copies the records and the objects of a Kiln of docker-compose.yml into a folder, while it is stopped; the copy is
# one archive for each volume. The queue is not copied: it is rebuilt from the records. Also see scripts/restore.sh.
#   scripts/backup.sh <folder>
set -eu
[ $# = 1 ] || { echo 'give the folder of the copy: scripts/backup.sh <folder>' >&2; exit 1; }
mkdir -p "$1"
to=$(cd "$1" && pwd)
[ -z "$(ls -A "$to")" ] || { echo "$to is not empty: give another folder" >&2; exit 1; }
[ -n "${COMPOSE_FILE:-}" ] || cd "$(dirname "$0")/.."
api=$(docker compose ps -q -a api | head -n 1)
[ -n "$api" ] || { echo 'there is no Kiln here: run this where docker compose ps shows it' >&2; exit 1; }
image=$(docker inspect --format '{{.Image}}' "$api")
project=$(docker inspect --format '{{index .Config.Labels "com.docker.compose.project"}}' "$api")
running=$(docker compose ps -q)
start_again() { [ -z "$running" ] || docker compose start; }
trap start_again EXIT
trap 'exit 1' INT TERM

echo '== stopping; calls under way are finished'
docker compose stop
for volume in objects postgres; do
  echo "== copying $volume"
  docker run --rm --user 0 --network none --entrypoint tar -v "${project}_$volume:/from:ro" "$image" -C /from -cf - . |
    gzip -1 > "$to/$volume.tar.gz.part"
  gzip -t "$to/$volume.tar.gz.part"
  mv "$to/$volume.tar.gz.part" "$to/$volume.tar.gz"
done
ls -l "$to"
